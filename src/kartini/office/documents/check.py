"""Was this very file signed here? By its bytes first, then by the marks that our signing leaves.

A stranger's file is only searched for bytes, never parsed: what is crafted to hurt a PDF parser finds none here.
"""

import hashlib
import io
import re
from dataclasses import dataclass

from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext

from kartini.office.models import Document
from kartini.office.signing.authority import root_certificate, root_mark
from kartini.office.signing.pades import as_asn1

CODE = re.compile(rb"(?<![0-9A-Z])(?:[0-9A-HJKMNP-TV-Z]{4}-){2}[0-9A-HJKMNP-TV-Z]{4}(?![0-9A-Z])")
RANGE = re.compile(rb"/ByteRange\s*\[\s*\d{1,10}\s+\d{1,10}\s+(\d{1,10})\s+(\d{1,10})\s*\]")
MOST_MARKS = 10


@dataclass(frozen=True)
class Finding:
    """``same``: signed here and unchanged. ``changed``: was signed here, then altered. ``unknown``: not from here.

    ``document`` is the registered one, where it can still be told. ``sealed`` says that pyHanko too found
    the signature whole.
    """

    verdict: str
    document: Document | None = None
    sealed: bool = False


def inspect_file(content: bytes) -> Finding:
    """Say what is known of a file. Nothing of it is kept."""
    known = Document.objects.filter(sha256=_digest(content)).first()
    if known:
        return Finding("same", known, sealed=_is_whole(content))
    if not content.startswith(b"%PDF-"):
        return Finding("unknown")
    known = _grown_from(content) or _named_in(content)
    ours = known is not None or root_mark() in content.lower()
    return Finding("changed" if ours else "unknown", known)


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _grown_from(content: bytes) -> Document | None:
    """The document to which something was added: each signature says where its part ends."""
    ends = {int(start) + int(length) for start, length in RANGE.findall(content)[:MOST_MARKS]}
    digests = [_digest(content[:end]) for end in ends if end < len(content)]
    return Document.objects.filter(sha256__in=digests).first()


def _named_in(content: bytes) -> Document | None:
    """The document whose code the file's description bears: typeset by us, then saved anew by somebody."""
    codes = dict.fromkeys(found.decode() for found in CODE.findall(content))
    return Document.objects.filter(code__in=list(codes)[:MOST_MARKS]).first()


def _is_whole(content: bytes) -> bool:
    """pyHanko's own verdict, beside the equal bytes. Only for files that stand in the register."""
    trust = ValidationContext(trust_roots=[as_asn1(root_certificate())], allow_fetching=False)
    signatures = PdfFileReader(io.BytesIO(content)).embedded_signatures
    statuses = [validate_pdf_signature(one, trust) for one in signatures]
    return bool(statuses) and all(one.intact and one.valid for one in statuses)
