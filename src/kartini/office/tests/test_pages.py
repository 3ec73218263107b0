"""The counter's pages: who may see what, and what bad input gets for an answer."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from kartini.office import calendar, documents, notices, papers, payments
from kartini.office.models import Bill, Document, HolidayOverride, Notice, Paper, PaymentCode
from kartini.office.rules import CALENDAR_KEEPER, TREASURER
from kartini.office.tests.conftest import AT, pdf, picture, upload
from kartini.office.tests.test_documents import issue
from kartini.office.tests.test_notices import tell
from kartini.office.tests.test_payments import money, write
from kartini.people import persons
from kartini.people.models import Role, TrailLine, User


@pytest.fixture(autouse=True)
def _fresh_counters() -> None:
    cache.clear()


@pytest.fixture
def me(client: Client, siti: User) -> Client:
    client.force_login(siti)
    return client


@pytest.fixture
def officer(budi: User) -> Client:
    for kind in (CALENDAR_KEEPER, TREASURER):
        Role.objects.create(user=budi, kind=kind, from_on=AT.date() - timedelta(days=400))
    client = Client()
    client.force_login(budi)
    return client


# -- papers


def test_a_paper_is_uploaded_seen_downloaded_and_removed(me: Client, siti: User) -> None:
    sent = {"label": "Ijazah", "file": upload(pdf(), "ijazah.pdf")}
    assert me.post("/berkas-saya/", sent).status_code == 302
    paper = Paper.objects.get(owner=siti)
    assert "Ijazah" in me.get("/berkas-saya/").content.decode()
    answer = me.get(f"/berkas-saya/{paper.pk}/")
    assert answer.content == pdf()
    assert "sandbox" in answer["Content-Security-Policy"]
    assert me.get(f"/berkas-saya/{paper.pk}/hapus/").status_code == 200
    assert me.post(f"/berkas-saya/{paper.pk}/hapus/").status_code == 302
    assert not Paper.objects.exists()


def test_a_refused_paper_is_explained_and_the_label_kept(me: Client) -> None:
    answer = me.post("/berkas-saya/", {"label": "KTP saya", "file": upload(b"", "a.pdf")})
    assert answer.status_code == 422
    assert "KTP saya" in answer.content.decode()


def test_nobody_reaches_anothers_paper(me: Client, budi: User) -> None:
    paper = papers.receive(upload=upload(pdf()), owner=budi, label="KTP", at=AT)
    assert me.get(f"/berkas-saya/{paper.pk}/").status_code == 404
    assert me.post(f"/berkas-saya/{paper.pk}/hapus/").status_code == 404
    assert Client().get(f"/berkas-saya/{paper.pk}/").status_code == 302


def test_a_full_shelf_needs_as_many_queries_as_an_empty_one(
    me: Client, siti: User, django_assert_max_num_queries: Any
) -> None:
    for n in range(25):
        papers.receive(
            upload=upload(picture("PNG", (n + 1, 1)), "a.png"), owner=siti, label=str(n), at=AT
        )
    with django_assert_max_num_queries(12):
        me.get("/berkas-saya/")


# -- documents


@pytest.mark.parametrize(
    "verb", [None, documents.suspend, documents.revoke], ids=["valid", "suspended", "revoked"]
)
def test_anyone_may_check_a_document_by_its_code(client: Client, siti: User, verb: Any) -> None:
    document = issue(holder=siti, shown={"Tempat praktik": "Desa Tahunan"})
    if verb:
        verb(document=document, reason="Diperiksa ulang", by=siti, at=AT)
    said = client.get(reverse("office:check", args=[document.code])).content.decode()
    assert "S••• N•• A•••••" in said
    assert "Desa Tahunan" in said
    assert "Aisyah" not in said
    assert ("Diperiksa ulang" in said) == bool(verb)


def test_a_code_may_be_typed_as_people_type(client: Client, db: None) -> None:
    code = issue().code
    for typed in (code.lower(), code.replace("-", ""), f" {code.replace('-', ' ')} "):
        answer = client.get("/periksa/", {"kode": typed})
        assert answer["Location"] == f"/periksa/{code}/"
    assert client.get(f"/periksa/{code.lower()}/")["Location"] == f"/periksa/{code}/"


@pytest.mark.parametrize("typed", ["x", "7Q4K-2M9D", "🙂" * 12, "7Q4K-2M9D-XW3U", "A" * 5000])
def test_what_can_be_no_code_is_said_kindly(client: Client, db: None, typed: str) -> None:
    assert client.get("/periksa/", {"kode": typed}).status_code == 200


def test_an_unknown_code_is_a_404_that_says_what_to_do(client: Client, db: None) -> None:
    answer = client.get("/periksa/0000-0000-0000/")
    assert answer.status_code == 404
    assert 'class="verdict"' in answer.content.decode()


def test_codes_cannot_be_tried_by_the_thousand(client: Client, db: None) -> None:
    last = [client.get("/periksa/0000-0000-0000/").status_code for _try in range(62)]
    assert last[-1] == 429


def hand_in(client: Client, content: bytes, code: str = "") -> str:
    sent = {"file": upload(content, "a.pdf"), "kode": code}
    return client.post("/periksa/berkas/", sent).content.decode()


def test_the_file_itself_is_judged(client: Client, db: None) -> None:
    document, other = issue(), issue("joss:2")
    content = documents.content(document)
    client.cookies["bahasa"] = "en"
    assert "This very file was signed here" in hand_in(client, content, document.code)
    assert "changed after signing" in hand_in(client, content + b" ")
    assert "was not signed here" in hand_in(client, pdf())
    assert "This file is another document" in hand_in(client, content, other.code)


def test_the_judge_takes_ten_files_a_minute(client: Client, db: None) -> None:
    sent = [client.post("/periksa/berkas/", {"file": upload(pdf())}) for _time in range(11)]
    assert [answer.status_code for answer in sent] == [200] * 10 + [429]


def test_a_huge_or_missing_file_is_refused(client: Client, db: None, settings: Any) -> None:
    settings.PAPERS_MAX_BYTES = 100
    assert client.post("/periksa/berkas/", {"file": upload(b"x" * 101)}).status_code == 422
    assert client.post("/periksa/berkas/").status_code == 422
    assert client.get("/periksa/berkas/").status_code in {404, 405}


def test_only_the_holder_downloads(me: Client, siti: User, budi: User) -> None:
    mine, other = issue(holder=siti), issue("joss:2", holder=budi)
    assert me.get(f"/dokumen-saya/{mine.code}/unduh/").content == documents.content(mine)
    assert me.get(f"/dokumen-saya/{other.code}/unduh/").status_code == 404
    assert mine.title in me.get("/dokumen-saya/").content.decode()


def test_a_long_list_of_documents_needs_few_queries(
    me: Client, siti: User, django_assert_max_num_queries: Any
) -> None:
    first = issue(holder=siti)
    for n in range(15):
        first.pk, first.code, first.thing = None, f"0000-0000-00{n:02}", str(n)
        first.file, first.sha256 = str(n), str(n)
        Document.objects.bulk_create([first])
    with django_assert_max_num_queries(10):
        me.get("/dokumen-saya/")


# -- messages


def test_a_message_is_new_until_it_was_opened(me: Client, siti: User) -> None:
    notice = tell(siti)
    assert me.head(f"/pesan/{notice.pk}/").status_code == 200
    assert notices.unread_count(siti) == 1, "a look-ahead of the browser reads nothing"
    assert '<span class="count">1</span>' in me.get("/periksa/").content.decode()
    assert notice.subject in me.get(f"/pesan/{notice.pk}/").content.decode()
    assert notices.unread_count(siti) == 0
    me.post(f"/pesan/{notice.pk}/")
    assert notices.unread_count(siti) == 1
    me.post("/pesan/baca-semua/")
    assert notices.unread_count(siti) == 0
    assert me.get("/pesan/?saring=belum").status_code == 200


def test_nobody_reads_anothers_message(me: Client, budi: User) -> None:
    assert me.get(f"/pesan/{tell(budi).pk}/").status_code == 404


def test_a_message_is_text_whatever_stands_in_it(me: Client, siti: User) -> None:
    said = me.get(f"/pesan/{tell(siti).pk}/").content.decode()
    assert "<reklame>" not in said
    assert "&lt;reklame&gt;" in said


@pytest.mark.parametrize("page", ["0", "-1", "x", "99999999999999999999"])
def test_a_page_that_does_not_exist_is_the_nearest_one(me: Client, siti: User, page: str) -> None:
    tell(siti)
    for path in ("/pesan/", "/berkas-saya/", "/dokumen-saya/", "/tagihan/"):
        assert me.get(path, {"halaman": page}).status_code == 200


def test_a_long_inbox_needs_few_queries(
    me: Client, siti: User, django_assert_max_num_queries: Any
) -> None:
    Notice.objects.bulk_create(Notice(to=siti, subject=str(n), told_at=AT) for n in range(50))
    with django_assert_max_num_queries(10):
        me.get("/pesan/")


# -- bills


@pytest.fixture
def bill(siti: User) -> Bill:
    bill = write(siti, due_on=timezone.localdate() + timedelta(days=3))
    now = timezone.now()
    PaymentCode.objects.create(
        reference="K1", bill=bill, content="0002", made_at=now, until=now + timedelta(hours=1)
    )
    return bill


def test_a_bill_shows_its_code_and_says_when_the_provider_is_away(
    me: Client, bill: Bill, settings: Any
) -> None:
    settings.QRIS_URL = "http://127.0.0.1:1/qris"
    page = me.get(f"/tagihan/{bill.pk}/")
    assert 'class="qr"' in page.content.decode()
    assert me.post(f"/tagihan/{bill.pk}/").status_code == 302
    PaymentCode.objects.all().delete()
    client_page = me.get(f"/tagihan/{bill.pk}/", HTTP_ACCEPT_LANGUAGE="en")
    assert 'data-tone="warn"' in client_page.content.decode()


def test_the_page_asks_quietly_and_changes_only_with_the_bill(
    me: Client, bill: Bill, settings: Any, post: Any
) -> None:
    settings.QRIS_URL = "http://127.0.0.1:1/qris"
    path, htmx = f"/tagihan/{bill.pk}/", {"HX-Request": "true"}
    first = me.post(path, {"seen": ""}, headers=htmx)
    assert first.status_code == 200
    assert "<html" not in first.content.decode()
    seen = first.content.decode().split('"seen": "')[1].split('"')[0]
    assert me.post(path, {"seen": seen}, headers=htmx).status_code == 204
    payments.hear(received=money(paid_at=timezone.now()), at=timezone.now())
    assert me.post(path, {"seen": seen}, headers=htmx).status_code == 200


def test_a_paid_bill_gives_a_receipt_and_an_open_one_none(
    me: Client, bill: Bill, post: Any
) -> None:
    assert me.get(f"/tagihan/{bill.pk}/tanda-terima/").status_code == 404
    payments.hear(received=money(paid_at=timezone.now()), at=timezone.now())
    receipt = me.get(f"/tagihan/{bill.pk}/tanda-terima/")
    assert receipt.content.startswith(b"%PDF-")


def test_nobody_sees_anothers_bill(client: Client, bill: Bill, budi: User) -> None:
    client.force_login(budi)
    assert client.get(f"/tagihan/{bill.pk}/").status_code == 404


# -- desks of the staff


def test_the_treasurer_lets_a_late_payment_count_or_notes_its_return(
    officer: Client, bill: Bill, post: Any
) -> None:
    late = timezone.now() + timedelta(days=9)
    bill.payer.person = persons.remember(nik="3320116204959002", name="Siti", at=late)
    bill.payer.save()
    payment = payments.hear(received=money(paid_at=late), at=late)
    assert bill.description in officer.get("/bendahara/").content.decode()
    assert officer.post(f"/bendahara/{payment.pk}/", {"note": ""}).status_code == 422
    seen = TrailLine.objects.get(person=bill.payer.person)
    assert (seen.kind, seen.purpose) == ("looked", "payment-care"), "the payer can read it"
    assert officer.post(f"/bendahara/{payment.pk}/", {"hitung": "ya"}).status_code == 302
    bill.refresh_from_db()
    assert bill.state == "paid"
    again = officer.post(f"/bendahara/{payment.pk}/", {"note": "Dikembalikan"})
    assert again.status_code == 409


def test_the_keeper_writes_a_decree_into_the_calendar(officer: Client) -> None:
    sent = {"day_on": "2026-12-28", "kind": "leave", "name": "Cuti bersama", "decree": "SKB contoh"}
    assert officer.post("/kalender/", sent).status_code == 302
    assert not calendar.is_working_day(AT.date().replace(month=12, day=28))
    assert "SKB contoh" in officer.get("/kalender/?tahun=2026").content.decode()
    assert officer.get("/kalender/2026-12-28/hapus/").status_code == 200
    officer.post("/kalender/2026-12-28/hapus/")
    assert not HolidayOverride.objects.exists()


@pytest.mark.parametrize("path", ["/kalender/?tahun=x", "/kalender/?tahun=1", "/kalender/?tahun="])
def test_a_strange_year_is_this_year(officer: Client, path: str) -> None:
    assert officer.get(path).status_code == 200


@pytest.mark.parametrize("path", ["/kalender/2026-13-40/hapus/", "/kalender/9999-99-99/hapus/"])
def test_a_day_that_is_none_is_not_found(officer: Client, path: str) -> None:
    assert officer.get(path).status_code == 404


@pytest.mark.parametrize("path", ["/kalender/", "/bendahara/", "/bendahara/1/"])
def test_the_desks_are_closed_to_others(me: Client, path: str) -> None:
    assert me.get(path).status_code == 403
