"""Files at rest: opened whole or not at all."""

import io

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from kartini.office.sealing import HEAD, PIECE, seal, unseal
from kartini.people.sealing import SealBroken


def sealed(content: bytes) -> bytes:
    return b"".join(seal(iter([content])))


def opened(content: bytes) -> bytes:
    return b"".join(unseal(io.BytesIO(content)))


@hypothesis_settings(deadline=None)
@given(st.binary(max_size=300), st.integers(0, 3), st.integers(-1, 1))
def test_what_was_sealed_opens_again(content: bytes, pieces: int, more: int) -> None:
    content = (content + bytes(pieces * PIECE))[: max(0, pieces * PIECE + more) or None]
    assert opened(sealed(content)) == content


@hypothesis_settings(deadline=None)
@given(st.data())
def test_any_changed_byte_is_noticed(data: st.DataObject) -> None:
    whole = bytearray(sealed(bytes(PIECE + 20)))
    whole[data.draw(st.integers(0, len(whole) - 1))] ^= data.draw(st.integers(1, 255))
    with pytest.raises(SealBroken):
        opened(bytes(whole))


def test_pieces_cannot_be_cut_off_swapped_or_repeated() -> None:
    whole = sealed(bytes(3 * PIECE))
    step = PIECE + 16
    head, pieces = whole[:HEAD], [whole[HEAD + n * step : HEAD + (n + 1) * step] for n in range(3)]
    for order in ([0, 1], [1, 0, 2], [0, 1, 1, 2], [2], []):
        with pytest.raises(SealBroken):
            opened(head + b"".join(pieces[n] for n in order))
