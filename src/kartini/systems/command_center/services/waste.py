"""The waste banks on the wall: how much was kept from the landfill, and what needs a decision, from facts alone."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Max, Sum
from django.utils import timezone
from django.utils.translation import get_language, gettext, ngettext

from kartini.kit import formats
from kartini.places import names
from kartini.systems.command_center.models import WasteBank, WasteDeposit, WasteHeap, WastePrice
from kartini.systems.command_center.services.shown import Line, Tile

ASLEEP, RECENT, WEEK, MONTH = timedelta(days=28), timedelta(days=60), 7, 30
FAR_PERCENT, MISFIT = 30, 20
WEEKS = 8


@dataclass(frozen=True)
class Concern:
    """One thing at one bank. ``kind`` is asleep, price or heap; ``said`` is it in words."""

    kind: str
    bank: WasteBank
    said: str
    since: date | None = None

    @property
    def place(self) -> str:
        return names.name(self.bank.village_code) if self.bank.village_code else ""


def concerns(today: date) -> list[Concern]:
    """Banks that have not weighed for four weeks, prices far from the guide, heaps that fit no book."""
    banks = {bank.pk: bank for bank in WasteBank.objects.filter(closed_on=None).order_by("title")}
    return [*_asleep(banks, today), *_heaps(banks, today), *_far_prices(banks)]


def _asleep(banks: dict[str, WasteBank], today: date) -> Iterator[Concern]:
    standing = WasteDeposit.objects.filter(reversed_at=None).values_list("bank").order_by()
    last = dict(standing.annotate(last=Max("on")))
    for bank in banks.values():
        since = last.get(bank.pk) or bank.opened_on
        if bank.kind == "unit" and since is not None and today - since > ASLEEP:
            days = (today - since).days
            said = ngettext("No weighing for %(n)s day", "No weighing for %(n)s days", days) % {"n": days}  # fmt: skip
            yield Concern("asleep", bank, said, since)


def _far_prices(banks: dict[str, WasteBank]) -> Iterator[Concern]:
    guide, own = {}, []
    for price in WastePrice.objects.order_by("bank", "material"):
        if price.guide:
            guide[price.material] = price.rupiah_per_kilogram
        else:
            own.append(price)
    for price in own:
        wanted, bank = guide.get(price.material), banks.get(price.bank)
        if not wanted or bank is None:
            continue
        off = round(100 * price.rupiah_per_kilogram / wanted) - 100
        if abs(off) > FAR_PERCENT:
            words = {"material": price.material, "percent": f"{off:+}"}
            yield Concern("price", bank, gettext("%(material)s: %(percent)s %% from the guide price") % words)  # fmt: skip


def _heaps(banks: dict[str, WasteBank], today: date) -> Iterator[Concern]:
    """More than a twentieth of the book is missing, or too much."""
    for heap in WasteHeap.objects.filter(counted_at__date__gt=today - RECENT).order_by("counted_at"):  # fmt: skip
        if heap.bank in banks and abs(heap.difference_kilograms) * MISFIT > heap.book_kilograms:
            words = {"material": heap.material, "kilograms": _number(heap.difference_kilograms, 1)}
            said = gettext("%(material)s: %(kilograms)s kg that fit no book") % words
            yield Concern("heap", banks[heap.bank], said, timezone.localdate(heap.counted_at))


def lines(found: Sequence[Concern]) -> Iterator[Line]:
    """The first of each kind for the ticker."""
    first = {concern.kind: concern for concern in reversed(found)}
    for kind, icon in (("heap", "scale"), ("asleep", "hourglass"), ("price", "trend-up")):
        if kind in first:
            one = first[kind]
            yield Line("warn", icon, gettext("Waste bank"), f"{one.bank}, {one.said}")


def tiles(found: Sequence[Concern], today: date) -> list[Tile]:
    weeks = _weeks(today)
    month = WasteDeposit.objects.filter(reversed_at=None, on__gt=today - timedelta(days=MONTH), on__lte=today)  # fmt: skip
    kept = month.aggregate(total=Sum("kilograms"))["total"] or 0
    week = weeks[-1] - weeks[-2]
    words = gettext("%(n)s kg against the week before") % {"n": f"{'+' if week >= 0 else ''}{_number(week, 0)}"}  # fmt: skip
    open_banks = WasteBank.objects.filter(closed_on=None, kind="unit").count()
    weighed = month.values("bank").distinct().count()
    return [
        Tile(gettext("Kept from the landfill, 30 days"), _number(kept, 0), "kg", words, "ok" if week >= 0 else "warn",
             "trend-up" if week >= 0 else "trend-down", weeks),
        Tile(gettext("Waste banks that weighed, 30 days"), _number(weighed), "",
             gettext("of %(n)s in service") % {"n": _number(open_banks)}, "ok" if weighed >= open_banks else "warn", "scale"),
        _alarm(gettext("Waste banks asleep"), found, "asleep", "hourglass"),
        _alarm(gettext("Heaps that fit no book"), found, "heap", "scale"),
        _alarm(gettext("Prices far from the guide"), found, "price", "trend-up"),
    ]  # fmt: skip


def _alarm(label: str, found: Iterable[Concern], kind: str, icon: str) -> Tile:
    of_kind = [concern for concern in found if concern.kind == kind]
    who = str(of_kind[0].bank) if of_kind else gettext("None")
    return Tile(label, _number(len(of_kind)), "", who, "warn" if of_kind else "ok", icon if of_kind else "check-circle")  # fmt: skip


def _weeks(today: date) -> list[float]:
    """Kilograms of the last weeks, the one that ends today last."""
    first = today - timedelta(days=WEEK * WEEKS - 1)
    rows = WasteDeposit.objects.filter(reversed_at=None, on__range=(first, today)).values_list("on")
    sums = [0.0] * WEEKS
    for on, kilograms in rows.annotate(total=Sum("kilograms")).order_by():
        sums[(on - first).days // WEEK] += float(kilograms)
    return sums


def of_villages(today: date) -> dict[str, int]:
    """Kilograms of 30 days by village code."""
    month = WasteDeposit.objects.filter(reversed_at=None, on__gt=today - timedelta(days=MONTH), on__lte=today)  # fmt: skip
    rows = month.values_list("village_code").annotate(total=Sum("kilograms")).order_by()
    return {code: round(kilograms) for code, kilograms in rows}


def _number(value: Any, places: int | None = None) -> str:
    return formats.number(value, places, language=get_language() or "id")
