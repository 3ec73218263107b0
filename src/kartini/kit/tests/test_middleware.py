from collections.abc import Callable
from typing import Any

import pytest
from csp.constants import HEADER
from csp.exceptions import CSPNonceError
from csp.middleware import CSPMiddleware
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory, override_settings

from kartini.kit.middleware import PolicyOnce, display_choices

Answer = Callable[[HttpRequest], HttpResponse]


def quiet(request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok")


def scripted(request: Any) -> HttpResponse:
    return HttpResponse(f"nonce={request.csp_nonce}")


def changed(request: HttpRequest) -> HttpResponse:
    response: Any = HttpResponse("ok")
    response._csp_update = {"img-src": ["https://peta.invalid"]}
    return response  # type: ignore[no-any-return]


def exempt(request: HttpRequest) -> HttpResponse:
    response: Any = HttpResponse("ok")
    response._csp_exempt = True
    return response  # type: ignore[no-any-return]


def through(kind: type[CSPMiddleware], view: Answer, request: HttpRequest) -> HttpResponse:
    response = kind(view)(request)
    assert isinstance(response, HttpResponse)
    return response


def policy(kind: type[CSPMiddleware], view: Answer) -> set[str]:
    request: Any = RequestFactory().get("/")
    request._csp_nonce = "bm9uY2U=" if view is scripted else None
    response = through(kind, view, request)
    return {part.strip() for part in response.headers.get(HEADER, "").split(";")}


@pytest.mark.parametrize("view", [quiet, scripted, changed, exempt])
def test_the_policy_is_the_one_that_django_csp_would_write(view: Answer) -> None:
    assert policy(PolicyOnce, view) == policy(CSPMiddleware, view)


def test_two_answers_never_share_a_nonce_and_each_header_bears_its_own() -> None:
    seen = set()
    for _ in range(3):
        response = through(PolicyOnce, scripted, RequestFactory().get("/"))
        nonce = response.content.decode().removeprefix("nonce=")
        assert f"'nonce-{nonce}'" in response.headers[HEADER]
        seen.add(nonce)
    assert len(seen) == 3


def test_a_nonce_asked_for_too_late_is_refused() -> None:
    request: Any = RequestFactory().get("/")
    PolicyOnce(quiet)(request)
    with pytest.raises(CSPNonceError):
        str(request.csp_nonce)


def test_a_house_that_also_reports_takes_the_ordinary_way() -> None:
    report = {"DIRECTIVES": {"default-src": ["'self'"]}}
    with override_settings(CONTENT_SECURITY_POLICY_REPORT_ONLY=report):
        response = through(PolicyOnce, quiet, RequestFactory().get("/"))
    assert "Content-Security-Policy-Report-Only" in response.headers


@pytest.mark.django_db
def test_every_page_bears_the_strict_policy(client: Client) -> None:
    header = client.get("/bantuan/").headers[HEADER]
    assert "default-src 'none'" in header
    assert "unsafe-inline" not in header


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("query", "cookie", "value"),
    [
        ("bahasa=en", "bahasa", "en"),
        ("tema=gelap", "tema", "gelap"),
        ("teks=besar", "teks", "besar"),
    ],
)
def test_a_display_choice_is_kept_and_the_rest_of_the_address_too(
    client: Client, query: str, cookie: str, value: str
) -> None:
    response = client.get(f"/cari/?q=izin&{query}")
    assert response.status_code == 302
    assert response["Location"] == "/cari/?q=izin"
    assert response.cookies[cookie].value == value


@pytest.mark.django_db
def test_a_choice_that_does_not_exist_is_ignored(client: Client) -> None:
    response = client.get("/cari/?tema=<script>")
    assert response.status_code == 200
    assert "tema" not in response.cookies


@pytest.mark.parametrize("path", ["//evil.invalid/", "/\\evil.invalid/", "///evil.invalid"])
def test_a_display_choice_never_leads_to_another_host(path: str) -> None:
    request = RequestFactory().get("/", PATH_INFO=path, QUERY_STRING="tema=gelap")
    location = display_choices(quiet)(request).headers["Location"]
    assert location.startswith("/")
    assert not location.startswith(("//", "/\\"))
