"""Papers: what is taken, what is refused, how it is kept."""

import io
import random
import resource
import struct
import zipfile
import zlib
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from django.conf import settings as house
from django.db import models

from kartini.office import papers, sealing
from kartini.office.models import Paper
from kartini.office.papers.refusals import REASONS
from kartini.office.tests.conftest import AT, pdf, picture, upload
from kartini.people.models import User


def receive(owner: User, content: bytes, name: str = "surat.pdf", label: str = "Ijazah") -> Paper:
    return papers.receive(upload=upload(content, name), owner=owner, label=label, at=AT)


def refused(owner: User, content: bytes, name: str = "surat.pdf") -> papers.PaperRefused:
    with pytest.raises(papers.PaperRefused) as caught:
        receive(owner, content, name)
    assert not Paper.objects.exists()
    assert papers.words(caught.value)
    return caught.value


@pytest.mark.parametrize(
    ("content", "name", "kind"),
    [
        (pdf(), "Ijazah.pdf", "pdf"),
        (picture("PNG"), "foto.PNG", "png"),
        (picture("JPEG"), "foto.jpg", "jpeg"),
        (picture("JPEG"), "foto", "jpeg"),
    ],
)
def test_pdf_and_pictures_are_taken_by_their_content(
    siti: User, content: bytes, name: str, kind: str
) -> None:
    paper = receive(siti, content, name)
    assert (paper.kind, paper.size) == (kind, len(content))
    assert sealing.fetch(paper.file) == content


def test_what_is_kept_is_encrypted_under_an_opaque_name(siti: User) -> None:
    content = pdf()
    paper = receive(siti, content, "Ijazah Siti.pdf")
    kept = Path(house.MEDIA_ROOT) / paper.file
    assert b"%PDF" not in kept.read_bytes()
    assert "Ijazah" not in paper.file


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/passwd.pdf", "passwd.pdf"),
        ("..\\..\\windows\\surat.pdf", "surat.pdf"),
        ("su\x00rat\r\n\u202e.pdf", "surat.pdf"),
        ('"><script>.pdf', "script.pdf"),
        ("", "berkas.pdf"),
        ("x" * 300 + ".pdf", "x" * 90 + ".pdf"),
    ],
)
def test_a_hostile_name_is_made_harmless(given: str, kept: str) -> None:
    from kartini.office.papers.examine import clean_name

    assert clean_name(given, "pdf") == kept


def test_an_empty_file_is_refused(siti: User) -> None:
    assert refused(siti, b"").reason == "empty"


def test_a_file_over_the_limit_is_refused_unread(siti: User, settings: Any) -> None:
    settings.PAPERS_MAX_BYTES = 1000
    assert refused(siti, b"x" * 1001).facts == {"size": 1001, "most": 1000}


def test_a_wrong_kind_is_refused_by_content_not_by_name(siti: User) -> None:
    page = io.BytesIO()
    with zipfile.ZipFile(page, "w") as archive:
        archive.writestr("a.txt", "a")
    assert refused(siti, page.getvalue()).reason == "wrong-type"
    assert refused(siti, b"<html><script>alert(1)</script>").reason == "wrong-type"
    assert refused(siti, b"GIF89a" + bytes(100), "a.gif").reason == "wrong-type"


def test_a_picture_called_pdf_is_refused_with_advice(siti: User) -> None:
    assert refused(siti, picture("JPEG"), "foto.pdf").facts == {"said": "pdf", "found": "jpeg"}


@pytest.mark.parametrize("cut", [0.3, 0.6, 0.95])
def test_a_cut_pdf_is_refused(siti: User, cut: float) -> None:
    content = pdf(20)
    assert refused(siti, content[: int(len(content) * cut)]).reason == "broken"


def test_a_cut_picture_is_refused(siti: User) -> None:
    content = picture("PNG", (300, 300))
    assert refused(siti, content[: len(content) // 2], "a.png").reason == "broken"


def test_a_locked_pdf_is_refused(siti: User) -> None:
    for user in ("rahasia", ""):
        locked = pdf(encryption=pikepdf.Encryption(owner="pemilik", user=user))
        assert refused(siti, locked).reason == "encrypted"


def test_a_pdf_with_a_program_is_refused(siti: User) -> None:
    out = io.BytesIO()
    with pikepdf.new() as document:
        document.add_blank_page()
        document.Root.OpenAction = pikepdf.Dictionary(
            S=pikepdf.Name.JavaScript, JS=pikepdf.String("app.alert(1)")
        )
        document.save(out)
    assert refused(siti, out.getvalue()).reason == "active"


def test_a_picture_bomb_is_refused_by_its_measures(siti: User) -> None:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        )

    head = struct.pack(">IIBBBBB", 50_000, 50_000, 8, 2, 0, 0, 0)
    bomb = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head)
    bomb += chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")
    assert refused(siti, bomb, "a.png").reason == "too-many-pixels"


