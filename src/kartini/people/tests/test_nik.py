from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kartini.people import nik
from kartini.people.nik import NikMalformed


def spell(area: int, born: date, woman: bool, serial: int) -> str:
    return f"{area:06}{born.day + 40 * woman:02}{born.month:02}{born.year % 100:02}{serial:04}"


niks = st.builds(
    spell,
    st.integers(110101, 999999),
    st.dates(date(1920, 1, 1), date(2026, 12, 31)),
    st.booleans(),
    st.integers(1, 9999),
)


@given(
    area=st.integers(110101, 999999),
    born=st.dates(date(1920, 1, 1), date(2026, 12, 31)),
    woman=st.booleans(),
    serial=st.integers(1, 9999),
)
def test_a_nik_says_birth_date_and_sex(area: int, born: date, woman: bool, serial: int) -> None:
    digits = nik.clean(spell(area, born, woman, serial))
    assert nik.doubts(digits, birth_on=born, sex="F" if woman else "M") == []
    assert nik.doubts(digits, sex="M" if woman else "F") == ["sex"]


@given(niks)
def test_spaces_dots_and_dashes_do_not_matter(digits: str) -> None:
    assert nik.clean(f" {digits[:4]} {digits[4:8]}.{digits[8:12]}-{digits[12:]} ") == digits


@given(st.text(max_size=40))
def test_whatever_is_typed_it_is_a_nik_or_malformed(typed: str) -> None:
    try:
        digits = nik.clean(typed)
    except NikMalformed:
        return
    assert len(digits) == 16
    assert digits.isascii()


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("332011620495900", "length"),
        ("33201162049590021", "length"),
        ("33201162O4959002", "letters"),
        ("٣٣٢٠١١٦٢٠٤٩٥٩٠٠٢", "letters"),
        ("", "letters"),
        ("3320113204959002", "date"),
        ("3320117204959002", "date"),
        ("3320116213959002", "date"),
        ("3320116204950000", "serial"),
    ],
)
def test_what_is_no_nik_by_form_is_refused_with_the_reason(typed: str, reason: str) -> None:
    with pytest.raises(NikMalformed) as refused:
        nik.clean(typed)
    assert refused.value.reason == reason


def test_the_century_is_open() -> None:
    assert nik.spelled("3320112204109002").born == (date(1910, 4, 22), date(2010, 4, 22))


def test_only_the_ends_of_a_nik_are_shown() -> None:
    assert nik.masked("3320116204959002") == "3320 •••• •••• 9002"
