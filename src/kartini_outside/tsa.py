"""A time stamp authority (RFC 3161): POST a query, get a signed stamp. ``GET /tsa/ca.pem`` is its root.

Key and certificates are made at the first start and lie in ``$KARTINI_DATA_DIR/outside/tsa/``.
"""

import os
import secrets
import threading
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from asn1crypto import algos, cms, core, tsp
from asn1crypto import x509 as asn1
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from kartini_outside.server import Answer, Request

NAME = "Otoritas Stempel Waktu (tiruan)"
POLICY = "1.3.6.1.4.1.99999.3161"
PEM, DER = serialization.Encoding.PEM, serialization.Encoding.DER
_turn = threading.Lock()


def answer(request: Request) -> Answer:
    if request.path == "/ca.pem":
        return Answer(200, authority()[2].public_bytes(PEM), {"Content-Type": "text/plain"})
    if request.method != "POST":
        return Answer(200, f"{NAME}: POST application/timestamp-query\n".encode())
    try:
        asked = tsp.TimeStampReq.load(request.body, strict=True)
        stamped = _granted(asked, datetime.now(UTC))
    except (ValueError, TypeError, KeyError):
        stamped = tsp.TimeStampResp({"status": {"status": "rejection"}})
    return Answer(200, stamped.dump(), {"Content-Type": "application/timestamp-reply"})


def start() -> None:
    """Make key and certificates before anybody asks for them."""
    authority()


def _granted(asked: tsp.TimeStampReq, at: datetime) -> tsp.TimeStampResp:
    said = {
        "version": "v1",
        "policy": POLICY,
        "message_imprint": asked["message_imprint"],
        "serial_number": secrets.randbits(64),
        "gen_time": at.replace(microsecond=0),
        "accuracy": {"seconds": 1},
    }
    if asked["nonce"].native is not None:
        said["nonce"] = asked["nonce"]
    info = tsp.TSTInfo(said)
    signed = cms.ContentInfo({"content_type": "signed_data", "content": _signed(info.dump(), at)})
    return tsp.TimeStampResp({"status": {"status": "granted"}, "time_stamp_token": signed})


def _signed(content: bytes, at: datetime) -> cms.SignedData:
    key, certificate, _root = authority()
    own = asn1.Certificate.load(certificate.public_bytes(DER))
    sha256 = algos.DigestAlgorithm({"algorithm": "sha256"})
    attributes = cms.CMSAttributes(
        [
            _attribute("content_type", "tst_info"),
            _attribute("signing_time", cms.Time({"utc_time": core.UTCTime(at)})),
            _attribute("message_digest", _sha256(content)),
            _attribute("signing_certificate_v2", _certificate_id(own)),
        ]
    )
    signer = {
        "version": "v1",
        "sid": cms.SignerIdentifier(
            {
                "issuer_and_serial_number": {
                    "issuer": own.issuer,
                    "serial_number": own.serial_number,
                }
            }
        ),
        "digest_algorithm": sha256,
        "signed_attrs": attributes,
        "signature_algorithm": {"algorithm": "rsassa_pkcs1v15"},
        "signature": key.sign(attributes.dump(), PKCS1v15(), hashes.SHA256()),
    }
    inner = {"content_type": "tst_info", "content": core.ParsableOctetString(content)}
    return cms.SignedData(
        {
            "version": "v3",
            "digest_algorithms": [sha256],
            "encap_content_info": inner,
            "certificates": [own],
            "signer_infos": [signer],
        }
    )


def _attribute(kind: str, value: object) -> cms.CMSAttribute:
    return cms.CMSAttribute({"type": kind, "values": [value]})


def _certificate_id(own: asn1.Certificate) -> tsp.SigningCertificateV2:
    return tsp.SigningCertificateV2({"certs": [{"cert_hash": _sha256(own.dump())}]})


def _sha256(data: bytes) -> bytes:
    digest = hashes.Hash(hashes.SHA256())
    digest.update(data)
    return digest.finalize()


# -- key and certificates

Authority = tuple[rsa.RSAPrivateKey, x509.Certificate, x509.Certificate]


def authority() -> Authority:
    """The key, its certificate, and the root that issued it."""
    with _turn:
        return _authority(Path(os.environ.get("KARTINI_DATA_DIR", "var")) / "outside" / "tsa")


@cache
def _authority(folder: Path) -> Authority:
    if not (folder / "ca.pem").exists():
        _make(folder)
    key = serialization.load_pem_private_key((folder / "tsa.key").read_bytes(), None)
    assert isinstance(key, rsa.RSAPrivateKey)  # noqa: S101 — as it was made
    return (
        key,
        x509.load_pem_x509_certificate((folder / "tsa.pem").read_bytes()),
        x509.load_pem_x509_certificate((folder / "ca.pem").read_bytes()),
    )


def _make(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    root_key, key = (rsa.generate_private_key(65537, 2048) for _ in range(2))
    root_name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"{NAME}: akar")])
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)])
    root = (
        _begun(root_name, root_name, root_key)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs=False), critical=True)
        .sign(root_key, hashes.SHA256())
    )
    stamps = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])
    own = (
        _begun(name, root_name, key)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs=True), critical=True)
        .add_extension(stamps, critical=True)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(root_key.public_key()),
            critical=False,
        )
        .sign(root_key, hashes.SHA256())
    )
    private = key.private_bytes(
        PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "tsa.key").touch(mode=0o600)
    (folder / "tsa.key").write_bytes(private)
    (folder / "tsa.pem").write_bytes(own.public_bytes(PEM))
    (folder / "ca.pem").write_bytes(root.public_bytes(PEM))


def _begun(
    subject: x509.Name, issuer: x509.Name, key: rsa.RSAPrivateKey
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return x509.CertificateBuilder(
        subject_name=subject,
        issuer_name=issuer,
        public_key=key.public_key(),
        serial_number=x509.random_serial_number(),
        not_valid_before=now - timedelta(days=1),
        not_valid_after=now + timedelta(days=3650),
    ).add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)


def _usage(*, signs: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=signs, content_commitment=signs, key_encipherment=False,
        data_encipherment=False, key_agreement=False, key_cert_sign=not signs,
        crl_sign=not signs, encipher_only=False, decipher_only=False,
    )  # fmt: skip
