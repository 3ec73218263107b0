"""A provincial portal harvests the catalogue of a running house: by RDF page after page, as a CKAN reader would,
and with every file that is named there. Readers and judges are not ours."""

import csv
import io
import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import duckdb
import pytest
from rdflib import Graph, Literal, URIRef
from rdflib.namespace import DCAT, DCTERMS, RDF

from kartini.site.tests.test_catalogue import HYDRA, conforms
from tests.journeys.nodes import Node, running

pytestmark = [
    pytest.mark.timeout(240),
    pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated"),  # rdflib's own JSON-LD
]
MEDIA = "https://www.iana.org/assignments/media-types/"
BLOCKS = {"identitas", "i", "ii", "iii", "iv", "v", "vi", "vii", "viii"}
WASTE = "sampah-terpilah-bank-sampah"
Row = dict[str, str | None]


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    """A house with waste banks, whose figures have few persons behind some cells."""
    node = Node(tmp_path_factory.mktemp("harvest") / "house", "bank_sampah")
    node.environment["KARTINI_BASE_URL"] = node.web
    with running(node):
        node.kartini("exchange", "count-datasets")
        yield node


def fetched(url: str, **headers: str) -> tuple[int, Any, bytes]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    try:
        with urllib.request.urlopen(urllib.request.Request(url, headers=named), timeout=30) as got:
            return got.status, got.headers, got.read()
    except urllib.error.HTTPError as no:
        return no.code, no.headers, no.read()


def harvested(node: Node, form: str) -> Graph:
    """Every page, by the links that the pages themselves bear."""
    whole, url = Graph(), f"{node.web}/katalog.{form}"
    while url:
        _status, headers, body = fetched(url)
        page = Graph().parse(data=body, format=headers.get_content_type())
        whole += page
        url = str(page.value(None, URIRef(f"{HYDRA}next")) or "")
    return whole


def asked(node: Node, action: str, **words: Any) -> Any:
    said = json.loads(fetched(f"{node.web}/api/3/action/{action}?{urlencode(words)}")[2])
    assert said["success"] is True
    return said["result"]


@pytest.mark.parametrize("form", ["ttl", "jsonld", "rdf"])
def test_a_portal_learns_of_every_dataset_what_dcat_ap_wants(node: Node, form: str) -> None:
    found = harvested(node, form)
    ok, words = conforms(found)
    assert ok, words
    names = {str(found.value(one, DCTERMS.identifier)) for one in found[: RDF.type : DCAT.Dataset]}
    assert names == {*asked(node, "package_list")}
    assert WASTE in names
    for one in found[: RDF.type : DCAT.Dataset]:
        for what in (DCTERMS.publisher, DCTERMS.issued, DCTERMS.modified, DCTERMS.provenance):
            assert found.value(one, what), (one, what)
        assert {"id", "en"} == {t.language for t in found[one : DCTERMS.title] if isinstance(t, Literal)}  # fmt: skip
    for service in found[: RDF.type : DCAT.DataService]:
        status, _headers, body = fetched(str(found.value(service, DCAT.endpointDescription)))
        assert (status, json.loads(body)["openapi"]) == (200, "3.1.0")


def test_every_file_that_is_named_is_there_and_is_what_it_says(node: Node) -> None:
    found = harvested(node, "ttl")
    named = {
        str(found.value(one, DCAT.downloadURL)): found.value(one, DCAT.mediaType)
        for one in found[: RDF.type : DCAT.Distribution]
    }
    packages = [asked(node, "package_show", id=name) for name in asked(node, "package_list")]
    assert {*named} == {r["url"] for package in packages for r in package["resources"]}
    assert len(named) == 3 * len(packages)
    for url, media in named.items():
        status, headers, body = fetched(url)
        assert (status, MEDIA + headers.get_content_type()) == (200, str(media))
        assert len(body) == int(headers["content-length"])
        status, _headers, nothing = fetched(url, If_None_Match=headers["etag"])
        assert (status, nothing) == (304, b"")


def test_a_ckan_reader_finds_it_by_words_organisation_and_group(node: Node) -> None:
    package = asked(node, "package_show", id=WASTE)
    extras = {one["key"]: one["value"] for one in package["extras"]}
    assert "kg" in extras["satuan"]
    assert "bulan" in extras["definisi"]
    assert extras["sumber"]
    owner, (group,) = package["organization"]["name"], package["groups"]
    for words in ({"q": "sampah"}, {"fq": f"organization:{owner}"}, {"fq": f"groups:{group['name']}"}):  # fmt: skip
        found = asked(node, "package_search", rows=1000, **words)
        assert WASTE in {one["name"] for one in found["results"]}
    assert owner in asked(node, "organization_list")
    assert group["name"] in asked(node, "group_list")


def test_the_three_files_say_the_same_and_nothing_of_few_persons(
    node: Node, tmp_path: Path
) -> None:
    base = f"{node.web}/katalog/data/{WASTE}"
    lines: list[Row] = [*csv.DictReader(io.StringIO(fetched(f"{base}.csv")[2].decode()))]
    told = json.loads(fetched(f"{base}.json")[2])
    (tmp_path / "data.parquet").write_bytes(fetched(f"{base}.parquet")[2])
    with duckdb.connect() as reader:
        read = reader.execute("FROM read_parquet(?)", [str(tmp_path / "data.parquet")])
        names = [one[0] for one in read.description]
        rows = [dict(zip(names, row, strict=True)) for row in read.fetchall()]
    assert plain(lines) == plain(told["data"]) == plain(rows)
    assert {column["satuan"] for column in told["kolom"] if column["nama"] == "kilogram"} == {"kg"}
    assert all(column.get("definisi") or column["judul"] for column in told["kolom"])
    for month in {line["bulan"] for line in lines}:
        withheld = [one for one in lines if one["bulan"] == month and not one["kilogram"]]
        assert len(withheld) != 1, month
    described = json.loads(fetched(f"{base}.csv-metadata.json")[2])
    assert described["dc:issued"] == told["tanggal_terbit"] == "2026-11-24"
    assert any(not line["kilogram"] for line in lines)
    assert any(line["kilogram"] for line in lines)
    assert "penabung" not in names


def plain(rows: list[Any]) -> list[list[str]]:
    """Numbers as numbers, whatever the file keeps them as; nothing as nothing."""
    return [
        [f"{float(v):.3f}" if k == "kilogram" and v else str(v or "") for k, v in row.items()]
        for row in rows
    ]


def test_the_words_of_bps_are_all_there(node: Node) -> None:
    for name in asked(node, "package_list"):
        base = f"{node.web}/katalog/data/{name}"
        said = json.loads(fetched(f"{base}.bps.json")[2])
        columns = json.loads(fetched(f"{base}.json")[2])["kolom"]
        assert {block.partition("_")[0] for block in said["ms_keg"]} == BLOCKS
        assert said["ms_keg"]["ii_penanggung_jawab"]["walidata"] == "Dinas Komunikasi dan Informatika"  # fmt: skip
        assert [one["nama_variabel"] for one in said["ms_var"]] == [c["nama"] for c in columns]
        assert all(one["definisi"] and one["tipe_data"] for one in said["ms_var"])
    (indicator,) = json.loads(fetched(f"{node.web}/katalog/data/{WASTE}.bps.json")[2])["ms_ind"]
    assert (indicator["satuan"], indicator["variabel_pembangun"]) == ("kg", ["kilogram"])
