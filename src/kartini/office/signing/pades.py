"""PAdES with pyHanko: sign with a key parsed once, and judge a signature."""

import io
import tempfile
from dataclasses import dataclass

from asn1crypto import x509 as asn1
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.layout import AxisAlignment, Margins, SimpleBoxLayoutRule
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign import signers
from pyhanko.sign.fields import SigFieldSpec, SigSeedSubFilter
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko.stamp import StaticStampStyle
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.registry import SimpleCertificateStore

from kartini.office.typesetting import Spot

FIELD = "TTE"
ROOM = (
    16 * 1024
)  # hexadecimal digits for the signature; said beforehand, pyHanko need not try it out
WHOLE_SPOT = SimpleBoxLayoutRule(
    AxisAlignment.ALIGN_MID, AxisAlignment.ALIGN_MID, margins=Margins(0, 0, 0, 0)
)


@dataclass(frozen=True)
class Identity:
    """A key with its certificate and those above it."""

    key: RSAPrivateKey
    certificate: x509.Certificate
    chain: tuple[x509.Certificate, ...]


def as_asn1(certificate: x509.Certificate) -> asn1.Certificate:
    der = certificate.public_bytes(serialization.Encoding.DER)
    loaded: asn1.Certificate = asn1.Certificate.load(der)  # type: ignore[no-untyped-call]
    return loaded


class CachedSigner(signers.Signer):
    """pyHanko's signer with the key already parsed (a third of the stock signer's time)."""

    def __init__(self, identity: Identity) -> None:
        store = SimpleCertificateStore()  # type: ignore[no-untyped-call]
        own = as_asn1(identity.certificate)
        store.register_multiple([own, *map(as_asn1, identity.chain)])
        super().__init__(signing_cert=own, cert_registry=store)
        self._key = identity.key

    async def async_sign_raw(
        self, data: bytes, digest_algorithm: str, dry_run: bool = False
    ) -> bytes:
        if dry_run:
            return bytes(self._key.key_size // 8)
        return self._key.sign(data, PKCS1v15(), getattr(hashes, digest_algorithm.upper())())


def is_signed(pdf: bytes) -> bool:
    """Whether it bears a signature, and each is whole. By whom, and whether to trust it, is not asked."""
    nobody = ValidationContext(trust_roots=[], allow_fetching=False)
    try:
        found = PdfFileReader(io.BytesIO(pdf)).embedded_signatures
        statuses = [validate_pdf_signature(one, nobody) for one in found]
    except (PdfError, ValueError, KeyError, TypeError, IndexError):
        return False
    return bool(statuses) and all(one.intact and one.valid for one in statuses)


def sign_pdf(
    pdf: bytes, identity: Identity, *, spot: Spot | None, picture: bytes, reason: str
) -> bytes:
    """The PDF with one signature over all of it; its picture is typeset by us, so that all fonts are embedded."""
    metadata = signers.PdfSignatureMetadata(
        field_name=FIELD, subfilter=SigSeedSubFilter.PADES, md_algorithm="sha256", reason=reason
    )
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    if spot is None:
        pdf_signer = signers.PdfSigner(metadata, CachedSigner(identity))
        return _signed(pdf_signer, writer)
    left, bottom, right, top = map(round, spot.box)
    field = SigFieldSpec(FIELD, on_page=spot.page - 1, box=(left, bottom, right, top))
    with tempfile.NamedTemporaryFile(suffix=".pdf") as page:
        page.write(picture)
        page.flush()
        style = StaticStampStyle.from_pdf_file(
            page.name, border_width=0, background_layout=WHOLE_SPOT
        )
        pdf_signer = signers.PdfSigner(
            metadata, CachedSigner(identity), stamp_style=style, new_field_spec=field
        )
        return _signed(pdf_signer, writer)


def _signed(pdf_signer: signers.PdfSigner, writer: IncrementalPdfFileWriter) -> bytes:
    output = io.BytesIO()
    pdf_signer.sign_pdf(writer, bytes_reserved=ROOM, output=output)
    return output.getvalue()
