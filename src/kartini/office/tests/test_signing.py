"""Signing: the test authority says what it is; BSrE gets what it needs and nothing is kept."""

import socketserver
import stat
import threading
from base64 import b64decode
from collections.abc import Iterator
from email import message_from_bytes
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as house

from kartini.office import documents
from kartini.office.models import Document
from kartini.office.papers.scan import clamd
from kartini.office.signing import Signatory, SigningRefused
from kartini.office.signing.authority import identity_of, root_certificate
from kartini.office.signing.pades import sign_pdf
from kartini.office.tests.conftest import pdf as blank
from kartini.office.tests.test_documents import issue

SECRET = "rahasia-sekali 9\r\nX: y"


def signed(pdf: bytes) -> bytes:
    """As the node does it, with the signatory's own certificate."""
    identity = identity_of(Signatory("Hendro Susilo", "Kepala DPMPTSP"))
    return sign_pdf(pdf, identity, spot=None, picture=b"", reason="")


class FakeBSrE(BaseHTTPRequestHandler):
    """As much of the e-sign service as our client needs: one passphrase is right."""

    seen: list[dict[str, Any]] = []
    answer: tuple[int, bytes] | None = None

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        kind = self.headers["Content-Type"].encode()
        form: Any = message_from_bytes(b"Content-Type: " + kind + b"\r\n\r\n" + body)
        fields = {
            part.get_param("name", header="content-disposition"): part.get_payload(decode=True)
            for part in form.get_payload()
        }
        login = b64decode(self.headers["Authorization"].split()[1]).decode()
        key = self.headers["Idempotency-Key"]
        self.seen.append({"path": self.path, "login": login, "key": key, **fields})
        right = fields["passphrase"] == SECRET.encode()
        good = signed(fields["file"]) if right else b""
        wrong = b'{"status_code": 2031, "error": "Passphrase anda salah"}'
        status, content = self.answer or ((200, good) if right else (400, wrong))
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_what: Any) -> None:
        return


@pytest.fixture
def bsre(settings: Any) -> Iterator[type[FakeBSrE]]:
    FakeBSrE.seen, FakeBSrE.answer = [], None
    server = ThreadingHTTPServer(("127.0.0.1", 0), FakeBSrE)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    settings.SIGNER = "kartini.office.signing.BSrE"
    settings.BSRE_URL = f"http://127.0.0.1:{server.server_port}"
    settings.BSRE_USER, settings.BSRE_PASSWORD = "esign", "kata"
    yield FakeBSrE
    server.shutdown()
    server.server_close()


def consent(passphrase: str = SECRET) -> documents.Consent:
    return documents.Consent("3320110101709001", passphrase)


def test_bsre_gets_the_file_the_person_and_the_spot(bsre: type[FakeBSrE], db: None) -> None:
    document = issue(consent=consent())
    (seen,) = bsre.seen
    assert (seen["path"], seen["login"]) == ("/api/sign/pdf", "esign:kata")
    assert seen["file"].startswith(b"%PDF-")
    assert seen["tampilan"] == b"visible"
    assert int(seen["page"]) == 1
    assert document.code.encode() in seen["linkQR"]
    assert document.certified


def test_the_passphrase_is_kept_nowhere(bsre: type[FakeBSrE], db: None) -> None:
    document = issue(consent=consent())
    assert SECRET not in str(vars(document))
    assert SECRET not in repr(consent())


@pytest.mark.parametrize("given", [documents.Consent("3320110101709001", "salah"), None])
def test_a_wrong_passphrase_signs_nothing(bsre: type[FakeBSrE], db: None, given: Any) -> None:
    with pytest.raises(SigningRefused) as refused:
        issue(consent=given)
    assert refused.value.reason == "passphrase"
    assert not Document.objects.exists()


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ((500, b"<html>"), "away"),
        ((200, b"<html>ok"), "rejected"),
        ((400, b"[]"), "rejected"),
        ((400, b'{"status_code": 2011, "error": "Sertifikat kedaluwarsa"}'), "certificate"),
        ((400, b'{"status_code": "x"}'), "rejected"),
    ],
)
def test_rubbish_from_the_service_is_a_named_refusal(
    bsre: type[FakeBSrE], db: None, answer: tuple[int, bytes], reason: str
) -> None:
    bsre.answer = answer
    with pytest.raises(SigningRefused) as refused:
        issue(consent=consent())
    assert refused.value.reason == reason


@pytest.mark.parametrize("wrong", ["unsigned", "another", "changed", "nonsense"])
def test_what_is_not_this_document_with_a_whole_signature_is_not_registered(
    bsre: type[FakeBSrE], db: None, monkeypatch: pytest.MonkeyPatch, wrong: str
) -> None:
    good = signed
    answers = {
        "unsigned": lambda pdf: pdf,
        "another": lambda _pdf: good(blank()),
        "changed": lambda pdf: good(pdf).replace(b"/Contents <3", b"/Contents <4"),
        "nonsense": lambda pdf: pdf + b"x" * 100,
    }
    monkeypatch.setattr("kartini.office.tests.test_signing.signed", answers[wrong])
    with pytest.raises(SigningRefused) as refused:
        issue(consent=consent())
    assert refused.value.reason == "rejected"
    assert not Document.objects.exists()


def test_a_service_that_is_away_is_named(settings: Any, db: None) -> None:
    settings.SIGNER, settings.BSRE_URL = "kartini.office.signing.BSrE", "http://127.0.0.1:1"
    with pytest.raises(SigningRefused) as refused:
        issue(consent=consent())
    assert refused.value.reason == "away"


def test_the_test_authority_says_what_it_is_in_every_certificate() -> None:
    person = identity_of(Signatory("Hendro Susilo", "Kepala DPMPTSP")).certificate
    for certificate in (person, root_certificate()):
        assert "bukan TTE tersertifikasi" in certificate.subject.rfc4514_string()
    person.verify_directly_issued_by(root_certificate())


def test_keys_are_for_the_house_only() -> None:
    identity_of(Signatory("Hendro Susilo", "Kepala DPMPTSP"))
    files = list((Path(house.DATA_DIR) / "keys" / "authority").glob("*.pem"))
    assert len(files) >= 2
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}


# -- clamd


class FakeClamd(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        assert self.rfile.read(10) == b"zINSTREAM\0"
        content = b""
        while size := int.from_bytes(self.rfile.read(4), "big"):
            content += self.rfile.read(size)
        found = b"stream: Eicar-Test-Signature FOUND\0" if b"EICAR" in content else b"stream: OK\0"
        self.wfile.write(b"INSTREAM size limit exceeded. ERROR\0" if b"BIG" in content else found)


@pytest.fixture
def clam(tmp_path: Path) -> Iterator[str]:
    path = str(tmp_path / "c")
    with socketserver.ThreadingUnixStreamServer(path, FakeClamd) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield path
        server.shutdown()


def test_clamd_is_asked_over_its_socket(clam: str) -> None:
    assert clamd(clam, b"x" * 200_000) == ""
    assert clamd(clam, b"x" * 70_000 + b"EICAR") == "Eicar-Test-Signature"
    with pytest.raises(ValueError, match="limit"):
        clamd(clam, b"BIG")
