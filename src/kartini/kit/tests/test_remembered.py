"""A kept page must never repeat a nonce, and never show one person what another saw."""

import re

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from kartini.kit.remembered import remembered_pages


def request(path: str = "/", nonce: str = "first", **cookies: str) -> HttpRequest:
    made = RequestFactory().get(path)
    made.COOKIES.update(cookies)
    made.csp_nonce = nonce  # type: ignore[attr-defined]
    return made


class House:
    """Counts how often a page is really made."""

    def __init__(self) -> None:
        self.made = 0

    def __call__(self, request: HttpRequest) -> HttpResponse:
        self.made += 1
        return HttpResponse(f'<script nonce="{request.csp_nonce}"></script>{self.made}')  # type: ignore[attr-defined]


def test_a_kept_page_gets_a_nonce_of_its_own() -> None:
    house = House()
    page = remembered_pages(house)

    first, second = page(request()), page(request(nonce="second"))

    assert house.made == 1
    assert re.findall(rb'nonce="(.*?)"', first.content + second.content) == [b"first", b"second"]


@pytest.mark.parametrize(
    "other",
    [{"sessionid": "x"}, {"bahasa": "en"}, {"tema": "gelap"}],
    ids=["signed in", "English", "dark"],
)
def test_another_kind_of_visitor_gets_a_page_of_their_own(other: dict[str, str]) -> None:
    house = House()
    page = remembered_pages(house)
    page(request())

    page(request(**other))

    assert house.made == 2


def test_a_page_that_sets_a_cookie_is_not_kept() -> None:
    made = []

    def view(_request: HttpRequest) -> HttpResponse:
        made.append(1)
        response = HttpResponse("x")
        response.set_cookie("csrftoken", "secret")
        return response

    page = remembered_pages(view)
    page(request())
    page(request())

    assert len(made) == 2
