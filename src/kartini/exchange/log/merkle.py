"""The tree of RFC 6962 (section 2.1), kept in tiles of 256 hashes as C2SP tlog-tiles lays them.

Tile ``(level, number)`` holds the hashes of subtrees of ``256 ** level`` leaves. Nothing but tiles is stored:
roots and proofs of any earlier size are computed from them.
"""

import hashlib
from collections.abc import Callable, Sequence

HEIGHT = 8
WIDTH = 1 << HEIGHT
HASH = 32
Tile = tuple[int, int]


def hash_leaf(leaf: bytes) -> bytes:
    return hashlib.sha256(b"\x00" + leaf).digest()


def hash_node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def split(size: int) -> int:
    """The largest power of two below ``size``: where RFC 6962 parts a tree."""
    return 1 << (size - 1).bit_length() - 1


class Tree:
    """A tree whose tiles are read by ``read(level, number)``. Each tile is read once."""

    def __init__(self, read: Callable[[int, int], bytes]) -> None:
        self._read = read
        self._tiles: dict[Tile, bytes] = {}

    def root(self, size: int) -> bytes:
        return self._range(0, size) if size else hashlib.sha256().digest()

    def inclusion(self, index: int, size: int) -> list[bytes]:
        """PATH(m, D[n]): what to hash a leaf with to reach the root."""
        if not 0 <= index < size:
            raise IndexError(index)
        return self._path(index, 0, size)

    def consistency(self, old: int, new: int) -> list[bytes]:
        """PROOF(m, D[n]): that the tree of size ``new`` begins with the tree of size ``old``."""
        if not 0 < old <= new:
            raise IndexError(old)
        return self._proof(old, 0, new, whole=True)

    def extend(self, size: int, leaves: Sequence[bytes]) -> dict[Tile, bytes]:
        """Append leaf hashes to a tree of ``size``; returns the tiles that changed."""
        changed: dict[Tile, bytes] = {}
        level, position, fresh = 0, size, list(leaves)
        while fresh:
            parents, parent_position = [], position >> HEIGHT
            while fresh:
                number, filled = divmod(position, WIDTH)
                part, fresh = fresh[: WIDTH - filled], fresh[WIDTH - filled :]
                held = self._tile(level, number)[: filled * HASH] if filled else b""
                self._tiles[level, number] = changed[level, number] = held + b"".join(part)
                position += len(part)
                if filled + len(part) == WIDTH:
                    parents.append(self._node(level * HEIGHT + HEIGHT, number))
            level, position, fresh = level + 1, parent_position, parents
        return changed

    def _tile(self, level: int, number: int) -> bytes:
        if (level, number) not in self._tiles:
            self._tiles[level, number] = self._read(level, number)
        return self._tiles[level, number]

    def _node(self, level: int, index: int) -> bytes:
        """The hash of the full subtree of ``2 ** level`` leaves that is the ``index``-th of its kind."""
        row, above = divmod(level, HEIGHT)
        if above == 0:
            number, place = divmod(index, WIDTH)
            found = self._tile(row, number)[place * HASH : (place + 1) * HASH]
            if len(found) == HASH:
                return found
            row, above = row - 1, HEIGHT
        number, place = divmod(index << above, WIDTH)
        tile = self._tile(row, number)
        hashes = [tile[at * HASH : (at + 1) * HASH] for at in range(place, place + (1 << above))]
        while len(hashes) > 1:
            hashes = [hash_node(*hashes[at : at + 2]) for at in range(0, len(hashes), 2)]
        return hashes[0]

    def _range(self, low: int, size: int) -> bytes:
        """MTH(D[low:low + size]) where ``low`` is a multiple of the next power of two."""
        if size & (size - 1) == 0:
            level = size.bit_length() - 1
            return self._node(level, low >> level)
        k = split(size)
        return hash_node(self._range(low, k), self._range(low + k, size - k))

    def _path(self, index: int, low: int, size: int) -> list[bytes]:
        if size == 1:
            return []
        k = split(size)
        if index < k:
            return [*self._path(index, low, k), self._range(low + k, size - k)]
        return [*self._path(index - k, low + k, size - k), self._range(low, k)]

    def _proof(self, old: int, low: int, size: int, *, whole: bool) -> list[bytes]:
        if old == size:
            return [] if whole else [self._range(low, size)]
        k = split(size)
        if old <= k:
            return [*self._proof(old, low, k, whole=whole), self._range(low + k, size - k)]
        return [*self._proof(old - k, low + k, size - k, whole=False), self._range(low, k)]
