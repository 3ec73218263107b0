"""What is stated about reference data: codes that everyone shares (villages, agencies, health facilities)."""

from datetime import date, datetime
from typing import Literal

from kartini.contracts.base import Event


class CodeChanged(Event):
    """A code of a reference list came, was renamed, changed otherwise, or ended.

    ``valid_from`` is the day from which it holds (for ``ended``: the first day on which it no longer does).
    ``followed_by`` names the codes that follow an ended one: two or more after a split, the same one for
    several after a merger, none where nothing follows.
    """

    name = "reference.code-changed.v1"
    ordered_by = "code_list"
    example = {
        "code_list": "wilayah",
        "code": "33.20.11.2012",
        "change": "renamed",
        "title": "Tahunan Baru",
        "former_title": "Tahunan",
        "followed_by": [],
        "valid_from": "2027-01-01",
        "regulation": "Perda Kabupaten Jepara (contoh)",
        "at": "2026-12-20T02:00:00Z",
    }

    code_list: str
    code: str
    change: Literal["added", "renamed", "changed", "ended"]
    title: str
    former_title: str | None = None
    followed_by: list[str] = []
    valid_from: date
    regulation: str
    at: datetime
