"""Photos of the scale, kept beside the deposit."""

from datetime import datetime
from typing import Any

from kartini.office import papers
from kartini.office.papers import PaperRefused
from kartini.people.models import User
from kartini.systems.bank_sampah.models import Deposit, ScalePhoto

__all__ = ["PaperRefused", "keep"]


def keep(*, deposit: Deposit, upload: Any, by: User, at: datetime) -> ScalePhoto:
    """Keep a photo; the first one of a deposit stays. Outside any transaction. Raises ``PaperRefused``."""
    known = ScalePhoto.objects.filter(deposit=deposit).first()
    if known is not None:
        return known
    paper = papers.receive(upload=upload, owner=by, label=f"Timbangan {deposit.pk}", at=at)
    kept, _made = ScalePhoto.objects.get_or_create(
        deposit=deposit, defaults={"paper": paper, "at": at}
    )
    return kept
