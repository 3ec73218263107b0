"""Reference lists: versions, what is refused, what is stated, what files say."""

import csv
import io
import json
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from rdflib import Graph, Literal, URIRef
from rdflib.namespace import DCTERMS, SKOS

from kartini.exchange.catalogue import code_files, codes, own
from kartini.exchange.catalogue.codes import CodesRefused, Entry
from kartini.exchange.models import Code
from kartini.exchange.testing import Post

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated"),  # rdflib's own JSON-LD
]
AT = datetime(2026, 11, 24, 2, tzinfo=UTC)
DAY, LATER = date(2026, 12, 1), date(2027, 1, 1)


@pytest.fixture
def clubs(monkeypatch: pytest.MonkeyPatch) -> codes.CodeList:
    """A list of which three codes hold: a, and b and c below it."""
    made = codes.CodeList("uji", "Trial", "A list", "setda", "Perda 1", {"induk": "Above"}, "induk")
    monkeypatch.setitem(codes.code_lists, "uji", made)
    codes.publish(of=made, entries=[A, B, C], on=DAY, at=AT)
    return made


A, B, C = Entry("a", "Alfa", {"induk": ""}), Entry("b", "Beta", {"induk": "a"}), Entry("c", "Ceri", {"induk": "a"})  # fmt: skip


def held(day: date) -> dict[str, str]:
    return dict(Code.objects.filter(code_list="uji").on(day).values_list("code", "title"))


def test_the_first_codes_hold_since_before_they_were_recorded(
    post: Post, clubs: codes.CodeList
) -> None:
    assert post.published == []
    assert held(date(1900, 1, 1)) == {"a": "Alfa", "b": "Beta", "c": "Ceri"}


def test_the_same_codes_once_more_change_nothing(post: Post, clubs: codes.CodeList) -> None:
    assert codes.publish(of=clubs, entries=[C, A, B], on=DAY, at=AT) == []
    assert Code.objects.filter(code_list="uji").count() == 3


def test_a_renamed_code_keeps_its_former_name_for_days_before(
    post: Post, clubs: codes.CodeList
) -> None:
    codes.publish(
        of=clubs,
        entries=[A, Entry("b", "Beta Baru", B.facts), C],
        on=DAY,
        at=AT,
        regulation="Perda 2",
    )
    assert held(date(2026, 11, 30))["b"] == "Beta"
    assert held(DAY)["b"] == "Beta Baru"
    (told,) = post.published
    said = told.model_dump()
    assert (said["change"], said["former_title"], said["regulation"]) == (
        "renamed",
        "Beta",
        "Perda 2",
    )
    assert told.ordering_key == "uji"


def test_a_merged_code_ends_and_names_what_follows(post: Post, clubs: codes.CodeList) -> None:
    codes.publish(of=clubs, entries=[A, B], ended={"c": ["b"]}, on=LATER, at=AT)
    assert held(LATER) == {"a": "Alfa", "b": "Beta"}
    assert "c" in held(DAY)
    (told,) = post.published
    assert (told.model_dump()["change"], told.model_dump()["followed_by"]) == ("ended", ["b"])


def test_a_part_of_a_list_leaves_the_rest_as_it_is(post: Post, clubs: codes.CodeList) -> None:
    codes.publish(
        of=clubs, entries=[Entry("d", "Delta", {"induk": "a"})], on=DAY, at=AT, whole=False
    )
    assert {*held(DAY)} == {*"abcd"}
    assert [told.model_dump()["change"] for told in post.published] == ["added"]


def test_a_slip_is_mended_on_the_day_itself(post: Post, clubs: codes.CodeList) -> None:
    for title in ("Salah", "Benar"):
        codes.publish(of=clubs, entries=[A, Entry("b", title, B.facts), C], on=DAY, at=AT)
    assert held(DAY)["b"] == "Benar"
    assert Code.objects.filter(code_list="uji", code="b").count() == 2


@pytest.mark.parametrize(
    ("entries", "ended", "words"),
    [
        ([A, B, C, C], {}, "stands twice"),
        ([A, B, C, Entry("a b", "Spasi")], {}, "is no code"),
        ([A, B, C, Entry("d", " ")], {}, "needs a title"),
        ([A, B, C, Entry("d", "D", {"warna": "merah"})], {}, "does not have: warna"),
        ([A, B, C, Entry("d", "D", {"induk": "z"})], {}, "no code that holds"),
        ([A, B], {"c": ["z"]}, "is followed by 'z'"),
        ([A, B, C], {"z": []}, "ends, and is no code that holds"),
        ([A, B, C], {"c": []}, "holds all the same"),
        ([B, C], {"a": []}, "lies in 'a'"),
    ],
)
def test_what_cannot_stand_is_refused_and_nothing_is_written(
    post: Post, clubs: codes.CodeList, entries: list[Entry], ended: dict[str, list[str]], words: str
) -> None:
    with pytest.raises(CodesRefused) as refused:
        codes.publish(of=clubs, entries=entries, ended=ended, on=DAY, at=AT)
    assert any(words in fault for _code, fault in refused.value.faults)
    assert post.published == []
    assert Code.objects.filter(code_list="uji").count() == 3


