"""Lines of the worklist. A line looks the same until its file moves or a day passes, so it is made once."""

from functools import lru_cache
from typing import NamedTuple

from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from kartini.systems.joss.models import State
from kartini.systems.joss.views.doorway import language
from kartini.systems.joss.views.parts import LOOK

KEPT = 2048


class Row(NamedTuple):
    """What a line shows: words of the page's language, the tone of its bar, how much of the turn is used."""

    number: str
    title: str
    applicant: str
    village: str
    kecamatan: str
    left: str
    tone: str
    used: int
    state: str
    officer: str  # as colleagues call them


def line(row: Row, *, picked: bool) -> SafeString:
    """The line of a table, with its box ticked or not."""
    return _line(row, picked, language())


@lru_cache(maxsize=KEPT)
def _line(row: Row, picked: bool, _language: str) -> SafeString:
    tone, icon = LOOK[row.state]
    words = {"row": row, "picked": picked, "stage": State(row.state).label}
    return render_to_string("joss/_line.html", words | {"stage_tone": tone, "stage_icon": icon})
