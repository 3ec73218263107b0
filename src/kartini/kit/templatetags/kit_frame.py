"""Template words of the page frames."""

from django import template
from django.template import Context
from django.template.base import NodeList, Parser, Token
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.utils.html import format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext

from kartini.kit import sheets

register = template.Library()
HEAD_GOES_HERE = "<!--kit:head-->"
TITLE_STARTS_HERE = "<!--kit:title-->"


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
