"""The audit: proves that the books are whole, or names the first wrong row. It reads; it mends nothing."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from django.db import connection, models
from django.db.models import Case, Exists, F, IntegerField, OuterRef, Q, Subquery, Sum, Value, When
from django.db.models.functions import Coalesce

from kartini.systems.bank_sampah.engine import chart
from kartini.systems.bank_sampah.engine.ledger import Phase
from kartini.systems.bank_sampah.models import (
    Account,
    CashMove,
    Deposit,
    DepositLine,
    Merge,
    OpeningBalance,
    Sale,
    SaleLine,
    StockCount,
    Transfer,
    Withdrawal,
)

POSTED = (Phase.SINGLE, Phase.POST)
RUPIAH, GRAMS = chart.LedgerCode.RUPIAH, chart.LedgerCode.GRAMS


@dataclass(frozen=True)
class Fault:
    """One wrong row: what it is, and what does not fit. No names of people."""

    row: str
    says: str


def audit() -> Iterator[Fault]:
    """Every fault, the most telling first: guards, transfers, deeds, accounts, ledgers, stock."""
    for check in CHECKS:
        yield from check()


def _guards() -> Iterator[Fault]:
    migration: Any = import_module("kartini.systems.bank_sampah.migrations.0002_books")
    table, column = {
        "sqlite": ("sqlite_master", "name"),
        "postgresql": ("pg_trigger", "tgname"),
    }[connection.vendor]
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {column} FROM {table}")  # noqa: S608 — both names are ours
        standing = {name for (name,) in cursor.fetchall()}
    for name in migration.names(connection.vendor):
        if name not in standing:
            yield Fault(f"trigger {name}", "is missing: the database no longer guards the books")


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


def _orphans() -> Iterator[Fault]:
    """Every transfer has a deed."""
    for kind, deed in PAPERS.items():
        has = Exists(deed.objects.filter(pk=OuterRef("deed")))  # type: ignore[attr-defined]
        for transfer in Transfer.objects.filter(~has, kind=kind).order_by("pk"):
            yield Fault(f"transfer {transfer.pk}", f"has no {kind} behind it")
    known = [*PAPERS, "cash-count", "reversal"]
    for transfer in Transfer.objects.exclude(kind__in=known).order_by("pk"):
        yield Fault(f"transfer {transfer.pk}", f"is of an unknown kind: {transfer.kind}")
    for transfer in Transfer.objects.filter(kind="reversal", reverses=None).order_by("pk"):
        yield Fault(f"transfer {transfer.pk}", "reverses nothing")


def _sum(ledger: str, **only: Any) -> Any:
    """What the books moved for a deed in one ledger, reversals aside."""
    moved = Transfer.objects.filter(
        deed=OuterRef("pk"), debit__ledger=ledger, reverses=None, **only
    )
    total = moved.values("deed").annotate(total=Sum("amount")).values("total")
    return Coalesce(Subquery(total), Value(0), output_field=models.BigIntegerField())


def _deposits() -> Iterator[Fault]:
    lines = DepositLine.objects.filter(deposit=OuterRef("pk")).values("deposit")
    rows = Deposit.objects.annotate(
        rupiah=_sum(RUPIAH, kind="deposit"),
        grams=_sum(GRAMS, kind="deposit"),
        line_rupiah=Coalesce(Subquery(lines.annotate(s=Sum("rupiah")).values("s")), Value(0)),
        line_grams=Coalesce(Subquery(lines.annotate(s=Sum("grams")).values("s")), Value(0)),
    )
    right = Q(rupiah=F("total_rupiah"), grams=F("total_grams")) & Q(
        line_rupiah=F("total_rupiah"), line_grams=F("total_grams")
    )
    for row in rows.exclude(right).order_by("received_at", "pk"):
        yield _unequal("deposit", row)


def _sales() -> Iterator[Fault]:
    lines = SaleLine.objects.filter(sale=OuterRef("pk")).values("sale")
    rows = Sale.objects.annotate(
        rupiah=_sum(RUPIAH, kind="sale", credit__kind=chart.TRADE.code),
        grams=_sum(GRAMS, kind="sale"),
        line_rupiah=Coalesce(Subquery(lines.annotate(s=Sum("rupiah")).values("s")), Value(0)),
        line_grams=Coalesce(Subquery(lines.annotate(s=Sum("grams")).values("s")), Value(0)),
    )
    right = Q(rupiah=F("total_rupiah"), grams=F("total_grams")) & Q(
        line_rupiah=F("total_rupiah"), line_grams=F("total_grams")
    )
    for row in rows.exclude(right).order_by("sold_at", "pk"):
        yield _unequal("sale", row)


def _unequal(kind: str, row: Any) -> Fault:
    return Fault(
        f"{kind} {row.pk}",
        f"says {row.total_rupiah} rupiah and {row.total_grams} g; its lines {row.line_rupiah} and "
        f"{row.line_grams}; the books {row.rupiah} and {row.grams}",
    )


def _withdrawals() -> Iterator[Fault]:
    """Open ones are held; paid ones are paid once; the others hold nothing."""
    rows = Withdrawal.objects.annotate(
        asked=_sum(RUPIAH, phase=Phase.PENDING),
        paid=_sum(RUPIAH, phase=Phase.POST),
        free=_sum(RUPIAH, phase=Phase.VOID),
        handed=_sum(RUPIAH, phase=Phase.SINGLE, kind="withdrawal"),
    )
    amount = F("amount_rupiah")
    right = (
        Q(state__in=["asked", "approved"], asked=amount, paid=0, free=0, handed=0)
        | Q(state="paid", asked=amount, paid=amount, free=0, handed=amount)
        | Q(state__in=["refused", "voided"], asked=amount, paid=0, free=amount, handed=0)
    )
    for row in rows.exclude(right).order_by("asked_at", "pk"):
        yield Fault(
            f"withdrawal {row.pk}",
            f"is {row.state} over {row.amount_rupiah}; the books hold {row.asked}, paid {row.paid} "
            f"and {row.handed}, freed {row.free}",
        )


def _single_amounts() -> Iterator[Fault]:
    """Counts, cash moves and opening balances: each is one transfer of its own amount."""
    gap = F("counted_grams") - F("book_grams")
    size = Case(When(counted_grams__gt=F("book_grams"), then=gap), default=-gap)
    wanted: list[tuple[str, Any, Any]] = [
        ("count", StockCount.objects.annotate(wanted=size, booked=_sum(GRAMS)), "counted_at"),
        (
            "cash-move",
            CashMove.objects.annotate(wanted=F("amount_rupiah"), booked=_sum(RUPIAH)),
            "moved_at",
        ),
        (
            "opening",
            OpeningBalance.objects.annotate(wanted=F("amount_rupiah"), booked=_sum(RUPIAH)),
            "row",
        ),
    ]
    for kind, rows, order in wanted:
        for row in rows.exclude(wanted=F("booked")).order_by(order, "pk"):
            yield Fault(f"{kind} {row.pk}", f"says {row.wanted}; the books {row.booked}")


def _reversals() -> Iterator[Fault]:
    """A deed is marked as taken back if and only if each of its transfers was reversed."""
    for kind in ("deposit", "sale", "withdrawal", "count", "cash-move"):
        standing = Exists(
            Transfer.objects.filter(
                deed=OuterRef("pk"), phase__in=POSTED, reverses=None, reversed_by=None
            )
        )
        back = Exists(Transfer.objects.filter(deed=OuterRef("pk"), reverses__isnull=False))
        rows = PAPERS[kind].objects.annotate(standing=standing, back=back)  # type: ignore[attr-defined]
        wrong = Q(reversed_at=None, back=True) | Q(reversed_at__isnull=False, standing=True)
        for row in rows.filter(wrong).order_by("pk"):
            yield Fault(f"{kind} {row.pk}", "is marked and booked differently as taken back")


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


PAPERS: dict[str, type[models.Model]] = {
    "deposit": Deposit,
    "withdrawal": Withdrawal,
    "sale": Sale,
    "count": StockCount,
    "cash-move": CashMove,
    "merge": Merge,
    "opening": OpeningBalance,
}
CHECKS: tuple[Callable[[], Iterator[Fault]], ...] = (
    _guards, _ties, _orphans, _deposits, _sales, _withdrawals, _single_amounts, _reversals, _accounts, _ledgers, _stock,
)  # fmt: skip
