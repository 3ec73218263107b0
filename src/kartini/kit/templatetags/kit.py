"""Template words of the kit."""

from datetime import date, datetime
from typing import Any

from django import template
from django.contrib.auth.models import AnonymousUser
from django.forms import BaseForm, BoundField
from django.http import QueryDict
from django.template import Context
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from kartini.kit import doors as hung
from kartini.kit import formats
from kartini.kit.forms import summary_lines

register = template.Library()


def _language() -> str:
    return get_language() or "id"


# -- words and pictures


@register.simple_tag
def icon(name: str) -> SafeString:
    """A picture from the sprite; always beside a word."""
    return format_html(
        '<svg class="icon" aria-hidden="true"><use href="{}#{}"/></svg>',
        static("kit/icons.svg"),
        name,
    )


@register.filter
def rupiah(value: int | None) -> str:
    return formats.rupiah(value, language=_language())


@register.filter
def number(value: Any, places: int | None = None) -> str:
    return formats.number(value, places, language=_language())


@register.filter
def percent(value: Any, places: int = 1) -> str:
    return formats.percent(value, places, language=_language())


@register.filter
def file_size(value: int | None) -> str:
    return formats.file_size(value, language=_language())


def _local(at: date | datetime | None) -> date | datetime | None:
    aware = isinstance(at, datetime) and timezone.is_aware(at)
    return timezone.localtime(at) if aware else at  # type: ignore[arg-type]


@register.filter
def long_date(day: date | None, how: str = "") -> str:
    """``24 November 2026``; ``{{ day|long_date:"weekday" }}`` puts the day's name first."""
    return formats.long_date(_local(day), language=_language(), weekday=how == "weekday")


@register.filter
def moment(at: datetime | None) -> str:
    return formats.moment(_local(at), language=_language())  # type: ignore[arg-type]


@register.filter
def clock_time(at: datetime | None) -> str:
    """``09.14 WIB``."""
    local = _local(at)
    return formats.clock(local, language=_language()) if isinstance(local, datetime) else "–"


@register.filter
def ago(at: datetime | date | None) -> str:
    return formats.ago(at, timezone.localtime(), language=_language())


@register.filter
def masked_nik(nik: str) -> str:
    return formats.masked_nik(nik)


@register.filter
def initials(name: Any) -> str:
    return formats.initials(str(name))


# -- menus


@register.simple_tag(takes_context=True)
def doors(context: Context, hall: str) -> list[dict[str, Any]]:
    """The entries of one menu for the person who looks: title, url, icon, group, current; asked once per page."""
    request = context.get("request")
    here = request.path if request else ""
    user = context.get("user") or AnonymousUser()
    menus = request.__dict__.setdefault("_kit_menus", {}) if request else {}
    if (user.pk, hall) not in menus:
        menus[user.pk, hall] = hung.entries(user, hall)
    entries = menus[user.pk, hall]
    above = [e["url"] for e in entries if e["url"] != "/" and here.startswith(e["url"])]
    nearest = max(above, key=len, default="")
    return [{**entry, "current": entry["url"] == nearest} for entry in entries]


@register.simple_tag(takes_context=True)
def with_query(context: Context, **changes: Any) -> str:
    """The address of this page with these parameters changed, all others kept."""
    request = context.get("request")
    query = request.GET.copy() if request else QueryDict(mutable=True)
    for name, value in changes.items():
        query[name] = str(value)
    return f"?{query.urlencode()}"


# -- forms


@register.simple_tag
def field(bound: BoundField) -> SafeString:
    """One field by the kit's markup contract: label, hint, error, control."""
    return bound.render()


@register.simple_tag
def error_summary(form: BaseForm) -> SafeString:
    """All errors of a form, each linked to its field; nothing when there are none. Stands before the ``h1``."""
    form.summary_shown = True  # type: ignore[attr-defined]
    lines = summary_lines(form)
    if not lines:
        return mark_safe("")
    return render_to_string("kit/forms/summary.html", {"lines": lines, "count": len(lines)})
