"""Lists as files for a spreadsheet: CSV and XLSX from the same rows."""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

import openpyxl
from django.http import HttpRequest, HttpResponse

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MOST = 20_000
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def wanted(request: HttpRequest) -> str:
    """``csv`` or ``xlsx`` when the address asks for a file, else nothing."""
    kind = request.GET.get("unduh", "")
    return kind if kind in ("csv", "xlsx") else ""


def answer(
    kind: str, name: str, heads: Sequence[Any], rows: Iterable[Sequence[Any]]
) -> HttpResponse:
    """The file. A text that a spreadsheet would run as a formula is kept a text."""
    lines = [[str(head) for head in heads], *([_safe(cell) for cell in row] for row in rows)]
    if kind == "csv":
        text = io.StringIO()
        csv.writer(text).writerows(lines[: MOST + 1])
        response = HttpResponse("\ufeff" + text.getvalue(), content_type="text/csv; charset=utf-8")
    else:
        book = openpyxl.Workbook(write_only=True)
        sheet = book.create_sheet()
        for line in lines[: MOST + 1]:
            sheet.append(line)
        kept = io.BytesIO()
        book.save(kept)
        response = HttpResponse(kept.getvalue(), content_type=XLSX)
    response["Content-Disposition"] = f'attachment; filename="{name}.{kind}"'
    return response


def _safe(cell: Any) -> Any:
    if isinstance(cell, (int, float)) or cell is None:
        return cell
    text = str(cell)
    return f"'{text}" if text.startswith(_FORMULA) else text


def letter(content: bytes, name: str) -> HttpResponse:
    """A PDF, shown in the browser and named for keeping."""
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{name}.pdf"'
    return response
