"""Uploads into an application: examined by the office, fitted to what the type asks for."""

from contextlib import suppress
from datetime import datetime
from typing import Any

from django.core.files.uploadedfile import UploadedFile

from kartini.office import papers as office
from kartini.office.models import Paper
from kartini.people.models import User
from kartini.systems.joss.engine.definition import PaperSpec
from kartini.systems.joss.models import Application, AttachedPaper
from kartini.systems.joss.services.drafts import NoSuchPaper, attach_paper

MEGABYTE = 1024 * 1024
SUFFIX = {"application/pdf": "pdf", "image/jpeg": "jpeg", "image/png": "png"}


class PaperUnfit(Exception):
    """The file is sound, but not what the type asks for: ``reason`` is ``kind`` or ``size``."""

    def __init__(self, reason: str, spec: PaperSpec) -> None:
        super().__init__(reason)
        self.reason = reason
        self.spec = spec


def take(
    *, application: Application, code: str, upload: UploadedFile[Any], by: User, at: datetime
) -> AttachedPaper:
    """Receive a file and put it into the application.

    Call it outside a transaction. Raises ``office.papers.PaperRefused``, ``PaperUnfit``, ``NoSuchPaper``.
    """
    spec = application.type.rules().paper(code)
    if spec is None:
        raise NoSuchPaper(code)
    if (upload.size or 0) > spec.most_megabytes * MEGABYTE:
        raise PaperUnfit("size", spec)
    paper = office.receive(upload=upload, owner=by, label=spec.title.id, at=at)
    if not fits(paper, spec):
        with suppress(office.PaperInUse):
            office.remove(paper=paper, by=by, at=at)
        raise PaperUnfit("kind", spec)
    return attach_paper(application=application, code=code, paper=paper, by=by, at=at)


def reuse(
    *, application: Application, code: str, paper: Paper, by: User, at: datetime
) -> AttachedPaper:
    """Put a paper from the applicant's own vault into the application."""
    spec = application.type.rules().paper(code)
    if spec is None or not fits(paper, spec):
        raise NoSuchPaper(code)
    return attach_paper(application=application, code=code, paper=paper, by=by, at=at)


def vault(owner: User, spec: PaperSpec) -> list[Paper]:
    """What the applicant already has that could serve as this paper, the newest first."""
    kinds = [SUFFIX[kind] for kind in spec.kinds]
    return list(
        Paper.objects.of(owner).filter(kind__in=kinds, size__lte=spec.most_megabytes * MEGABYTE)[
            :20
        ]
    )


def fits(paper: Paper, spec: PaperSpec) -> bool:
    kinds = {SUFFIX[kind] for kind in spec.kinds}
    return paper.kind in kinds and paper.size <= spec.most_megabytes * MEGABYTE
