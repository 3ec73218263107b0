"""Every dataset that the house offers, as the world gets it."""

import csv
import io
import json
from datetime import date

import pytest
from django.test import Client

from kartini.exchange.catalogue import datasets
from kartini.exchange.catalogue.files import FORMATS
from kartini.places import load

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _places() -> None:
    load.load(places=load.read())


def body(client: Client, path: str) -> bytes:
    response = client.get(path)
    assert response.status_code == 200
    return response.getvalue()


@pytest.mark.parametrize("slug", sorted(datasets))
def test_each_dataset_is_given_in_each_format(client: Client, slug: str) -> None:
    found = list(csv.DictReader(io.StringIO(body(client, f"/katalog/data/{slug}.csv").decode())))
    told = json.loads(body(client, f"/katalog/data/{slug}.json"))
    assert len(found) == len(told["data"])
    assert body(client, f"/katalog/data/{slug}.parquet").startswith(b"PAR1")
    assert all(told[key] for key in ("judul", "uraian", "sumber", "lisensi", "kolom"))
    meta = json.loads(body(client, f"/katalog/data/{slug}.csv-metadata.json"))
    assert [c["name"] for c in meta["tableSchema"]["columns"]] == [c["nama"] for c in told["kolom"]]


def test_who_has_a_file_already_gets_none(client: Client) -> None:
    first = client.get("/katalog/data/wilayah-administrasi.csv")
    again = client.get(
        "/katalog/data/wilayah-administrasi.csv", headers={"If-None-Match": first["ETag"]}
    )
    assert (again.status_code, again["ETag"]) == (304, first["ETag"])
    assert first["Access-Control-Allow-Origin"] == "*"
    assert int(first["Content-Length"]) == len(first.getvalue())


def test_all_212_places_are_offered(client: Client) -> None:
    told = json.loads(body(client, "/katalog/data/wilayah-administrasi.json"))
    assert len(told["data"]) == 212
    assert told["data"][1]["kode_bps"] == "3320010"


def test_nobody_gets_a_dataset_that_does_not_exist_or_another_format(client: Client) -> None:
    assert client.get("/katalog/data/rahasia.csv").status_code == 404
    assert client.get("/katalog/data/wilayah-administrasi.exe").status_code == 404
    assert client.post("/katalog/data/wilayah-administrasi.csv").status_code == 405


def test_every_dataset_has_a_date_and_a_format() -> None:
    assert all(one.issued_on <= date(2100, 1, 1) for one in datasets.values())
    assert {*FORMATS} == {"csv", "json", "parquet"}
