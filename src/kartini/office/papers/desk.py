"""The verbs of papers."""

import hashlib
from datetime import datetime
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import ProtectedError, RestrictedError, Sum
from django.http import HttpResponse

from kartini.office import sealing
from kartini.office.models import Paper
from kartini.office.papers.examine import examine
from kartini.office.papers.refusals import PaperRefused, words
from kartini.office.papers.scan import scan
from kartini.people import trail
from kartini.people.models import User

__all__ = ["PaperInUse", "PaperRefused", "receive", "remove", "response", "words"]

CONTENT_TYPES = {"pdf": "application/pdf", "jpeg": "image/jpeg", "png": "image/png"}
NOTHING_RUNS = "default-src 'none'; style-src 'unsafe-inline'"


class PaperInUse(Exception):
    """The paper belongs to something that still needs it."""


def receive(*, upload: UploadedFile[Any], owner: User, label: str, at: datetime) -> Paper:
    """Examine, scan and keep an uploaded file.

    The same bytes under the same label give the same paper again. Call it outside a transaction: the
    file is opened, scanned and written here. Raises ``PaperRefused``.
    """
    content = _read(upload)
    digest = hashlib.sha256(content).hexdigest()
    known = Paper.objects.filter(owner=owner, sha256=digest, label=label[:200]).first()
    if known:
        return known
    examined = examine(content, upload.name or "")
    _leave_room(owner, len(content))
    scanned_by = scan(content)
    file = sealing.keep(content, "papers")
    paper, fresh = Paper.objects.get_or_create(
        owner=owner,
        sha256=digest,
        label=label[:200],
        defaults={
            "name": examined.name,
            "kind": examined.kind,
            "size": len(content),
            "file": file,
            "received_at": at,
            "scanned_by": scanned_by,
        },
    )
    if not fresh:
        sealing.drop(file)
    return paper


def _read(upload: UploadedFile[Any]) -> bytes:
    most: int = settings.PAPERS_MAX_BYTES
    if (upload.size or 0) > most:
        raise PaperRefused("too-large", size=upload.size, most=most)
    content: bytes = upload.read(most + 1)
    if len(content) > most:
        raise PaperRefused("too-large", size=len(content), most=most)
    return content


def _leave_room(owner: User, size: int) -> None:
    kept = Paper.objects.filter(owner=owner).aggregate(sum=Sum("size"))["sum"] or 0
    if kept + size > settings.PAPERS_VAULT_BYTES:
        raise PaperRefused("vault-full", most=settings.PAPERS_VAULT_BYTES)


@transaction.atomic
def remove(*, paper: Paper, by: User, at: datetime) -> None:
    """Remove a paper that nothing points at. Raises ``PaperInUse``."""
    file, thing = paper.file, f"office.paper:{paper.pk}"
    try:
        with transaction.atomic():
            paper.delete()
    except (ProtectedError, RestrictedError):
        raise PaperInUse(thing) from None
    trail.did(by=by, verb="office.remove-paper", thing=thing, at=at)
    transaction.on_commit(lambda: sealing.drop(file))


def response(paper: Paper, *, inline: bool = False) -> HttpResponse:
    """The file itself. Pictures and PDFs may be shown in the page's frame, but nothing in them may run."""
    return file_response(
        sealing.fetch(paper.file), CONTENT_TYPES[paper.kind], paper.name, inline=inline
    )


def file_response(content: bytes, content_type: str, name: str, *, inline: bool) -> HttpResponse:
    """A file that a browser may not reinterpret, run, or keep.

    A PDF to be looked at goes without the sandbox: the viewers of several browsers stay blank in one. What
    was uploaded holds no program (``examine`` refuses those), and ``nosniff`` keeps it a PDF.
    """
    policy = NOTHING_RUNS
    if not (inline and content_type == CONTENT_TYPES["pdf"]):
        policy += "; sandbox"
    answer = HttpResponse(content, content_type=content_type)
    how = "inline" if inline else "attachment"
    plain = name.encode("ascii", "replace").decode().replace("?", "_").replace('"', "_")
    answer["Content-Disposition"] = f"{how}; filename=\"{plain}\"; filename*=UTF-8''{quote(name)}"
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Content-Security-Policy"] = policy
    answer["Cache-Control"] = "private, no-store"
    answer["Cross-Origin-Resource-Policy"] = "same-origin"
    return answer
