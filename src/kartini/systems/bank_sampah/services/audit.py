"""The audit: proves that the books are whole, or names the first wrong row. It reads; it mends nothing."""

from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from django.db import connection
from django.db.models import Case, Exists, F, IntegerField, Min, OuterRef, Q, Sum, Value, When

from kartini.kit import inserts
from kartini.systems.bank_sampah.engine import chart
from kartini.systems.bank_sampah.engine.ledger import Phase
from kartini.systems.bank_sampah.models import (
    Account,
    Deposit,
    DepositLine,
    SaleLine,
    StockCount,
    Transfer,
    Withdrawal,
)
from kartini.systems.bank_sampah.services import deeds
from kartini.systems.bank_sampah.services.deeds import POSTED

RUPIAH, GRAMS = chart.LedgerCode.RUPIAH, chart.LedgerCode.GRAMS


@dataclass(frozen=True)
class Fault:
    """One wrong row: what it is, and what does not fit. No names of people."""

    row: str
    says: str


def audit() -> Iterator[Fault]:
    """Every fault, the most telling first: guards, transfers, deeds, accounts, ledgers, stock.

    PostgreSQL counts first: where it believes a full table to be empty, the joins go row by row for minutes.
    """
    inserts.recount(Account, Transfer, Deposit, DepositLine, SaleLine, StockCount, Withdrawal)
    for check in CHECKS:
        yield from check()


def _guards() -> Iterator[Fault]:
    """What the database was told to refuse, it still refuses: no trigger is away, asleep or another one."""
    migration: Any = import_module("kartini.systems.bank_sampah.migrations.0002_books")
    standing = dict(_rows(STANDING[connection.vendor]))
    for name, statement in migration.triggers(connection.vendor):
        if name not in standing:
            yield Fault(f"trigger {name}", "is missing: the database no longer guards the books")
        elif standing[name] not in (statement, "O", "A"):
            yield Fault(
                f"trigger {name}", "is another one: the database no longer guards the books"
            )
    if connection.vendor == "postgresql":
        bodies = dict(
            _rows("SELECT proname, prosrc FROM pg_proc WHERE proname LIKE 'bank_sampah_%'")
        )
        for name, body in migration.functions("postgresql"):
            if bodies.get(name) != body:
                yield Fault(
                    f"function {name}", "is another one: the database no longer guards the books"
                )


def _rows(query: str) -> list[tuple[str, str]]:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return list(cursor.fetchall())


STANDING = {
    "sqlite": "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'",
    "postgresql": "SELECT tgname, tgenabled::text FROM pg_trigger WHERE NOT tgisinternal",
}
"""Every trigger, and how it stands: what SQLite was told; or whether PostgreSQL has it at work (O, A)."""


def _ties() -> Iterator[Fault]:
    """What settles or reverses must mirror its original, once and never a reversal of a reversal."""
    settles = Q(settles__phase=Phase.PENDING, settles__amount=F("amount")) & Q(
        settles__debit=F("debit"), settles__credit=F("credit")
    )
    reverses = Q(reverses__amount=F("amount"), reverses__reverses=None) & Q(
        reverses__debit=F("credit"), reverses__credit=F("debit"), reverses__phase__in=POSTED
    )
    wrong = Transfer.objects.filter(
        (Q(settles__isnull=False) & ~settles) | (Q(reverses__isnull=False) & ~reverses)
    )
    for transfer in wrong.order_by("pk"):
        yield Fault(f"transfer {transfer.pk}", "does not mirror the transfer that it ends")
    crossed = Transfer.objects.exclude(debit__ledger=F("credit__ledger")).order_by("pk")
    for transfer in crossed:
        yield Fault(f"transfer {transfer.pk}", "goes from one ledger to the other")


def _deeds() -> Iterator[Fault]:
    """Papers and books side by side: each says what the other says, and none stands alone."""
    for paper, booked in deeds.pairs():
        if paper is None and booked is not None:
            yield Fault(f"transfer {booked.first}", f"has no {booked.kind or 'deed'} behind it")
        elif paper is not None:
            said = paper.within or _disagree(paper, booked)
            if said:
                yield Fault(f"{paper.kind} {paper.pk}", said)


def _disagree(paper: deeds.Paper, booked: deeds.Booked | None) -> str:
    """What the books say otherwise; empty when they agree."""
    if booked is not None and booked.kind != paper.kind:
        return f"is booked as {booked.kind}"
    wanted = {name: paper.figures.get(name, 0) for name in deeds.FIGURES}
    found = booked.figures if booked else dict.fromkeys(deeds.FIGURES, 0)
    if wanted != found and paper.kind != "merge":
        return f"says {_few(wanted)}; the books {_few(found)}"
    if booked and (booked.standing if paper.taken_back else booked.reversals):
        return "is marked and booked differently as taken back"
    return ""


