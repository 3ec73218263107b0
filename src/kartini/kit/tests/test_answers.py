import re
from html import unescape
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory, override_settings
from django.urls import include, path

from kartini.kit import answers

TYPED = {"name": "Siti", "reason": "pindah\nkota", "password1": "rahasia", "pin": "123456"}


def sent(**headers: Any) -> HttpRequest:
    request = RequestFactory().post("/joss/ajukan/?langkah=2", TYPED, **headers)
    request.user = AnonymousUser()
    return request


def test_a_stale_form_from_our_own_page_can_be_sent_again() -> None:
    response = answers.stale_form(sent(HTTP_ORIGIN="http://testserver"))
    html = response.content.decode()
    assert response.status_code == 403
    assert 'action="/joss/ajukan/?langkah=2"' in html
    assert 'name="reason" value="pindah\nkota"' in html
    assert "rahasia" not in html
    assert "123456" not in html


@pytest.mark.parametrize("origin", ["https://evil.invalid", "null", "", "http://testserver.evil"])
def test_what_a_foreign_page_sent_is_never_offered_again(origin: str) -> None:
    html = answers.stale_form(sent(HTTP_ORIGIN=origin)).content.decode()
    assert "Siti" not in html


def test_a_huge_form_is_not_repeated() -> None:
    request = RequestFactory().post("/", {"text": "x" * 300_000}, HTTP_ORIGIN="http://testserver")
    request.user = AnonymousUser()
    assert "xxx" not in answers.stale_form(request).content.decode()


def echo(request: HttpRequest) -> HttpResponse:
    return HttpResponse(request.POST["name"])


urlpatterns = [path("", include(settings.ROOT_URLCONF)), path("gema/", echo)]


@pytest.mark.django_db
@override_settings(ROOT_URLCONF=__name__)
def test_sending_again_from_that_page_succeeds_with_what_was_typed() -> None:
    client = Client(enforce_csrf_checks=True)
    ours = {"HTTP_ORIGIN": "http://testserver"}
    page = client.post("/gema/", {"name": "Siti & Nur"}, **ours).content.decode()  # type: ignore[arg-type]
    form = page[page.index('<form method="post"') :]
    fields = re.findall(r'name="([^"]+)" value="([^"]*)"', form[: form.index("</form>")])
    again = {name: unescape(value) for name, value in fields}
    response = client.post("/gema/", again, **ours)  # type: ignore[arg-type]
    assert response.status_code == 200
    assert response.content.decode() == "Siti & Nur"


@pytest.mark.django_db
def test_a_form_of_an_ended_session_leads_to_the_entrance_and_keeps_the_words() -> None:
    response = answers.session_expired(sent(HTTP_ORIGIN="http://testserver"))
    html = response.content.decode()
    assert 'target="_blank"' in html
    assert 'name="name" value="Siti"' in html


@pytest.mark.django_db
def test_a_missing_token_leads_to_the_page_that_sends_again() -> None:
    client = Client(enforce_csrf_checks=True)
    response = client.post("/bantuan/", {"name": "Siti"}, HTTP_ORIGIN="http://testserver")
    assert response.status_code == 403
    assert b'value="Siti"' in response.content


def test_a_conflict_says_what_to_do() -> None:
    request = RequestFactory().get("/")
    request.user = AnonymousUser()
    response = answers.conflict(
        request, heading="Sudah diputus", text="Rekan Anda lebih dulu.", link="/antrean/"
    )
    assert response.status_code == 409
    assert b'href="/antrean/"' in response.content


def test_a_confirm_page_posts_only_when_the_person_says_so() -> None:
    request = RequestFactory().get("/tarik/yakin/")
    request.user = AnonymousUser()
    response = answers.confirm(
        request,
        heading="Tarik permohonan?",
        text="Ini tidak dapat diurungkan.",
        do="Tarik",
        action="/tarik/",
        back="/",
        fields={"alasan": "<b>"},
    )
    html = response.content.decode()
    assert '<form class="stack form" method="post" action="/tarik/">' in html
    assert 'value="&lt;b&gt;"' in html
