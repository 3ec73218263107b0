"""Opening balances: real spreadsheets, read without guessing, taken over and undone as a whole."""

import io
import uuid
from datetime import UTC, date, datetime
from typing import Any

import openpyxl
import pytest

from kartini.systems.bank_sampah.engine import sheet
from kartini.systems.bank_sampah.models import Account, Depositor
from kartini.systems.bank_sampah.services import opening, withdrawals
from kartini.systems.bank_sampah.services.audit import audit
from kartini.systems.bank_sampah.tests.conftest import SATURDAY, Bank

TODAY = date(2026, 11, 21)


def a_book(*rows: tuple[Any, ...], heads: tuple[str, ...] = ("No", "Nama", "Saldo")) -> bytes:
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    page.append(["Buku tabungan Bank Sampah Melati"])
    page.append(heads)
    for row in rows:
        page.append(row)
    kept = io.BytesIO()
    book.save(kept)
    return kept.getvalue()


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (1250000, 1250000), (1250000.0, 1250000), ("1.250.000", 1250000), ("1,250,000", 1250000), ("Rp 1.250.000,-", 1250000),
        ("rp1.250.000,00", 1250000), ("1,250,000.00", 1250000), ("125 ribu", 125000), ("1,2 jt", 1200000), ("1.250", 1250),
        ("0", 0), ("50rb", 50000),
    ],
)  # fmt: skip
def test_rupiah_are_read_as_treasurers_write_them(written: Any, expected: int) -> None:
    assert sheet.rupiah(written) == expected


@pytest.mark.parametrize("written", ["1.25", "12,5", None, "", "seribu", "1.2.3", "1.250,000.00", 12.5, True, "1.250 jt", "=A1"])  # fmt: skip
def test_what_could_be_read_in_two_ways_is_not_read(written: Any) -> None:
    with pytest.raises(sheet.Unclear):
        sheet.rupiah(written)


@pytest.mark.parametrize("written", ["31/12/2025", "31-12-25", "2025-12-31", "31 Des 2025", "31 desember 2025", datetime(2025, 12, 31, tzinfo=UTC)])  # fmt: skip
def test_days_are_read_day_first(written: Any) -> None:
    assert sheet.day(written) == date(2025, 12, 31)


def test_faults_are_named_with_their_cells_and_nothing_is_taken(bank: Bank) -> None:
    content = a_book((7, "Bu Tarmi", "1.2.3"), (8, "", 5000), (8, "Pak Gito", -5), (1, "Orang lain", 500))  # fmt: skip
    report = opening.look(unit=bank.unit, content=content, today=TODAY)
    found = [(f.row, f.column, f.why) for f in report.faults]
    assert found == [
        (3, "balance", "unclear"), (4, "name", "empty"), (5, "balance", "negative"), (5, "number", "twice"),
        (6, "number", "twice"),
    ]  # fmt: skip
    with pytest.raises(opening.HasFaults):
        take(bank, content)
    assert Depositor.objects.count() == 3


def take(bank: Bank, content: bytes) -> Any:
    return opening.take_over(
        id=uuid.uuid4(), unit=bank.unit, file_name="buku.xlsx", content=content, booked_on=TODAY, by=bank.manager, at=SATURDAY
    )  # fmt: skip


def test_old_books_are_taken_over_once_and_undone_whole(bank: Bank) -> None:
    content = a_book(
        (1, "Sri Rahayu", "Rp 150.000"), (None, "Bu Tarmi", 75_500), ("MLT-0020", "SDN 2", 0)
    )
    batch = take(bank, content)
    saved = {
        d.name: a.balance for a in Account.objects.filter(kind="savings") if (d := a.depositor)
    }
    assert saved == {"Sri Rahayu": 150_000, "Bu Tarmi": 75_500, "SDN 2": 0}
    with pytest.raises(opening.AlreadyTaken):
        take(bank, content)
    opening.undo(batch=batch, by=bank.second, at=SATURDAY, today=TODAY)
    assert {a.balance for a in Account.objects.filter(kind="savings")} == {0}
    assert set(Depositor.objects.saving().values_list("name", flat=True)) == {
        "Sri Rahayu", "Slamet Riyadi", "Umi Kulsum",
    }  # fmt: skip
    with pytest.raises(opening.CannotUndo):
        opening.undo(batch=batch, by=bank.second, at=SATURDAY, today=TODAY)
    assert list(audit()) == []


def test_what_was_spent_cannot_be_undone(bank: Bank) -> None:
    batch = take(bank, a_book((1, "Sri Rahayu", 150_000)))
    withdrawals.ask(id=uuid.uuid4(), depositor=bank.depositor(), amount_rupiah=20_000, by=bank.manager, at=SATURDAY)  # fmt: skip
    with pytest.raises(opening.CannotUndo):
        opening.undo(batch=batch, by=bank.second, at=SATURDAY, today=TODAY)


@pytest.mark.parametrize(
    "content", [b"", b"PK\x03\x04broken", b"nama;saldo\nx;1", b"x" * 5_000_001]
)
def test_a_file_that_is_no_sheet_is_refused(bank: Bank, content: bytes) -> None:
    with pytest.raises(sheet.NotASheet):
        opening.look(unit=bank.unit, content=content, today=TODAY)