def _shapes() -> Iterator[Fault]:
    """Each kind of deed moves between its own kinds of account, and only for its own depositor."""
    original = Transfer.objects.filter(reverses=None)
    seen = original.values_list("kind", "debit__kind", "credit__kind").annotate(first=Min("pk"))
    for kind, debit, credit, first in seen.order_by("first"):
        if (debit, credit) not in chart.SHAPES.get(kind, ()):
            yield Fault(f"transfer {first}", f"a {kind} does not move from {credit} to {debit}")
    for kind, side, paper in (("deposit", "credit", Deposit), ("withdrawal", "debit", Withdrawal)):
        whose: Any = {"pk": OuterRef("deed"), "depositor": OuterRef(f"{side}__depositor")}
        own = Exists(paper.objects.filter(**whose))
        purses = original.filter(kind=kind, **{f"{side}__kind": chart.SAVINGS.code})
        for transfer in purses.exclude(own).order_by("pk"):
            yield Fault(f"transfer {transfer.pk}", f"books a {kind} to another depositor")


def _few(figures: dict[str, int]) -> str:
    return ", ".join(f"{name} {value}" for name, value in figures.items() if value) or "nothing"


def _accounts() -> Iterator[Fault]:
    """Stored totals equal what the transfers give; and no account stands below zero."""
    derived = {side: _derived(side) for side in ("debit", "credit")}
    nothing = (0, 0)
    for account in Account.objects.order_by("pk").iterator():
        given = (
            *derived["debit"].get(account.pk, nothing),
            *derived["credit"].get(account.pk, nothing),
        )
        stored = (
            account.debits_posted,
            account.debits_pending,
            account.credits_posted,
            account.credits_pending,
        )
        row = f"account {account.pk} ({account.kind})"
        if stored != given:
            yield Fault(row, f"stores {stored}; its transfers give {given}")
        elif account.side != "free" and account.available < 0:
            yield Fault(row, "stands below zero")


def _derived(side: str) -> dict[int, tuple[int, int]]:
    """Posted and pending per account, from the transfers alone."""

    def only(*phases: str, sign: int = 1) -> Any:
        return Case(
            When(phase__in=phases, then=sign * F("amount")),
            default=Value(0),
            output_field=IntegerField(),
        )

    sums = Transfer.objects.values(side).annotate(
        posted=Sum(only(*POSTED)),
        held=Sum(only(Phase.PENDING)),
        settled=Sum(only(Phase.POST, Phase.VOID)),
    )
    return {
        row[side]: (int(row["posted"]), int(row["held"]) - int(row["settled"]))
        for row in sums.iterator()
    }


def _ledgers() -> Iterator[Fault]:
    for ledger in (RUPIAH, GRAMS):
        sums = Account.objects.filter(ledger=ledger).aggregate(
            debits=Sum(F("debits_posted") + F("debits_pending")),
            credits=Sum(F("credits_posted") + F("credits_pending")),
        )
        if sums["debits"] != sums["credits"]:
            yield Fault(f"ledger {ledger}", f"debits {sums['debits']}, credits {sums['credits']}")


def _stock() -> Iterator[Fault]:
    """Per unit and material: stock = brought + bought − sold ± counted differences (residue among them)."""
    papers: dict[tuple[int, int], int] = {}
    for key, grams in _moved_by_papers():
        papers[key] = papers.get(key, 0) + grams
    stocks = Account.objects.filter(kind=chart.STOCK.code).order_by("unit_id", "material_id")
    for account in stocks:
        said = papers.pop((account.unit_id, account.material_id or 0), 0)
        if said != account.balance:
            yield Fault(
                f"stock of material {account.material_id} at unit {account.unit_id}",
                f"the book holds {account.balance} g; deposits, sales and counts give {said} g",
            )
    for (unit, material), grams in sorted(papers.items()):
        if grams:
            yield Fault(f"stock of material {material} at unit {unit}", f"{grams} g without a book")


def _moved_by_papers() -> Iterator[tuple[tuple[int, int], int]]:
    deposited = DepositLine.objects.filter(deposit__reversed_at=None)
    sold = SaleLine.objects.filter(sale__reversed_at=None)
    sources: tuple[tuple[Any, str, int], ...] = (
        (deposited, "deposit__unit_id", 1),
        (sold, "sale__unit_id", -1),
        (sold.filter(sale__to_unit__isnull=False), "sale__to_unit_id", 1),
    )
    for lines, unit, sign in sources:
        for row in lines.values(unit, "material_id").annotate(total=Sum("grams")):
            yield (row[unit], row["material_id"]), sign * row["total"]
    counts = StockCount.objects.filter(reversed_at=None).values("unit_id", "material_id")
    for row in counts.annotate(total=Sum(F("counted_grams") - F("book_grams"))):
        yield (row["unit_id"], row["material_id"]), row["total"]


CHECKS = (_guards, _ties, _deeds, _shapes, _accounts, _ledgers, _stock)
