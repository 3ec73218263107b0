"""What everyone may see: the waste banks, their hours and prices, and what was kept from the landfill."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.timezone import localdate, now
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from kartini.places import names
from kartini.places.svg import Point, map_svg
from kartini.systems.bank_sampah.engine.weights import kilograms
from kartini.systems.bank_sampah.forms.trade import FindForm
from kartini.systems.bank_sampah.models import Category, PriceList, Unit
from kartini.systems.bank_sampah.models.figures import by_month, diverted, grams_between
from kartini.systems.bank_sampah.views import files
from kartini.systems.bank_sampah.views.doorway import months_back, paged


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """Where the waste banks are, when they are open, and what they achieved this month."""
    today, form = localdate(), FindForm(request.GET)
    units = Unit.objects.open().units().prefetch_related("hours").order_by("name")
    words, weighs_today = form.words(), request.GET.get("buka") == "hari-ini"
    if weighs_today:
        units = units.filter(hours__weekday=today.weekday())
    if words:
        found = [place.code for place in names.find(words, most=200)]
        in_places = [v.code for v in names.villages() if v.code in found or v.parent in found]
        units = units.filter(name__icontains=words) | units.filter(village_code__in=in_places)
    page = paged(request, units.distinct(), 12)
    context = {
        "form": form,
        "words": words,
        "weighs_today": weighs_today,
        "today": today.weekday(),
        "page": page,
        "count": Unit.objects.open().units().count(),
        "kilograms": kilograms(grams_between(today.replace(day=1), today)),
        "map": _map(page),
        "guide": Unit.objects.open().filter(kind=Unit.Kind.PARENT).order_by("pk").first(),
        "now": now(),
    }  # fmt: skip
    return render(request, "bank_sampah/index.html", context)


def _map(page: Any) -> Any:
    """Every waste bank as a point, those on this page of the list with their number there."""
    mark = {unit.pk: str(number) for number, unit in enumerate(page, page.start_index())}
    rows = Unit.objects.open().units().filter(lat__isnull=False).prefetch_related("hours")
    return map_svg(
        {}, title=_("Waste banks in the regency"), legend=False,
        description=_("Each waste bank is a point; those in the list beside bear its numbers."),
        points=[Point(u.village_code, u.lat, u.lng, _words(u), mark.get(u.pk, "")) for u in rows],  # type: ignore[arg-type]
    )  # fmt: skip


def _words(unit: Unit) -> str:
    """``Bank Sampah Melati, Desa Tahunan, Kec. Tahunan: Sabtu 08.00–11.00``."""
    hours = ", ".join(map(str, unit.hours.all()))
    return f"{unit.name}, {unit.place_label}{': ' if hours else ''}{hours}"


def spot(unit: Unit) -> Any:
    """One waste bank on the map: its point where it is known, and its village."""
    known = unit.lat is not None and unit.lng is not None
    points = [Point(unit.village_code, unit.lat, unit.lng, _words(unit), "●")] if known else []  # type: ignore[arg-type]
    return map_svg({unit.village_code: 1}, breaks=(1, 2, 3, 4, 5), title=_("Where it is"), legend=False, points=points)  # fmt: skip


@require_safe
def unit(request: HttpRequest, code: str) -> HttpResponse:
    """One waste bank: hours, today's prices, what it kept from the landfill."""
    banks = Unit.objects.select_related("parent", "terms").prefetch_related("hours")
    bank = get_object_or_404(banks, organisation_id=code)
    today = localdate()
    listed = PriceList.objects.in_force(bank.pk, now())
    months = by_month(months_back(today, 11), today, [bank])
    context = {
        "unit": bank,
        "listed": listed,
        "categories": by_category(listed),
        "kilograms": kilograms(months.get(today.replace(day=1), 0)),
        "map": spot(bank),
        "now": now(),
    }
    return render(request, "bank_sampah/unit.html", context, status=410 if bank.closed_on else 200)


def by_category(listed: PriceList | None) -> list[tuple[str, list[Any]]]:
    if listed is None:
        return []
    prices = listed.prices.select_related("material__category").order_by(
        "material__category__order", "material__order"
    )
    groups: dict[str, list[Any]] = {}
    for price in prices:
        groups.setdefault(price.material.category.name, []).append(price)
    return list(groups.items())


@require_safe
def dataset(request: HttpRequest) -> HttpResponse:
    """Open data: kilograms by village, month and category. Cells of few are withheld."""
    today = localdate()
    categories = dict(Category.objects.values_list("code", "name"))
    rows = (
        [
            cell.village_code, names.label(cell.village_code), f"{cell.month_on:%Y-%m}", cell.category,
            categories[cell.category], cell.grams / 1000 if cell.told else "",
        ]
        for cell in diverted(months_back(today, 23), today)
    )  # fmt: skip
    heads = ("kode_desa", "desa", "bulan", "kode_kategori", "kategori", "kilogram")
    return files.answer(files.wanted(request) or "csv", "bank-sampah-kilogram", heads, rows)
