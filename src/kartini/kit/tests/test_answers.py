from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.test import Client, RequestFactory

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
