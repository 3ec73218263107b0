"""The tree against the vectors of Certificate Transparency and against pymerkle."""

from typing import Any

import pymerkle
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pymerkle import core

import kartini_verify
from kartini.exchange.log.merkle import Tree, hash_leaf

judge: Any = pymerkle
layout: Any = core._inclusion_path_layout

CT_LEAVES = [
    bytes.fromhex(leaf)
    for leaf in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
CT_ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
CT_CONSISTENCY: dict[tuple[int, int], list[str]] = {
    (1, 1): [],
    (1, 8): [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ],
    (6, 8): [
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ],
    (2, 5): [
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ],
}


class Forest:
    """A tree grown in steps, each step with a fresh reader, as the sealer does it."""

    def __init__(self, steps: list[int]) -> None:
        self.tiles: dict[tuple[int, int], bytes] = {}
        self.leaves: list[bytes] = []
        for step in steps:
            fresh = [str(len(self.leaves) + i).encode() for i in range(step)]
            hashes = [hash_leaf(leaf) for leaf in fresh]
            self.tiles |= self.tree.extend(len(self.leaves), hashes)
            self.leaves += fresh

    @property
    def tree(self) -> Tree:
        return Tree(lambda level, number: self.tiles.get((level, number), b""))


@pytest.fixture(scope="module")
def forest() -> Forest:
    return Forest([1, 2, 250, 3, 1, 255, 256, 512, 700, 64_000, 200])


def test_roots_and_proofs_are_those_of_certificate_transparency() -> None:
    tree = Tree(lambda _level, _number: b"")
    tree.extend(0, [hash_leaf(leaf) for leaf in CT_LEAVES])
    assert [tree.root(size).hex() for size in range(9)] == CT_ROOTS
    for sizes, proof in CT_CONSISTENCY.items():
        assert [step.hex() for step in tree.consistency(*sizes)] == proof


def test_the_verifier_grows_the_same_roots() -> None:
    growing = kartini_verify.Growing()
    roots = [growing.root().hex()]
    for leaf in CT_LEAVES:
        growing.append(hash_leaf(leaf))
        roots.append(growing.root().hex())
    assert roots == CT_ROOTS


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_inclusion_is_accepted_by_foreign_judges(forest: Forest, data: st.DataObject) -> None:
    size = data.draw(st.integers(1, len(forest.leaves)))
    index = data.draw(st.integers(0, size - 1))
    leaf, path = hash_leaf(forest.leaves[index]), forest.tree.inclusion(index, size)
    root = forest.tree.root(size)
    rule, _layout = layout(index + 1, size)
    judge.InclusionProof("sha256", True, size, index + 1, rule, [leaf, *path]).verify(leaf, root)
    assert kartini_verify.includes(leaf, index, size, path, root)
    assert not kartini_verify.includes(hash_leaf(b"other"), index, size, path, root)


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_consistency_is_accepted_by_the_verifier(forest: Forest, data: st.DataObject) -> None:
    new = data.draw(st.integers(1, len(forest.leaves)))
    old = data.draw(st.integers(1, new))
    path = forest.tree.consistency(old, new)
    roots = forest.tree.root(old), forest.tree.root(new)
    assert kartini_verify.extends(old, new, path, *roots)
    assert old == new or not kartini_verify.extends(old, new, path, roots[1], roots[0])


def test_pymerkle_grows_the_same_tree() -> None:
    theirs = judge.InmemoryTree(algorithm="sha256")
    ours = Forest([300])
    for leaf in ours.leaves:
        theirs.append_entry(leaf)
    for size in (1, 2, 3, 255, 256, 257, 300):
        assert theirs.get_root(size) == ours.tree.root(size)
