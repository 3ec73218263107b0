"""Which style sheets and scripts a page needs, read from the page itself.

A citizen's page shall stay light, so the kit's styles lie in several files. Nobody has to remember
which: the frame looks at the class names that the page bears and links what they need.
"""

import re
from collections.abc import Iterable

ALWAYS = ("tokens", "base", "components")
WORN_BY = {
    "hero": ("hero", "search", "quick", "section", "point"),
    "facts": ("facts",),
    "forms": ("date-parts", "choices", "choice", "upload", "known", "stepper", "papers"),
    "reading": ("clock", "bar", "track", "verdict", "toast", "skeleton", "qr", "code"),
    "lists": ("filters", "chips", "pages", "tabs"),
    "data": ("table-wrap", "table", "bulk", "dialog", "confirm"),
    "brief": ("brief",),
    "stat": ("stat", "spark"),
    "figures": ("chart", "chart-box", "map", "legend"),
    "desk": ("shell", "desk", "side"),
    "wall": ("wall",),
}
_SHEET_OF = {block: sheet for sheet, blocks in WORN_BY.items() for block in blocks}
_CLASSES = re.compile(r'class="([^"]+)"')
_STALE = 'data-state="stale"'


def blocks_of(page: str) -> set[str]:
    """The component blocks on a page: ``card`` for ``card__icon``. Strokes of a spark line are no chart."""
    names = {name for found in set(_CLASSES.findall(page)) for name in found.split()}
    names = {name for name in names if not name.startswith("chart__")}
    return {name.split("__")[0].split("--")[0] for name in names}


def sheets_for(page: str, *, asked_for: Iterable[str] = ()) -> list[str]:
    """The style sheets of a page, in the order of the cascade."""
    wanted = {_SHEET_OF[block] for block in blocks_of(page) if block in _SHEET_OF}
    wanted |= set(asked_for)
    if _STALE in page or "figures" in wanted:
        wanted.add("stat")
    return [*ALWAYS, *(sheet for sheet in WORN_BY if sheet in wanted)]


def is_live(page: str) -> bool:
    """Does any element of the page ask the server again by itself (htmx)?"""
    return " hx-" in page or "data-hx-" in page


def has_errors(page: str) -> bool:
    return 'class="error-summary' in page