def test_a_pdf_bomb_is_refused_before_it_unpacks(siti: User) -> None:
    squeezed = zlib.compress(b"5 0 <</Type/Catalog/Pages 2 0 R>>" + bytes(120 * 2**20), 9)
    parts = {
        2: b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        3: b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>",
        4: b"<</Type/ObjStm/N 1/First 4/Filter/FlateDecode/Length %d>>stream\n" % len(squeezed)
        + squeezed
        + b"\nendstream",
    }
    content, places = b"%PDF-1.5\n", {}
    for number, body in parts.items():
        places[number] = len(content)
        content += b"%d 0 obj\n" % number + body + b"\nendobj\n"
    start = len(content)
    rows = [(0, 0), (0, 0), *((1, places[n]) for n in (2, 3, 4)), (2, 4), (1, start)]
    table = b"".join(struct.pack(">BIB", kind, place, 0) for kind, place in rows)
    content += b"6 0 obj\n<</Type/XRef/Size 7/W[1 4 1]/Root 5 0 R/Length %d>>stream\n" % len(table)
    content += table + b"\nendstream\nendobj\nstartxref\n%d\n%%%%EOF\n" % start
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert refused(siti, content).reason == "broken"
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100 * 1024


def test_two_files_in_one_are_refused(siti: User) -> None:
    with_attachment = io.BytesIO()
    with pikepdf.new() as document:
        document.add_blank_page()
        document.attachments["a.exe"] = b"MZ"
        document.save(with_attachment)
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as held:
        held.writestr("a.txt", "a")
    for content, name in (
        (with_attachment.getvalue(), "a.pdf"),
        (pdf() + archive.getvalue(), "a.pdf"),
        (pdf() + b"<html><script>", "a.pdf"),
        (picture("JPEG") + archive.getvalue(), "a.jpg"),
        (picture("PNG") + b"<script>alert(1)</script>", "a.png"),
        (picture("JPEG")[:2] + b"\xff\xfe\x00\x0a%PDF-1.7" + picture("JPEG")[2:], "a.jpg"),
    ):
        assert refused(siti, content, name).reason == "two-in-one"


def test_random_bytes_after_a_right_beginning_never_break_the_desk(siti: User) -> None:
    chance = random.Random(7)
    for start in (b"%PDF-1.7\n", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0"):
        for _round in range(40):
            with pytest.raises(papers.PaperRefused):
                receive(siti, start + chance.randbytes(400), "a")


def test_the_same_file_twice_is_one_paper(siti: User, budi: User) -> None:
    first = receive(siti, pdf())
    assert receive(siti, pdf(), "lain.pdf") == first
    assert receive(siti, pdf(), label="KTP") != first
    assert receive(budi, pdf()) != first


def test_a_full_vault_says_so(siti: User, settings: Any) -> None:
    settings.PAPERS_VAULT_BYTES = 100
    assert refused(siti, pdf()).reason == "vault-full"


def find_worm(content: bytes) -> str:
    return "Worm.Contoh" if b"teal" not in content and len(content) > 900 else ""


def broken_scanner(content: bytes) -> str:
    raise OSError


def test_what_the_scanner_finds_is_refused(siti: User, settings: Any) -> None:
    settings.VIRUS_SCAN = f"{__name__}.find_worm"
    assert receive(siti, picture("PNG"), "a.png").scanned_by == settings.VIRUS_SCAN
    Paper.objects.all().delete()
    assert refused(siti, pdf(9)).reason == "infected"


def test_without_its_scanner_the_desk_refuses_rather_than_hopes(siti: User, settings: Any) -> None:
    settings.VIRUS_SCAN = f"{__name__}.broken_scanner"
    assert refused(siti, pdf()).reason == "not-scanned"
    settings.VIRUS_SCAN = "clamd:/nowhere/clamd.ctl"
    assert refused(siti, pdf()).reason == "not-scanned"


def test_a_paper_is_removed_with_its_file(
    siti: User, django_capture_on_commit_callbacks: Any
) -> None:
    paper = receive(siti, pdf())
    kept = Path(house.MEDIA_ROOT) / paper.file
    with django_capture_on_commit_callbacks(execute=True):
        papers.remove(paper=paper, by=siti, at=AT)
    assert not kept.exists()
    assert not Paper.objects.exists()


def test_a_download_can_neither_run_nor_be_reinterpreted(siti: User) -> None:
    paper = receive(siti, pdf(), "Ijazah “Siti”.pdf")
    answer = papers.response(paper)
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer["Content-Security-Policy"]
    assert answer["Content-Disposition"].startswith("attachment")


def test_a_pdf_to_be_looked_at_leaves_the_viewer_alone_and_a_picture_does_not(siti: User) -> None:
    """Several browsers' PDF viewers stay blank under a sandbox; a picture needs no viewer."""
    shown = papers.response(receive(siti, pdf()), inline=True)
    photo = papers.response(receive(siti, picture(), "foto.png"), inline=True)
    for answer in (shown, photo):
        assert answer["Content-Disposition"].startswith("inline")
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["Content-Security-Policy"].startswith("default-src 'none'")
    assert "sandbox" not in shown["Content-Security-Policy"]
    assert "sandbox" in photo["Content-Security-Policy"]


def test_every_refusal_has_words() -> None:
    facts = dict.fromkeys(("size", "most", "found", "said", "width", "height", "pages"), 7) | {
        "found": "zip",
        "said": "pdf",
    }
    assert all(papers.words(papers.PaperRefused(reason, **facts)) for reason in REASONS)


def test_in_use_is_asked_once_for_each_kind_of_user(
    siti: User, django_assert_max_num_queries: Any
) -> None:
    paper = receive(siti, pdf())
    users = [
        relation
        for relation in Paper._meta.get_fields(include_hidden=True)
        if isinstance(relation, models.ManyToOneRel)
    ]
    with django_assert_max_num_queries(len(users)):
        assert Paper.in_use([paper.pk]) == set()
