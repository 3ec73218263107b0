"""The catalogue as a CKAN reader sees it."""

from typing import Any

import pytest
from django.test import Client

from kartini.exchange.catalogue import datasets

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("filled")]


def ask(client: Client, action: str, **words: Any) -> Any:
    response = client.get(f"/api/3/action/{action}", words)
    assert response.status_code == 200, response.content
    said = response.json()
    assert said["success"] is True
    return said["result"]


def test_a_ckan_reader_finds_every_dataset_and_its_files(client: Client) -> None:
    names = ask(client, "package_list")
    assert names == sorted(datasets)
    for name in names:
        package = ask(client, "package_show", id=name)
        assert package == ask(client, "package_show", id=package["id"])
        assert {r["format"] for r in package["resources"]} == {"CSV", "JSON", "Parquet"}
        assert all(
            client.get(r["url"].partition("8000")[2]).status_code == 200
            for r in package["resources"]
        )
    assert ask(client, "package_list", limit=1, offset=1) == names[1:2]


def test_a_ckan_search_goes_by_words_organisation_group_and_format(client: Client) -> None:
    def names(**words: Any) -> list[str]:
        return [p["name"] for p in ask(client, "package_search", **words)["results"]]

    assert names(q="*:*", rows=1000, sort="name asc") == sorted(datasets)
    assert names(q="kecamatan kemendagri") == ["wilayah-administrasi"]
    assert names(fq="organization:setda") == ["wilayah-administrasi"]
    assert names(fq='groups:wilayah AND res_format:"CSV"') == ["wilayah-administrasi"]
    assert "wilayah-administrasi" not in names(fq="-organization:setda", rows=1000)
    assert names(q="https://tidak.ada/") == []
    assert names(fq="metadata_modified:[2999-01-01T00:00:00Z TO *]") == []
    found = ask(
        client, "package_search", **{"q": "wilayah", "facet.field": '["organization","groups"]'}
    )
    assert found["facets"]["organization"]["setda"] == 1
    assert found["count"] == len(found["results"])


def test_organisations_groups_and_the_rest_answer_as_ckan_does(client: Client) -> None:
    assert "setda" in ask(client, "organization_list")
    one = next(
        o for o in ask(client, "organization_list", all_fields="true") if o["name"] == "setda"
    )
    assert one["package_count"] == 1
    assert ask(client, "organization_show", id=one["id"], include_datasets="true")["packages"]
    assert "wilayah" in ask(client, "group_list")
    assert ask(client, "group_show", id="wilayah")["package_count"] == 1
    assert ask(client, "tag_list")
    assert ask(client, "status_show")["site_title"]
    whole = ask(client, "current_package_list_with_resources", limit=2)
    assert ask(client, "resource_show", id=whole[0]["resources"][0]["id"])


@pytest.mark.parametrize(
    ("path", "status", "kind"),
    [
        ("package_show?id=rahasia", 404, "Not Found Error"),
        ("package_show", 409, "Validation Error"),
        ("package_search?rows=banyak", 409, "Validation Error"),
        ("package_search?start=-1", 409, "Validation Error"),
        ("package_search?fq=password:x", 409, "Validation Error"),
        ("package_search?sort=password", 409, "Validation Error"),
        ("resource_show?id=x", 404, "Not Found Error"),
    ],
)
def test_errors_have_ckans_form(client: Client, path: str, status: int, kind: str) -> None:
    response = client.get(f"/api/3/action/{path}")
    assert response.status_code == status
    assert response.json()["success"] is False
    assert response.json()["error"]["__type"] == kind


def test_nothing_can_be_written_and_bad_bodies_are_refused(client: Client) -> None:
    def post(action: str, body: str) -> int:
        return client.post(
            f"/api/3/action/{action}", body, content_type="application/json"
        ).status_code

    assert post("package_create", '{"name": "x"}') == 400
    assert post("package_show", '{"id": "wilayah-administrasi"}') == 200
    assert post("package_show", "{") == 400
    assert post("package_show", "[1]") == 400
    assert post("package_show", '{"id": "' + "x" * 30_000 + '"}') == 400
    assert post("package_list", "") == 200
