"""PDF from data: a typst template, one compiler kept warm, the house's typeface, PDF/A-2b.

Data reaches a template as JSON (``sys.inputs.data``); no source is ever built from what a user wrote.
"""

import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import fontpkg_plus_jakarta_sans
import segno
import typst
from django.core.serializers.json import DjangoJSONEncoder

import kartini

ROOT = Path(kartini.__file__).parent
HERE = Path(__file__).parent / "typst"
FONTS = Path(fontpkg_plus_jakarta_sans.__file__).parent / "files"
_turn = threading.Lock()


@dataclass(frozen=True)
class Spot:
    """Where a signature goes: page from 1, points from the page's top left corner."""

    page: int
    x: float
    y: float
    width: float
    height: float
    page_height: float

    @property
    def box(self) -> tuple[float, float, float, float]:
        """Lower left and upper right corner, measured from the page's bottom, as PDF has it."""
        top = self.page_height - self.y
        return self.x, top - self.height, self.x + self.width, top


@cache
def _compiler() -> Any:
    return typst.Compiler(root=str(ROOT), font_paths=[str(FONTS)], ignore_system_fonts=True)


def typeset(
    template: Path, data: Mapping[str, Any], *, at: datetime, archival: bool = True
) -> bytes:
    """The PDF. ``archival`` makes it as PDF/A-2b; only pictures inside other PDFs do without."""
    return _typeset(template, data, at, archival)[0]


def typeset_with_spot(
    template: Path, data: Mapping[str, Any], *, at: datetime
) -> tuple[bytes, Spot | None]:
    """The PDF, and the spot that its template left free for a signature."""
    pdf, spot = _typeset(template, data, at, True)
    return pdf, Spot(**spot) if spot else None


def _typeset(
    template: Path, data: Mapping[str, Any], at: datetime, archival: bool
) -> tuple[bytes, dict[str, Any] | None]:
    inputs = {"data": json.dumps(data, cls=DjangoJSONEncoder, ensure_ascii=False)}
    with _turn:
        pdf = _compiler().compile(
            input=str(template),
            sys_inputs=inputs,
            pdf_standards="a-2b" if archival else [],
            timestamp=int(at.timestamp()),
        )
        spots = json.loads(_compiler().query("<signature>", field="value"))
    return pdf, spots[-1] if spots else None


def qr_svg(content: str) -> str:
    """A QR code as SVG text, for a template's ``image(bytes(…))``."""
    svg: str = segno.make(content, error="m", micro=False).svg_inline(border=0, scale=4)
    return svg
