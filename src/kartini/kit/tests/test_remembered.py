"""A kept page must never repeat a nonce, never show one person what another saw, and never hide one's own deed."""

import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kartini.kit import remembered as memory
from kartini.kit.remembered import WROTE, remembered, remembered_pages
from kartini.kit.turn import Turn

TOKEN = "t" * 32


def request(path: str = "/", nonce: str = "first", method: str = "GET", **cookies: str) -> Any:
    made = RequestFactory().generic(method, path)
    made.COOKIES.update(cookies)
    made.csp_nonce = made._csp_nonce = nonce  # type: ignore[attr-defined]
    return made


class House:
    """Counts how often a page is really made; ``dress`` may change the answer."""

    def __init__(self, dress: Any = lambda request, response: None) -> None:
        self.made, self.dress = 0, dress

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return remembered(self.page)(request)

    def page(self, request: HttpRequest) -> HttpResponse:
        self.made += 1
        words = f'<script nonce="{request.csp_nonce}"></script>{self.made}'  # type: ignore[attr-defined]
        response = HttpResponse(words, headers={"X-Own": "kept"})
        self.dress(request, response)
        return response


@pytest.fixture(autouse=True)
def kept(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """Pages are kept; the test turns the clock."""
    time = SimpleNamespace(now=1000.0)
    monkeypatch.setattr(memory, "FRESH_SECONDS", 3.0)
    monkeypatch.setattr(memory, "clock", lambda: time.now)
    monkeypatch.setattr(memory, "turn", Turn(tmp_path / "turn"))
    return time


def test_a_kept_page_gets_a_nonce_of_its_own_and_keeps_its_headers() -> None:
    house = House()
    page = remembered_pages(house)

    first, second = page(request()), page(request(nonce="second"))

    assert house.made == 1
    assert re.findall(rb'nonce="(.*?)"', first.content + second.content) == [b"first", b"second"]
    assert second["X-Own"] == "kept"


def test_a_page_is_kept_for_seconds_only(kept: Any) -> None:
    house = House()
    page = remembered_pages(house)
    page(request())
    kept.now += 3.01

    page(request())

    assert house.made == 2


def test_only_a_page_that_says_so_is_kept() -> None:
    made = []

    def view(_request: HttpRequest) -> HttpResponse:
        made.append(1)
        return HttpResponse("x")

    page = remembered_pages(view)
    page(request())
    page(request())

    assert len(made) == 2


@pytest.mark.parametrize(
    "other",
    [{"sessionid": "x"}, {"bahasa": "en"}, {"tema": "gelap"}, {"teks": "besar"}, {"kontras": "lebih"}],
    ids=["signed in", "English", "dark", "large", "contrast"],
)  # fmt: skip
def test_another_kind_of_visitor_gets_a_page_of_their_own(other: dict[str, str]) -> None:
    house = House()
    page = remembered_pages(house)
    page(request())

    page(request(**other))

    assert house.made == 2


@pytest.mark.parametrize("path", ["/?a=1", "/b/"])
def test_another_address_is_another_page(path: str) -> None:
    house = House()
    page = remembered_pages(house)
    page(request())

    page(request(path))

    assert house.made == 2


def sets(name: str, value: str) -> Any:
    return lambda _request, response: response.set_cookie(name, value)


def says(name: str, value: str) -> Any:
    return lambda _request, response: response.headers.__setitem__(name, value)


@pytest.mark.parametrize(
    "dress",
    [
        sets("csrftoken", "another"),
        sets("messages", "told"),
        says("Vary", "Cookie, Accept-Language"),
        says("Cache-Control", "private, no-store"),
        says("Content-Type", "text/csv"),
        lambda _request, response: setattr(response, "status_code", 403),
    ],
    ids=["token", "message", "varies", "no-store", "a file", "refused"],
)
def test_a_page_that_is_for_this_once_is_not_kept(dress: Any) -> None:
    house = House(dress)
    page = remembered_pages(house)
    page(request(sessionid="s", csrftoken=TOKEN))

    page(request(sessionid="s", csrftoken=TOKEN))

    assert house.made == 2


def test_a_page_with_a_form_is_kept_for_its_own_token_only() -> None:
    house = House(lambda r, response: response.set_cookie("csrftoken", r.COOKIES["csrftoken"]))
    page = remembered_pages(house)

    page(request(sessionid="s", csrftoken=TOKEN))
    page(request(sessionid="s", csrftoken=TOKEN))
    assert house.made == 1

    page(request(sessionid="s", csrftoken="u" * 32))
    assert house.made == 2


def test_a_fragment_is_neither_kept_nor_answered_from_memory() -> None:
    house = House()
    page = remembered_pages(house)
    page(request())
    fragment = request()
    fragment.META["HTTP_HX_REQUEST"] = "true"

    page(fragment)
    page(fragment)

    assert house.made == 3


@pytest.mark.django_db
def test_a_page_that_writes_a_line_is_made_each_time() -> None:
    def look(_request: HttpRequest, _response: HttpResponse) -> None:
        with connection.cursor() as cursor:
            cursor.execute("UPDATE django_session SET session_data = '' WHERE session_key = '-'")

    house = House(look)
    page = remembered_pages(house)

    first = page(request(sessionid="s"))
    page(request(sessionid="s"))

    assert house.made == 2
    assert first.cookies[WROTE]["max-age"] > memory.FRESH_SECONDS


def test_whoever_sent_something_is_not_answered_from_memory_anywhere() -> None:
    house = House()
    here, elsewhere = remembered_pages(house), remembered_pages(house)
    elsewhere(request(sessionid="s"))

    sent = here(request(method="POST", sessionid="s"))
    elsewhere(request(sessionid="s", **{WROTE: sent.cookies[WROTE].value}))

    assert house.made == 3


@pytest.mark.django_db
def test_what_somebody_wrote_shows_at_once_in_all_processes_of_the_machine() -> None:
    house = House()
    page = remembered_pages(house)
    page(request(sessionid="s"))
    with connection.cursor() as cursor:
        writer = remembered_pages(
            lambda r: HttpResponse(str(cursor.execute("DELETE FROM django_session")))
        )
        writer(request(method="POST", sessionid="t"))

    page(request(sessionid="s"))

    assert house.made == 2


def test_the_memory_does_not_grow_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "MOST_BYTES", 100)
    house = House()
    page = remembered_pages(house)
    for number in range(50):
        page(request(f"/?n={number}"))

    page(request("/?n=49"))
    page(request("/?n=0"))

    assert house.made == 51


