from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest

from kartini.kit import formats

JAKARTA = timezone(timedelta(hours=7), "WIB")
NOW = datetime(2026, 11, 27, 9, 14, tzinfo=JAKARTA)


@pytest.mark.parametrize(
    ("value", "indonesian", "english"),
    [
        (1_250_000, "Rp 1.250.000", "Rp 1,250,000"),
        (0, "Rp 0", "Rp 0"),
        (-5_000, "−Rp 5.000", "−Rp 5,000"),
        (None, "–", "–"),
    ],
)
def test_money_is_written_as_the_bank_writes_it(
    value: int | None, indonesian: str, english: str
) -> None:
    assert formats.rupiah(value) == indonesian
    assert formats.rupiah(value, language="en") == english


@pytest.mark.parametrize(
    ("value", "places", "written"),
    [
        (2418, None, "2.418"),
        (Decimal("94.2"), None, "94,2"),
        (18.6, 1, "18,6"),
        (Decimal("0.005"), 2, "0,01"),
        (1e21, None, "1.000.000.000.000.000.000.000"),
        (float("nan"), None, "–"),
        (Decimal("1E+3"), None, "1.000"),
        (-0.04, 1, "0,0"),
    ],
)
def test_a_number_has_points_for_thousands_and_a_comma(
    value: float, places: int | None, written: str
) -> None:
    assert formats.number(value, places) == written


def test_a_day_is_written_out() -> None:
    day = date(2026, 11, 24)
    assert formats.long_date(day) == "24 November 2026"
    assert formats.long_date(day, weekday=True) == "Selasa, 24 November 2026"
    assert formats.long_date(date(2026, 5, 1), language="en") == "1 May 2026"
    assert formats.long_date(None) == "–"


def test_a_moment_names_its_zone() -> None:
    assert formats.moment(NOW) == "27 November 2026, 09.14 WIB"
    assert formats.moment(NOW, language="en") == "27 November 2026, 09:14 WIB"
    in_bali = NOW.astimezone(timezone(timedelta(hours=8)))
    assert formats.clock(in_bali) == "10.14 WITA"
    assert formats.clock(NOW.astimezone(UTC)) == "02.14 UTC"


@pytest.mark.parametrize(
    ("before", "indonesian", "english"),
    [
        (timedelta(seconds=20), "baru saja", "just now"),
        (timedelta(minutes=4), "4 menit lalu", "4 minutes ago"),
        (timedelta(hours=1), "1 jam lalu", "1 hour ago"),
        (timedelta(days=1), "kemarin", "yesterday"),
        (timedelta(days=3), "3 hari lalu", "3 days ago"),
        (timedelta(days=-5), "5 hari lagi", "in 5 days"),
        (timedelta(days=-1), "besok", "tomorrow"),
        (timedelta(days=70), "2 bulan lalu", "2 months ago"),
        (timedelta(days=800), "2 tahun lalu", "2 years ago"),
    ],
)
def test_age_is_told_in_the_largest_fitting_unit(
    before: timedelta, indonesian: str, english: str
) -> None:
    assert formats.ago(NOW - before, NOW) == indonesian
    assert formats.ago(NOW - before, NOW, language="en") == english


def test_the_age_of_a_day_does_not_depend_on_the_hour() -> None:
    assert formats.ago(date(2026, 11, 27), NOW) == "hari ini"
    assert formats.ago(date(2026, 11, 26), NOW) == "kemarin"


def test_a_nik_shows_its_ends_only() -> None:
    assert formats.masked_nik("3320116204950002") == "3320 •••• •••• 0002"
    assert formats.masked_nik("3320") == "–"


def test_a_file_size_is_round() -> None:
    assert formats.file_size(238_112) == "238 KB"
    assert formats.file_size(1_240_000) == "1,2 MB"
    assert formats.file_size(3) == "1 KB"


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("Siti Nur Aisyah", "SA"),
        ("dr. Ratna Kusumaningrum", "RK"),
        ("Bambang Wicaksono, S.H.", "BW"),
        ("siti", "S"),
        ("", "?"),
    ],
)
def test_an_avatar_has_two_letters(name: str, letters: str) -> None:
    assert formats.initials(name) == letters
