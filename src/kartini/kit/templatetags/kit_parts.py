"""Template words that the components use."""

from collections.abc import Sequence
from typing import Any

from django import template
from django.core.paginator import Page
from django.template import Context
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from kartini.kit import charts
from kartini.kit import qr as codes
from kartini.kit.templatetags.kit import icon, with_query

register = template.Library()
ICON_OF = {
    "ok": "check-circle",
    "info": "info",
    "warn": "warning",
    "bad": "error",
    "off": "document",
}


@register.simple_tag
def tone_icon(tone: str) -> SafeString:
    return icon(ICON_OF.get(tone, "info"))


@register.filter
def sparkline(values: Sequence[float | None], where: str = "") -> SafeString:
    """The small line of a card; ``{{ values|sparkline:"wall" }}`` is wide enough for the wall."""
    return charts.sparkline(values, width=310, height=64) if where else charts.sparkline(values)


@register.filter
def within_hundred(value: Any) -> str:
    """A percentage as SVG wants it: a number with a point, between 0 and 100."""
    try:
        share = min(100.0, max(0.0, float(value)))
    except (TypeError, ValueError):
        share = 0.0
    return f"{round(share, 1):g}"


@register.simple_tag
def qr(text: str, label: str = "") -> SafeString:
    return codes.svg(text, label=label or gettext("QR code"))


@register.simple_tag(takes_context=True)
def turn_page(context: Context, name: str, number: int) -> str:
    """The address of another page of the same list, filters kept."""
    return with_query(context, **{name: number})


@register.simple_tag
def page_numbers(page: Page[Any]) -> list[int | None]:
    """First, last, and those around the present one; ``None`` is a gap."""
    numbers = page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1)
    return [number if isinstance(number, int) else None for number in numbers]


@register.simple_tag
def column_label(columns: Sequence[Any], index: int) -> Any:
    return getattr(columns[index], "label", columns[index]) if index < len(columns) else ""
