"""The catalogue as other portals and their people see it; foreign judges read what it gives."""

import json
import os
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator
from pyshacl import validate
from rdflib import Graph, URIRef
from rdflib.compare import isomorphic
from rdflib.namespace import DCAT, DCTERMS, FOAF

from kartini import exchange as room
from kartini.contracts import Purpose
from kartini.contracts.reference import CodeChanged
from kartini.exchange import grants, published, registry
from kartini.exchange.catalogue import datasets, declared, editions, explained, rdf
from kartini.exchange.catalogue.views import described
from kartini.exchange.models import Edition
from kartini.exchange.testing import OpenExchange
from kartini.places import changes

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.usefixtures("filled"),
    pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated"),  # rdflib's own JSON-LD
]
SHAPES = Path(room.__file__ or "").parent / "tests/shapes/dcat_ap_core.ttl"
HYDRA = "http://www.w3.org/ns/hydra/core#"


def graph(client: Client, path: str) -> Graph:
    response = client.get(path)
    assert response.status_code == 200
    return Graph().parse(data=response.content, format=response["Content-Type"])


def shapes() -> Graph:
    """Ours; and SEMIC's own where somebody says where they are."""
    found = Graph().parse(SHAPES)
    for file in filter(None, os.environ.get("KARTINI_DCAT_SHAPES", "").split(os.pathsep)):
        found.parse(file)
    return found


def conforms(described: Graph) -> tuple[bool, str]:
    ok, _report, words = validate(described, shacl_graph=shapes())
    return bool(ok), str(words)


# -- DCAT-AP


@pytest.mark.usefixtures("counted")
@pytest.mark.parametrize("form", ["ttl", "jsonld", "rdf"])
def test_the_catalogue_conforms_to_dcat_ap_in_each_form(client: Client, form: str) -> None:
    ok, words = conforms(graph(client, f"/katalog.{form}"))
    assert ok, words


@pytest.mark.usefixtures("counted")
@pytest.mark.parametrize(
    "what",
    [DCTERMS.title, DCTERMS.publisher, DCAT.accessURL, DCAT.endpointURL, FOAF.name, DCAT.theme],
)
def test_the_judge_finds_what_is_missing(client: Client, what: URIRef) -> None:
    found = graph(client, "/katalog.ttl")
    found.remove((None, what, None))
    assert not conforms(found)[0]


@pytest.mark.usefixtures("counted")
def test_every_form_of_a_dataset_says_the_same(client: Client) -> None:
    slug = "wilayah-administrasi"
    turtle, linked, xml = (
        graph(client, f"/katalog/data/{slug}.{f}") for f in ("ttl", "jsonld", "rdf")
    )
    assert isomorphic(turtle, linked)
    assert isomorphic(turtle, xml)
    assert len({*turtle.objects(None, DCAT.downloadURL)}) == 3


