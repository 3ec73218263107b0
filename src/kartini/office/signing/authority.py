"""The local test authority: a CA of our own, made on first use. Its signatures are not certified ones, and say so.

Keys lie under ``KARTINI_DATA_DIR/keys/authority``. Certificates are valid from 2018, when the demo's history begins.
"""

import fcntl
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID
from django.conf import settings

from kartini.office.signing.pades import Identity, sign_pdf
from kartini.office.signing.signer import Consent, Signatory
from kartini.office.typesetting import Spot

MARK = "bukan TTE tersertifikasi"
FROM, UNTIL = datetime(2018, 1, 1, tzinfo=UTC), datetime(2048, 1, 1, tzinfo=UTC)
_FOR_SIGNING = x509.KeyUsage(
    digital_signature=True,
    content_commitment=True,
    key_encipherment=False,
    data_encipherment=False,
    key_agreement=False,
    key_cert_sign=False,
    crl_sign=False,
    encipher_only=False,
    decipher_only=False,
)
_FOR_CERTIFYING = x509.KeyUsage(
    digital_signature=False,
    content_commitment=False,
    key_encipherment=False,
    data_encipherment=False,
    key_agreement=False,
    key_cert_sign=True,
    crl_sign=True,
    encipher_only=False,
    decipher_only=False,
)


class TestAuthority:
    """Signs with a certificate that the house made itself."""

    __test__ = False
    certified = False
    needs_consent = False

    def sign(
        self,
        pdf: bytes,
        *,
        signatory: Signatory,
        spot: Spot | None,
        picture: bytes,
        link: str,
        consent: Consent | None = None,
    ) -> bytes:
        return sign_pdf(
            pdf, identity_of(signatory), spot=spot, picture=picture, reason=signatory.title
        )


def root_certificate() -> x509.Certificate:
    """The test authority's own certificate."""
    return _root(_folder()).certificate


def root_mark() -> bytes:
    """What every signature under the test authority holds: its root's key identifier, as a PDF writes it."""
    key = x509.SubjectKeyIdentifier.from_public_key(_root(_folder()).key.public_key())
    return key.digest.hex().encode()


def identity_of(signatory: Signatory) -> Identity:
    """A signatory's key and certificate; made once, parsed once per process."""
    return _identity(_folder(), signatory)


def _folder() -> Path:
    return Path(settings.DATA_DIR) / "keys" / "authority"


@lru_cache(maxsize=4)
def _root(folder: Path) -> Identity:
    with _alone(folder):
        if not (folder / "root.pem").exists():
            key = _new_key()
            name = _name(f"Otoritas uji Kartini ({MARK})")
            _write(folder / "root.pem", key, _certificate(name, key, name, key, ca=True))
        return _read(folder / "root.pem", ())


@lru_cache(maxsize=64)
def _identity(folder: Path, signatory: Signatory) -> Identity:
    root = _root(folder)
    mark = hashlib.sha256(f"{signatory.name}\n{signatory.title}".encode()).hexdigest()[:32]
    path = folder / f"signatory-{mark}.pem"
    with _alone(folder):
        if not path.exists():
            key = _new_key()
            name = _name(f"{signatory.name[:36]} ({MARK})", signatory.title)
            certificate = _certificate(name, key, root.certificate.subject, root.key)
            _write(path, key, certificate)
        return _read(path, (root.certificate,))


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One process at a time, so that two first users do not make two authorities."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _new_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def _name(common: str, title: str = "") -> x509.Name:
    parts = [
        x509.NameAttribute(NameOID.COUNTRY_NAME, "ID"),
        x509.NameAttribute(NameOID.ORGANIZATION_NAME, f"Pemerintah {settings.REGENCY_NAME}"[:64]),
        x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, f"Otoritas uji, {MARK}"),
        x509.NameAttribute(NameOID.COMMON_NAME, common),
    ]
    return x509.Name(parts + ([x509.NameAttribute(NameOID.TITLE, title[:64])] if title else []))


def _certificate(
    subject: x509.Name,
    key: rsa.RSAPrivateKey,
    issuer: x509.Name,
    issuer_key: rsa.RSAPrivateKey,
    *,
    ca: bool = False,
) -> x509.Certificate:
    identifier = x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key())
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(FROM)
        .not_valid_after(UNTIL)
        .add_extension(x509.BasicConstraints(ca=ca, path_length=0 if ca else None), critical=True)
        .add_extension(_FOR_CERTIFYING if ca else _FOR_SIGNING, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(identifier, critical=False)
        .sign(issuer_key, hashes.SHA256())
    )


def _write(path: Path, key: rsa.RSAPrivateKey, certificate: x509.Certificate) -> None:
    """Key and certificate in one file, there as a whole or not at all, for this user's eyes only."""
    fresh = path.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        out.write(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
        out.write(certificate.public_bytes(serialization.Encoding.PEM))
    fresh.replace(path)


def _read(path: Path, chain: tuple[x509.Certificate, ...]) -> Identity:
    content = path.read_bytes()
    key = serialization.load_pem_private_key(content, None)
    if not isinstance(key, rsa.RSAPrivateKey):
        raise TypeError(path)
    return Identity(
        key, x509.load_pem_x509_certificate(content[content.index(b"-----BEGIN CERT") :]), chain
    )
