"""Issued documents: judged by pdfsig, qpdf and pdffonts, which are not ours."""

import io
import shutil
import subprocess
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pikepdf
import pytest

from kartini.office import documents, files
from kartini.office.models import Document
from kartini.office.tests.conftest import AT
from kartini.office.typesetting import HERE
from kartini.people.models import User

EXAMPLE = HERE / "example.typ"


def issue(thing: str = "joss:1", **more: Any) -> Document:
    facts: dict[str, Any] = {
        "kind": "sip-perawat",
        "number": "500.16.7/0123/SIPP/2026",
        "title": "Surat Izin Praktik Perawat",
        "template": EXAMPLE,
        "data": {"agency": {"name": "DPMPTSP"}, "rows": [["Nama", "Siti Nur Aisyah"]]},
        "holder_name": "Siti Nur Aisyah",
        "signed_by": "Hendro Susilo",
        "signer_title": "Kepala DPMPTSP",
        "at": AT,
        "valid_until": date(2031, 11, 24),
        "thing": thing,
    }
    return documents.issue(**{**facts, **more})


def judged(tool: str, *arguments: str) -> str:
    if not shutil.which(tool):
        pytest.skip(f"{tool} is not installed (apt-get install poppler-utils qpdf)")
    done = subprocess.run([tool, *arguments], capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


@pytest.fixture
def document(db: None) -> Document:
    return issue()


@pytest.fixture
def file(document: Document, tmp_path: Path) -> Path:
    path = tmp_path / "document.pdf"
    path.write_bytes(documents.content(document))
    return path


def test_pdfsig_finds_the_signature_valid_and_over_the_whole_file(file: Path) -> None:
    said = judged("pdfsig", str(file))
    assert "Signature Validation: Signature is Valid." in said
    assert "Total document signed" in said
    assert "ETSI.CAdES.detached" in said
    assert "bukan TTE tersertifikasi" in said


def test_qpdf_finds_the_structure_clean(file: Path) -> None:
    said = judged("qpdf", "--check", str(file))
    assert "No syntax or stream encoding errors" in said


def test_all_fonts_are_embedded(file: Path) -> None:
    lines = judged("pdffonts", str(file)).splitlines()[2:]
    assert lines
    assert {line.split()[-5] for line in lines} == {"yes"}


def test_it_is_made_as_pdf_a_2b_and_signing_keeps_that(file: Path) -> None:
    content = file.read_bytes()
    assert b'pdfaid:part="2"' in content or b"<pdfaid:part>2<" in content
    assert b"GTS_PDFA1" in content or b"/OutputIntents" in content


def test_the_page_says_that_the_signature_is_not_certified(file: Path) -> None:
    said = judged("pdftotext", str(file), "-")
    assert "Ditandatangani secara elektronik" in said
    assert "bukan TTE tersertifikasi" in said


def test_the_same_thing_gives_the_same_document(document: Document) -> None:
    assert issue() == document
    assert Document.objects.count() == 1


def test_of_two_who_issue_the_same_thing_at_once_one_document_stays(document: Document) -> None:
    from kartini.office.documents import register

    facts = {
        name: getattr(document, name)
        for name in (
            *("kind", "number", "title", "thing", "holder_masked", "signed_by"),
            *("signer_title", "certified", "issued_at", "state_at"),
        )
    }
    assert register._register(b"%PDF-other", code="0000-0000-0000", **facts) == document
    assert files.check().faults == [], "the slower one's file is gone"


def test_the_register_keeps_the_holder_masked_only(document: Document) -> None:
    assert document.holder_masked == "S••• N•• A•••••"
    assert "Aisyah" not in str(vars(document))


def test_the_same_bytes_are_recognised(document: Document) -> None:
    finding = documents.inspect_file(documents.content(document))
    assert (finding.verdict, finding.document, finding.sealed) == ("same", document, True)


@pytest.mark.parametrize("where", [0.2, 0.5, 0.9])
def test_one_changed_byte_is_refused(document: Document, where: float) -> None:
    content = bytearray(documents.content(document))
    content[int(len(content) * where)] ^= 1
    assert documents.inspect_file(bytes(content)).verdict == "changed"


def test_something_added_after_signing_is_refused(document: Document) -> None:
    content = documents.content(document) + b"\n% one more line\n"
    finding = documents.inspect_file(content)
    assert (finding.verdict, finding.document) == ("changed", document)


def test_another_pdf_is_unknown(document: Document) -> None:
    from kartini.office.tests.conftest import pdf

    assert documents.inspect_file(pdf()).verdict == "unknown"
    assert documents.inspect_file(b"%PDF-1.7 rubbish").verdict == "unknown"
    assert documents.inspect_file(b"").verdict == "unknown"


def test_a_document_saved_anew_by_another_program_is_refused(document: Document) -> None:
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(documents.content(document))) as pdf:
        pdf.save(out)
    finding = documents.inspect_file(out.getvalue())
    assert (finding.verdict, finding.document) == ("changed", document)


def test_a_document_is_suspended_resumed_and_revoked_for_a_reason(
    document: Document, siti: User
) -> None:
    later = AT + timedelta(days=3)
    how: dict[str, Any] = {"by": siti, "at": later}
    document = documents.suspend(document=document, reason="Tempat praktik diperiksa", **how)
    assert document.standing(later.date()) == "suspended"
    document = documents.resume(document=document, reason="Selesai", **how)
    document = documents.revoke(document=document, reason="Tempat ditutup", **how)
    with pytest.raises(documents.StateRefused):
        documents.resume(document=document, reason="Keliru", **how)
    assert document.standing(later.date()) == "revoked"


def test_a_document_expires_by_itself(document: Document) -> None:
    assert document.standing(date(2031, 11, 24)) == "valid"
    assert document.standing(date(2031, 11, 25)) == "expired"
