import stat

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kartini.people import sealing
from kartini.people.sealing import Ring, SealBroken

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)
quiet = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)


@quiet
@given(text=texts, context=texts)
def test_what_is_sealed_opens_again(text: str, context: str) -> None:
    assert sealing.unseal(sealing.seal(text, context=context), context=context) == text


@quiet
@given(text=texts, context=texts, other=texts)
def test_a_seal_opens_only_in_its_own_context(text: str, context: str, other: str) -> None:
    sealed = sealing.seal(text, context=context)
    if context != other:
        with pytest.raises(SealBroken):
            sealing.unseal(sealed, context=other)


@quiet
@given(text=texts, where=st.integers(min_value=0), bit=st.integers(0, 7))
def test_one_changed_bit_breaks_the_seal(text: str, where: int, bit: int) -> None:
    sealed = bytearray(sealing.seal(text, context="x"))
    sealed[where % len(sealed)] ^= 1 << bit
    with pytest.raises(SealBroken):
        sealing.unseal(bytes(sealed), context="x")


@quiet
@given(cut=st.integers(0, 40))
def test_a_cut_seal_is_a_broken_seal(cut: int) -> None:
    with pytest.raises(SealBroken):
        sealing.unseal(sealing.seal("3320116204959002", context="x")[:cut], context="x")


@quiet
@given(one=texts, two=texts)
def test_equal_texts_and_only_they_have_equal_indexes(one: str, two: str) -> None:
    assert (sealing.index(one) == sealing.index(two)) == (one == two)


def test_the_same_text_is_never_sealed_to_the_same_bytes() -> None:
    assert sealing.seal("a", context="x") != sealing.seal("a", context="x")


def test_after_a_rotation_the_old_seals_open_and_the_old_indexes_are_found() -> None:
    sealed, found = sealing.seal("a", context="x"), sealing.index("a")
    sealing.keep(sealing.ring().rotated())
    assert sealing.unseal(sealed, context="x") == "a"
    assert not sealing.is_current(sealed)
    assert sealing.index("a") != found
    assert found in sealing.indexes("a")


def test_without_the_old_key_an_old_seal_stays_shut() -> None:
    sealed = sealing.seal("a", context="x")
    sealing.keep(sealing.ring().rotated().only_current())
    with pytest.raises(SealBroken):
        sealing.unseal(sealed, context="x")


def test_the_key_file_is_for_its_owner_alone() -> None:
    sealing.ring()
    assert stat.S_IMODE(sealing.ring_file().stat().st_mode) == 0o600
    assert [file.name for file in sealing.ring_file().parent.iterdir()] == ["sealing.json"]


def test_of_two_rings_made_at_once_the_first_stays() -> None:
    first = sealing.ring()
    sealing._place(sealing.ring_file(), Ring.fresh(), replace=False)
    assert sealing.ring() == first


def test_keys_from_the_environment_need_no_file(settings: object) -> None:
    settings.SEALING_KEYS = Ring.fresh().text()  # type: ignore[attr-defined]
    assert sealing.unseal(sealing.seal("a", context="x"), context="x") == "a"
    assert not sealing.ring_file().exists()
