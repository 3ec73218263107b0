"""Template words of the kit."""

from datetime import date, datetime
from typing import Any

from django import template
from django.contrib.auth.models import AnonymousUser
from django.forms import BaseForm, BoundField
from django.template import Context
from django.template.base import NodeList, Parser, Token
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext

from kartini.kit import doors as hung
from kartini.kit import formats, sheets
from kartini.kit.forms import summary_lines

register = template.Library()
HEAD_GOES_HERE = "<!--kit:head-->"
TITLE_STARTS_HERE = "<!--kit:title-->"


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
    """The entries of one menu for the person who looks: title, url, icon, group, current."""
    request = context.get("request")
    here = request.path if request else ""
    entries = hung.entries(context.get("user") or AnonymousUser(), hall)
    return [
        {**entry, "current": here.startswith(entry["url"]) and entry["url"] != "/"}
        for entry in entries
    ]


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


# -- the frame


class Dressed(template.Node):
    """Renders the page first, then links what it turned out to need."""

    child_nodelists = ("nodelist",)

    def __init__(self, nodelist: NodeList) -> None:
        self.nodelist = nodelist

    def render(self, context: Context) -> SafeString:
        page = str(self.nodelist.render(context))
        head = _styles(page, context) + (_live(context) if sheets.is_live(page) else "")
        title = gettext("Error: ") if sheets.has_errors(page) else ""
        page = page.replace(HEAD_GOES_HERE, head, 1).replace(TITLE_STARTS_HERE, title, 1)
        return mark_safe(page)  # noqa: S308 — rendered by the template engine itself


def _styles(page: str, context: Context) -> str:
    links = [static(f"kit/css/{name}.css") for name in sheets.sheets_for(page)]
    return format_html_join("", '<link rel="stylesheet" href="{}">', ((link,) for link in links))


def _live(context: Context) -> str:
    return render_to_string("kit/_live.html", {"csp_nonce": context.get("csp_nonce", "")})


@register.tag
def dressed(parser: Parser, token: Token) -> Dressed:
    """``{% dressed %}`` … ``{% enddressed %}`` around a whole document that holds ``{% head %}``."""
    nodelist = parser.parse(("enddressed",))
    parser.delete_first_token()
    return Dressed(nodelist)


@register.simple_tag
def head() -> SafeString:
    return mark_safe(HEAD_GOES_HERE)  # noqa: S308 — our own constant


@register.simple_tag
def title_start() -> SafeString:
    return mark_safe(TITLE_STARTS_HERE)  # noqa: S308 — our own constant


class Beside(template.Node):
    """Content, and an aside only where something stands in it."""

    child_nodelists = ("content", "aside")

    def __init__(self, content: NodeList, aside: NodeList, frame: str) -> None:
        self.content, self.aside, self.frame = content, aside, frame

    def render(self, context: Context) -> SafeString:
        content, aside = self.content.render(context), self.aside.render(context)
        if not aside.strip():
            return content
        parts = {"content": content, "aside": aside}
        return render_to_string(f"kit/_{self.frame}.html", parts)


@register.tag
def beside(parser: Parser, token: Token) -> Beside:
    """``{% beside split %}`` content ``{% aside %}`` aside ``{% endbeside %}``."""
    frame = token.split_contents()[1]
    content = parser.parse(("aside",))
    parser.delete_first_token()
    aside = parser.parse(("endbeside",))
    parser.delete_first_token()
    return Beside(content, aside, frame)