def test_the_database_holds_one_open_version_of_a_code(post: Post, clubs: codes.CodeList) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Code.objects.create(code_list="uji", code="a", title="Dua", entered_at=AT)


def test_a_file_gives_all_versions_or_those_of_a_day(
    post: Post, clubs: codes.CodeList, client: Client
) -> None:
    codes.publish(of=clubs, entries=[A, B], ended={"c": ["b"]}, on=DAY, at=AT)

    def lines(query: str) -> list[dict[str, str]]:
        text = client.get(f"/katalog/kode/uji.csv{query}").content.decode()
        return list(csv.DictReader(io.StringIO(text)))

    assert [row["kode"] for row in lines("")] == ["a", "b", "c"]
    assert [row["kode"] for row in lines(f"?pada={DAY}")] == ["a", "b"]
    assert [row["kode"] for row in lines("?pada=2026-11-30")] == ["a", "b", "c"]
    assert lines("")[2]["diganti_oleh"] == "b"
    told = json.loads(client.get("/katalog/kode/uji.json").content)
    assert told["kode"][2]["berlaku_sampai"] == "2026-12-01"
    assert client.get("/katalog/kode/uji.csv?pada=kemarin").status_code == 400
    assert client.get("/katalog/kode/rahasia.csv").status_code == 404
    tag = client.get("/katalog/kode/uji.csv")["ETag"]
    assert client.get("/katalog/kode/uji.csv", headers={"If-None-Match": tag}).status_code == 304


def test_skos_says_what_lies_in_what_and_what_follows(
    post: Post, clubs: codes.CodeList, client: Client
) -> None:
    codes.publish(of=clubs, entries=[A, B], ended={"c": ["b"]}, on=DAY, at=AT)
    shelf = "http://localhost:8000/katalog/"
    base = f"{shelf}kode/uji/"
    for form, name in (("ttl", "turtle"), ("jsonld", "json-ld"), ("rdf", "xml")):
        found = Graph().parse(data=client.get(f"/katalog/kode/uji.{form}").content, format=name)
        assert (URIRef(f"{base}#b"), SKOS.broader, URIRef(f"{base}#a")) in found
        assert (URIRef(f"{base}#c"), DCTERMS.isReplacedBy, URIRef(f"{base}#b")) in found
        assert (URIRef(f"{base}#a"), SKOS.prefLabel, Literal("Alfa", lang="id")) in found
        assert (URIRef(f"{base}#a"), DCTERMS.source, Literal(clubs.regulation)) in found
        assert (URIRef(base), DCTERMS.source, Literal(clubs.regulation)) in found
        assert (
            URIRef(base),
            DCTERMS.publisher,
            URIRef(f"{shelf}?organisasi={clubs.steward}"),
        ) in found


def test_a_day_that_is_no_date_shows_today_and_says_so(
    post: Post, clubs: codes.CodeList, client: Client
) -> None:
    page = client.get("/katalog/kode/uji/?pada=besok").content.decode()
    assert "Ini bukan tanggal" in page
    assert "Alfa" in page
    assert "Tidak ada kode yang cocok" in client.get("/katalog/kode/uji/?cari=zz").content.decode()


def test_a_file_is_imported_whole_or_not_at_all(clubs: codes.CodeList) -> None:
    def read(text: str) -> Any:
        return code_files.read(clubs, text.encode())

    brought = read("kode,nama,induk,status,diganti_oleh\na,Alfa,,,\nc,Ceri,a,berakhir,a b\n")
    assert [e.code for e in brought.entries] == ["a"]
    assert brought.ended == {"c": ["a", "b"]}
    for text in (
        "",
        "kode,nama\na,A\n",
        "kode,nama,induk\n,A,\n",
        "kode,nama,induk,status\na,A,,mati\n",
        "kode,nama,induk\na,A,,x\n",
    ):
        with pytest.raises(CodesRefused):
            read(text)
    with pytest.raises(CodesRefused):
        code_files.read(clubs, b"\xff\xfe")


def test_the_shipped_health_centres_are_22(post: Post) -> None:
    brought = code_files.read(own.HEALTH, own.shipped(own.HEALTH.slug))
    codes.publish(of=own.HEALTH, entries=brought.entries, on=DAY, at=AT)
    assert Code.objects.filter(code_list=own.HEALTH.slug).on(DAY).count() == 22
