"""Weights are read as people write them, and never guessed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kartini.systems.bank_sampah.engine.weights import NotAWeight, grams, worth


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("2,5", 2500), ("2.5", 2500), ("12", 12000), (" 0,25 kg", 250), ("0.250", 250), ("9,000", 9000),
        ("9,0", 9000), ("1.25", 1250), ("0", 0), ("2,5000", 2500),
    ],
)  # fmt: skip
def test_a_weight_is_read_as_written(written: str, expected: int) -> None:
    assert grams(written) == expected


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("9.000", "ambiguous"), ("", "empty"), ("-3", "negative"), ("−3 kg", "negative"), ("tiga", "letters"),
        ("1.000,5", "letters"), ("2,5,5", "letters"), ("0,0004", "finer-than-a-gram"), ("٣", "letters"), ("99999999", "letters"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_says_why(written: str, reason: str) -> None:
    with pytest.raises(NotAWeight) as refused:
        grams(written)
    assert refused.value.reason == reason


@given(st.integers(0, 9_999_999))
def test_every_weight_survives_being_written_with_a_comma(weight: int) -> None:
    assert grams(f"{weight // 1000},{weight % 1000:03}") == weight


@given(st.integers(0, 10**7), st.integers(0, 10**6))
def test_worth_is_off_by_half_a_rupiah_at_most(weight: int, price: int) -> None:
    assert abs(worth(weight, price) * 1000 - weight * price) <= 500