def test_a_harvester_turns_pages_until_it_has_every_dataset(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(described, "PER_PAGE", 2)
    path, seen, turns = "/katalog.ttl", set[Any](), 0
    while path and turns < 50:
        page = graph(client, path)
        seen |= {
            *page.subjects(URIRef("http://www.w3.org/1999/02/22-rdf-syntax-ns#type"), DCAT.Dataset)
        }
        later = [str(o) for o in page.objects(None, URIRef(f"{HYDRA}nextPage"))]
        assert [str(o) for o in page.objects(None, URIRef(f"{HYDRA}next"))] == later
        path, turns = (
            (
                later[0].partition("/katalog")[2] and "/katalog" + later[0].partition("/katalog")[2]
                if later
                else ""
            ),
            turns + 1,
        )
    assert len(seen) == len(datasets)
    assert turns == -(-len(datasets) // 2)
    for wrong in ("0", "99", "x", "-1"):
        assert client.get(f"/katalog.ttl?halaman={wrong}").status_code == 404


@pytest.mark.usefixtures("counted")
def test_the_catalogue_is_described_anew_only_when_something_changed(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, real = [], rdf.serialised

    def serialised(found: Graph, form: str) -> tuple[bytes, str]:
        made.append(form)
        return real(found, form)

    monkeypatch.setattr(described, "_memory", {})
    monkeypatch.setattr(rdf, "serialised", serialised)
    first = client.get("/katalog.ttl")
    assert client.get("/katalog.ttl", headers={"if-none-match": first["ETag"]}).status_code == 304
    assert made == ["ttl"]
    Edition.objects.update(changed_at=timezone.now() + timedelta(days=1))
    assert client.get("/katalog.ttl")["ETag"] != first["ETag"]
    client.get("/katalog.rdf")
    assert made == ["ttl", "ttl", "rdf"]


def test_a_harvester_that_has_the_catalogue_is_told_so(client: Client) -> None:
    first = client.get("/katalog/data/wilayah-administrasi.ttl")
    again = client.get(
        "/katalog/data/wilayah-administrasi.ttl", headers={"If-None-Match": first["ETag"]}
    )
    assert again.status_code == 304


# -- contracts


def test_every_openapi_file_is_valid(client: Client) -> None:
    for name in sorted(registry.answerers.keys() & published.queries().keys()):
        response = client.get(f"/katalog/kontrak/{name}/openapi.json")
        OpenAPIV31SpecValidator(response.json()).validate()


def references(said: Any) -> set[str]:
    if isinstance(said, dict):
        own = {said["$ref"]} if isinstance(said.get("$ref"), str) else set()
        return own.union(*map(references, said.values())) if said else own
    return set().union(*map(references, said)) if isinstance(said, list) else set()


def test_the_asyncapi_file_is_whole_and_its_examples_fit(client: Client) -> None:
    said = client.get("/katalog/kontrak/asyncapi.json").json()
    assert said["asyncapi"] == "3.0.0"
    assert {c["address"] for c in said["channels"].values()} == {*published.events()}
    for reference in references(said):
        place = said
        for part in reference.removeprefix("#/").split("/"):
            place = place[part]
    for message in said["components"]["messages"].values():
        whole = {**message["payload"], "components": said["components"]}
        Draft202012Validator(whole).validate(message["examples"][0]["payload"])


def test_each_contract_has_a_page_and_a_schema_that_its_example_fits(client: Client) -> None:
    for name, kind in {**published.queries(), **published.events()}.items():
        page = client.get(f"/katalog/kontrak/{name}/").content.decode()
        assert all(f"<code>{field}</code>" in page for field in kind.model_fields), name
        said = client.get(f"/katalog/kontrak/{name}/schema.json").json()
        Draft202012Validator.check_schema(said)
        example = dict(kind.example)
        fits = {"question": example} if name in published.queries() else example
        Draft202012Validator(said).validate(json.loads(json.dumps(fits)))
    assert client.get("/katalog/kontrak/rahasia.semua.v1/").status_code == 404


def test_a_contract_names_who_answers_who_may_ask_and_a_curl(client: Client) -> None:
    page = client.get("/katalog/kontrak/joss.permit-by-number.v1/").content.decode()
    assert "JOSS, Jepara Online Smart Service" in page
    assert "curl -s" in page
    page = client.get("/katalog/kontrak/dukcapil.resident-by-nik.v1/").content.decode()
    assert "JPR/GOV/dpmptsp/joss" in page
    assert "UU 24/2013" in page
    assert "Mengetahui siapa yang memohon izin" in page
    assert "permit-identity" not in page


# -- pages


def test_pages_open_with_few_queries(client: Client, django_assert_max_num_queries: Any) -> None:
    editions.count_all()
    pages = [
        "",
        "kontrak/",
        "kode/",
        "kode/wilayah/",
        "kode/organisasi/",
        "kode/fasilitas-kesehatan/",
    ]
    pages += [f"data/{slug}/" for slug in datasets]
    for page in pages:
        with django_assert_max_num_queries(9):
            assert client.get(f"/katalog/{page}").status_code == 200, page


def test_the_home_of_the_catalogue_filters_and_says_when_nothing_fits(client: Client) -> None:
    def page(query: str) -> str:
        return client.get(f"/katalog/?{query}").content.decode()

    assert "data/wilayah-administrasi/" in page(
        "cari=kemendagri&organisasi=setda&topik=wilayah&format=csv"
    )
    assert "data/izin-terbit-per-jenis/" not in page("organisasi=setda")
    assert "Tidak ada himpunan data yang cocok" in page("cari=zzzz")
    assert "data/wilayah-administrasi/" in page("organisasi=tidak-ada&halaman=99&cari=%00")


def test_a_withheld_figure_is_named_so(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    few = {
        "tahun": 2026,
        "kode_desa": "33.20.11.2012",
        "desa": "Desa Tahunan",
        "izin": 2,
        "holders": 2,
    }
    one = datasets["izin-terbit-per-desa"]
    changed = declared.Dataset(**{**vars(one), "rows": lambda: iter([few])})
    monkeypatch.setitem(datasets, one.slug, changed)
    assert "dirahasiakan" in client.get(f"/katalog/data/{one.slug}/").content.decode()


def test_the_count_knows_when_the_content_changed() -> None:
    one = datasets["wilayah-administrasi"]
    first = editions.count(one, declared_at(1))
    assert editions.count(one, declared_at(2)).changed_at == first.changed_at
    call_command("check")


def declared_at(day: int) -> Any:
    from datetime import UTC, datetime

    return datetime(2026, 11, day, tzinfo=UTC)


# -- trodden paths


def test_programs_find_the_catalogue_where_they_look_first(client: Client) -> None:
    said = client.get("/.well-known/api-catalog")
    assert said["Content-Type"].startswith("application/linkset+json")
    anchors = {one["anchor"] for one in said.json()["linkset"]}
    assert any(anchor.endswith("/joss.permit-by-number.v1/") for anchor in anchors)
    assert client.get("/.well-known/void")["Location"].endswith("/katalog.ttl")
    assert (
        "Sitemap: http://localhost:8000/sitemap.xml" in client.get("/robots.txt").content.decode()
    )


def test_contracts_are_found_by_any_word_and_headed_by_what_they_mean(client: Client) -> None:
    found = client.get("/katalog/kontrak/?cari=DUKCAPIL").content.decode()
    assert "Siapa penduduk dengan NIK ini?" in found
    assert "joss.permit-by-number.v1" not in found
    assert (
        "Tidak ada kontrak yang cocok" in client.get("/katalog/kontrak/?cari=zzzz").content.decode()
    )
    page = client.get("/katalog/kontrak/dukcapil.resident-by-nik.v1/").content.decode()
    assert "<h1>Siapa penduduk dengan NIK ini?</h1>" in page


def test_figures_with_a_unit_are_written_as_the_reader_writes_them(client: Client) -> None:
    assert "45,715" in client.get("/katalog/data/wilayah-administrasi/").content.decode()
    english = client.get(
        "/katalog/data/wilayah-administrasi/?bahasa=en", follow=True
    ).content.decode()
    assert "45.715" in english


def test_every_place_of_the_site_map_opens(client: Client) -> None:
    root = ElementTree.fromstring(client.get("/sitemap.xml").content)
    places = [str(one.text).partition("8000")[2] for one in root.iter() if one.tag.endswith("loc")]
    assert len(places) == len({*places}) > 20
    assert [p for p in places[:12] if client.get(p, follow=True).status_code != 200] == []


def test_a_contract_on_its_way_out_says_so(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    old = published.queries()["joss.permit-by-number.v1"]
    monkeypatch.setattr(old, "deprecated_on", date(2027, 1, 1))
    monkeypatch.setattr(old, "ends_on", date(2027, 7, 1))
    monkeypatch.setattr(old, "replaced_by", "joss.permit-figures.v1")
    monkeypatch.setattr(old, "changes", {"2026-12-01": "field x"})
    page = client.get(f"/katalog/kontrak/{old.name}/").content.decode()
    assert all(words in page for words in ("akan berakhir", "1 Januari 2027", "1 Juli 2027", "joss.permit-figures.v1", "field x"))  # fmt: skip
    paths = client.get(f"/katalog/kontrak/{old.name}/openapi.json").json()["paths"]
    assert paths["/"]["post"]["deprecated"] is True


def test_a_system_hears_that_a_village_was_renamed(
    exchange: OpenExchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[CodeChanged] = []
    listener = registry.Listener("joss.code-changed", CodeChanged, heard.append)
    monkeypatch.setitem(registry.listeners, CodeChanged.name, {listener.id: listener})
    need = registry.Need("joss", CodeChanged, Purpose.PUBLIC_INFORMATION, "Perpres 39/2019")
    monkeypatch.setitem(registry.needed, ("joss", CodeChanged.name, need.purpose), need)
    grants.declare(approve=True, at=declared_at(1))
    line = b"kode,nama,status,diganti_oleh\n33.20.11.2012,Tahunan Baru,berlaku,\n"
    changes.take(
        lines=changes.read(line), on=date(2026, 11, 24), regulation="Perda 9", at=declared_at(24)
    )
    exchange.deliver_all()
    assert [(told.code, told.title) for told in heard] == [("33.20.11.2012", "Tahunan Baru")]


def test_what_a_contract_means_is_said_in_the_readers_language(client: Client) -> None:
    path = "/katalog/kontrak/dukcapil.resident-by-nik.v1/"
    assert "Siapa penduduk dengan NIK ini?" in client.get(path).content.decode()
    assert "Tanggal lahir" in client.get(path).content.decode()
    client.cookies["bahasa"] = "en"
    assert "Who is the resident with this NIK?" in client.get(path).content.decode()


def test_every_field_of_every_contract_has_a_meaning() -> None:
    kinds = [*published.queries().values(), *published.events().values()]
    kinds += [query.answer_type() for query in published.queries().values()]
    nameless = {
        field.name for kind in kinds for field in explained.fields(kind) if not field.meaning
    }
    assert nameless == set()
