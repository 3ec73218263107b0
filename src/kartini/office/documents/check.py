"""Was this very file signed here? By its bytes first, then by what signature it bears."""

import hashlib
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass

from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.general import SigningError
from pyhanko.sign.validation import EmbeddedPdfSignature, validate_pdf_signature
from pyhanko_certvalidator import ValidationContext

from kartini.office.models import Document
from kartini.office.signing.authority import root_certificate
from kartini.office.signing.pades import as_asn1

CODE = re.compile(rb"(?<![0-9A-Z])(?:[0-9A-HJKMNP-TV-Z]{4}-){2}[0-9A-HJKMNP-TV-Z]{4}(?![0-9A-Z])")
STUMBLES = (  # what a hostile or broken PDF makes a parser raise
    PdfError,
    SigningError,
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    ArithmeticError,
    NotImplementedError,
    RecursionError,
)


@dataclass(frozen=True)
class Finding:
    """``same``: signed here and unchanged. ``changed``: was signed here, then altered. ``unknown``: not from here.

    ``document`` is the registered one, where it can still be told. ``sealed`` says that the signature itself
    was also found whole by pyHanko.
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
    signatures = list(_signatures(content))
    digests = [_digest(content[: _end_of(one)]) for one in signatures]
    known = Document.objects.filter(sha256__in=digests).first() or _named_in(content)
    ours = known is not None or any(_is_ours(one) for one in signatures)
    return Finding("changed" if ours else "unknown", known)


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _named_in(content: bytes) -> Document | None:
    """The document whose code the file's description bears: typeset by us, then saved anew by somebody."""
    codes = dict.fromkeys(found.decode() for found in CODE.findall(content))
    return Document.objects.filter(code__in=list(codes)[:10]).first()


def _signatures(content: bytes) -> Iterator[EmbeddedPdfSignature]:
    try:
        yield from PdfFileReader(io.BytesIO(content)).embedded_signatures[:10]
    except STUMBLES:
        return


def _end_of(signature: EmbeddedPdfSignature) -> int:
    """Where the part ends that the signature speaks of."""
    try:
        *_, start, length = signature.byte_range
        return int(start) + int(length)
    except STUMBLES:
        return 0


def _is_ours(signature: EmbeddedPdfSignature) -> bool:
    try:
        return bool(signature.signer_cert.issuer == as_asn1(root_certificate()).subject)
    except STUMBLES:
        return False


def _is_whole(content: bytes) -> bool:
    """pyHanko's own verdict on the signature, beside the equal bytes."""
    trust = ValidationContext(trust_roots=[as_asn1(root_certificate())], allow_fetching=False)
    try:
        statuses = [validate_pdf_signature(one, trust) for one in _signatures(content)]
    except STUMBLES:
        return False
    return bool(statuses) and all(one.intact and one.valid for one in statuses)