DEEDS = st.lists(
    st.tuples(
        st.sampled_from(["look", "look", "write", "wait"]),
        st.integers(0, 2),  # who
        st.integers(0, 1),  # in which process
        st.sampled_from(["/", "/meja/", "/meja/?a=1"]),
        st.sampled_from(["id", "en"]),
        st.floats(0.1, 4),
    ),
    max_size=60,
)


@pytest.mark.parametrize("one_machine", [True, False])
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(deeds=DEEDS)
def test_nobody_sees_anothers_page_nor_an_older_one_than_his_own_deed(
    deeds: list[Any], one_machine: bool, kept: Any
) -> None:
    """Three browsers, two processes, and a clock; the page says who saw it and what stood written then."""
    written: list[int] = [0, 0, 0]
    until = [0.0, 0.0, 0.0]  # each browser's cookie

    def view(r: HttpRequest) -> HttpResponse:
        who = int(r.COOKIES["sessionid"])
        if r.method == "POST":
            written[who] += 1
            if one_machine:
                memory.turn.move()
        return HttpResponse(f"{who} {r.get_full_path()} {r.COOKIES['bahasa']} {written}")

    processes = [remembered_pages(remembered(view)) for _ in range(2)]
    history = [(kept.now, list(written))]
    for deed, who, process, path, tongue, seconds in deeds:
        if deed == "wait":
            kept.now += seconds
            continue
        cookies = {"sessionid": str(who), "bahasa": tongue}
        if until[who] > kept.now:
            cookies[WROTE] = "1"
        method = "POST" if deed == "write" else "GET"
        answer = processes[process](request(path, method=method, **cookies))
        if WROTE in answer.cookies:
            until[who] = kept.now + float(answer.cookies[WROTE]["max-age"])
        if deed == "write":
            history.append((kept.now, list(written)))
            continue
        mine, shown = f"{who} {path} {tongue} ", answer.content.decode()
        assert shown.startswith(mine)
        stood = [state for at, state in history if at <= kept.now - 3.0][-1:]
        recent = [state for at, state in history if at > kept.now - 3.0]
        possible = [written] if one_machine else [*stood, *recent]
        assert shown.removeprefix(mine) in [str(s) for s in possible if s[who] == written[who]]
