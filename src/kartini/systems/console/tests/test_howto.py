"""The officers' page calls buttons and fields what the screens call them."""

import re
from pathlib import Path

from babel.messages import pofile

from kartini.systems import console

ROOM = Path(console.__file__).parent
PAGE = ROOM.parents[3] / "docs/how-to/run-the-exchange.id.md"


def test_what_is_bold_on_the_page_stands_on_a_screen() -> None:
    with (ROOM / "locale/id/LC_MESSAGES/django.po").open("rb") as file:
        said = {one.string for one in pofile.read_po(file) if isinstance(one.string, str)}
    bold = {*re.findall(r"\*\*(.+?)\*\*", PAGE.read_text())}
    assert len(bold) > 30
    assert bold <= said, bold - said
