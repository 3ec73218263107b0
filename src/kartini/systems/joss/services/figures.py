"""Figures of permits, counted so that they stay quick with years of permits."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from statistics import median
from typing import Any

from django.db.models import Avg, Count, F
from django.db.models.functions import ExtractYear, TruncMonth
from django.utils import timezone

from kartini.systems.joss.models import STOPPED, Application, Permit, State


@dataclass(frozen=True)
class Figures:
    """``late`` are applications past the promised day in an agency's hands; ``median_days`` over the last 90 days."""

    open: int
    late: int
    issued_this_year: int
    median_days: float | None
    at: datetime


@dataclass(frozen=True)
class TypeFigures:
    """One type: how many were issued this month and how many working days they took; ``trend`` is the
    average of each month before."""

    issued: int
    average_days: float | None
    trend: tuple[float, ...]
    since: date


def now(at: datetime) -> Figures:
    today = timezone.localdate(at)
    new_year = timezone.make_aware(datetime.combine(date(today.year, 1, 1), time.min))
    issued = Application.objects.filter(state=State.ISSUED)
    lasted = issued.filter(closed_at__gte=at - timedelta(days=90)).values_list(
        "working_days", flat=True
    )
    known = [days for days in lasted if days is not None]
    return Figures(
        open=Application.objects.open().count(),
        late=Application.objects.open().exclude(state__in=STOPPED).filter(due_on__lt=today).count(),
        issued_this_year=issued.filter(closed_at__gte=new_year).count(),
        median_days=float(median(known)) if known else None,
        at=at,
    )


def of_type(code: str, at: datetime, *, months: int = 7) -> TypeFigures:
    """The last months of one type, the present one included."""
    today = timezone.localdate(at)
    first = today.replace(day=1)
    since = date.fromordinal(first.toordinal() - 31 * (months - 1)).replace(day=1)
    rows = (
        Application.objects.filter(
            type__code=code,
            state=State.ISSUED,
            closed_at__gte=timezone.make_aware(datetime.combine(since, time.min)),
        )
        .values("closed_at__year", "closed_at__month")
        .annotate(n=Count("pk"), days=Avg("working_days"))
        .order_by("closed_at__year", "closed_at__month")
    )
    by_month = [
        (date(row["closed_at__year"], row["closed_at__month"], 1), row["n"], row["days"])
        for row in rows
    ]
    present = next((row for row in by_month if row[0] == first), (first, 0, None))
    return TypeFigures(
        issued=present[1],
        average_days=present[2],
        trend=tuple(float(days) for _month, _n, days in by_month if days is not None),
        since=first,
    )


def issued_by_type() -> Iterator[Mapping[str, Any]]:
    """Permits by month and type, and how many holders stand behind each number (of one name: one)."""
    yield from (
        Permit.objects.annotate(bulan=TruncMonth("issued_at"))
        .values("bulan", kode_jenis=F("type__code"), jenis=F("type__title_id"))
        .annotate(izin=Count("pk"), holders=Count("holder_name", distinct=True))
        .order_by("bulan", "type__code", "type__title_id")
        .iterator()
    )


def issued_by_village() -> Iterator[Mapping[str, Any]]:
    """Permits by year and village, likewise."""
    yield from (
        Permit.objects.exclude(village_code="")
        .annotate(tahun=ExtractYear("issued_at"))
        .values("tahun", kode_desa=F("village_code"))
        .annotate(izin=Count("pk"), holders=Count("holder_name", distinct=True))
        .order_by("tahun", "village_code")
        .iterator()
    )
