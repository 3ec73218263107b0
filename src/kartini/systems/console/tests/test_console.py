from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from kartini.contracts import Contract, Event, Purpose, Query
from kartini.exchange import bus, grants, heart, registry
from kartini.exchange.catalogue.terms import PURPOSES
from kartini.exchange.edge.meta import METASERVICES
from kartini.exchange.models import Delivery, Fact, Grant
from kartini.exchange.testing import OpenExchange
from kartini.people import words
from kartini.people.models import Organisation, Role, TrailLine, User
from kartini.systems.console import rules
from kartini.systems.console.engine import titles

pytestmark = pytest.mark.django_db
Counted = Callable[[int], Any]


class Known(Contract):
    found: bool
    name: str | None = None
    address: str | None = None


class WhoIs(Query[Known]):
    """Who is this?"""

    name = "knower.who-is.v1"
    nik: str


class Moved(Event):
    """Something moved."""

    name = "knower.moved.v1"
    thing: str


@pytest.fixture
def heard() -> list[Moved]:
    return []


@pytest.fixture
def house(monkeypatch: pytest.MonkeyPatch, heard: list[Moved]) -> None:
    """Two systems that exist only here."""
    cache.clear()
    for name in ("subsystems", "listeners", "answerers", "queries", "needed"):
        monkeypatch.setattr(registry, name, {})
    registry.subsystem("asker", member="dpmptsp", title="Yang bertanya")
    registry.subsystem("knower", member="disdukcapil", title="Yang tahu")
    registry.answers(WhoIs)(lambda _query: Known(found=True, name="Siti", address="Tahunan"))
    registry.subscribes(Moved, id="asker.moved")(heard.append)
    registry.needs(WhoIs, asker="asker", purpose=Purpose.PERMIT_IDENTITY, basis="UU 24/2013")
    registry.needs(Moved, asker="asker", purpose=Purpose.GOVERNANCE, basis="Perbup 1/2026")
    Organisation.objects.create(code="dpmptsp", name="Dinas Perizinan", short_name="DPMPTSP")


@pytest.fixture
def officer(house: None, client: Client) -> User:
    user = User.objects.create_user("laila")
    organisation = Organisation.objects.create(code="diskominfo", name="Diskominfo")
    Role.objects.create(
        user=user, kind=rules.OFFICER, organisation=organisation, from_on=date(2026, 1, 1)
    )
    client.force_login(user)
    return user


@pytest.fixture
def asked(officer: User) -> Grant:
    """A grant that waits for the officer."""
    grants.declare(approve=False, at=timezone.now())
    return Grant.objects.get(contract=WhoIs.name)


def ask() -> Known:
    nik = "3320116204959002"
    return bus.ask(WhoIs(nik=nik), asker="asker", purpose=Purpose.PERMIT_IDENTITY, subjects=[nik])


def page(client: Client, name: str, *args: object, query: str = "") -> str:
    answer = client.get(reverse(f"console:{name}", args=args) + query)
    assert answer.status_code == 200
    return answer.content.decode()


def decide(client: Client, grant: Grant, slug: str, **words: object) -> Any:
    return client.post(reverse("console:decide", args=[grant.pk, slug]), words)


# -- looking


EVERY_PAGE = [
    "overview",
    "traffic",
    "members",
    "register",
    "services",
    "grants",
    "ask_choose",
    "deliveries",
    "log",
    "evidence",
    "protection",
    "set_rule",
    "breaches",
    "breach_new",
]


@pytest.mark.parametrize("name", EVERY_PAGE)
def test_only_the_officer_of_the_exchange_enters(client: Client, house: None, name: str) -> None:
    client.force_login(User.objects.create_user("siti"))
    assert client.get(reverse(f"console:{name}")).status_code == 403


def test_the_overview_shows_the_day_and_costs_the_same_for_many_messages(
    client: Client, officer: User, exchange: OpenExchange, django_assert_max_num_queries: Counted
) -> None:
    ask()
    with django_assert_max_num_queries(16):
        text = page(client, "overview")
    assert "Yang bertanya" in text
    assert "knower.who-is.v1" in text
    cache.clear()
    for _ in range(30):
        ask()
    with django_assert_max_num_queries(16):
        page(client, "overview")


def test_an_empty_exchange_has_pages_too(client: Client, officer: User) -> None:
    for name in EVERY_PAGE:
        page(client, name)


def test_a_worker_that_died_is_missed(
    client: Client, officer: User, exchange: OpenExchange
) -> None:
    heart.beat({"outbox": timezone.now() - timedelta(minutes=5)})
    assert 'data-tone="bad"' in page(client, "overview")
    heart.beat({"outbox": timezone.now()})
    assert 'role="alert"' not in page(client, "overview")


def test_the_grants_filter_names_only_who_asks(
    client: Client, officer: User, exchange: OpenExchange
) -> None:
    Organisation.objects.create(code="bank-31", name="Bank Sampah 31")
    text = page(client, "grants")
    assert '<option value="dpmptsp">' in text
    assert "Bank Sampah 31" not in text


# -- deciding


def test_approving_lets_the_question_pass_and_leaves_a_line(client: Client, asked: Grant) -> None:
    with pytest.raises(bus.NotGranted):
        ask()
    assert decide(client, asked, "setujui").status_code == 302
    assert ask().name == "Siti"
    line = TrailLine.objects.get(verb="console.approve")
    assert line.thing == f"console.grant:{asked.pk}"
    assert "Yang bertanya" in page(client, "grant", asked.pk)


def test_narrowing_withholds_what_was_not_ticked(client: Client, asked: Grant) -> None:
    form = page(client, "decide", asked.pk, "persempit")
    assert 'value="address"' in form
    assert 'value="found"' not in form
    answer = decide(client, asked, "persempit", fields_kept=["name"], per_minute=5, reason="cukup")
    assert answer.status_code == 302
    assert ask().model_fields_set == {"found", "name"}


def test_a_refusal_needs_a_reason_and_the_reason_is_shown(client: Client, asked: Grant) -> None:
    assert decide(client, asked, "tolak", reason=" ").status_code == 200
    assert decide(client, asked, "tolak", reason="Dasar hukum keliru").status_code == 302
    assert "Dasar hukum keliru" in page(client, "grant", asked.pk)
    assert page(client, "grants", query="?state=refused").count("<code>knower.who-is.v1") == 1


def test_of_two_officers_the_second_learns_that_it_was_decided(
    client: Client, asked: Grant
) -> None:
    decide(client, asked, "tolak", reason="keliru")
    late = decide(client, asked, "setujui")
    assert late.status_code == 409
    asked.refresh_from_db()
    assert asked.state == Grant.State.REFUSED


def test_an_end_takes_effect_at_once(client: Client, officer: User, exchange: OpenExchange) -> None:
    grant = Grant.objects.get(contract=WhoIs.name)
    decide(client, grant, "akhiri", reason="selesai")
    with pytest.raises(bus.NotGranted):
        ask()


@pytest.mark.parametrize(
    ("slug", "words"),
    [
        ("setujui", {"valid_until": "2020-01-01"}),
        ("setujui", {"valid_until": "kapan-kapan"}),
        ("persempit", {"fields_kept": ["nik"], "reason": "x"}),
        ("persempit", {"per_minute": "-1", "reason": "x"}),
        ("persempit", {"per_minute": "9" * 40, "reason": "x"}),
        ("tolak", {"reason": "x" * 501}),
    ],
)
def test_bad_input_changes_nothing_and_keeps_what_was_typed(
    client: Client, asked: Grant, slug: str, words: dict[str, object]
) -> None:
    answer = decide(client, asked, slug, **words)
    assert answer.status_code == 200
    assert "error-summary" in answer.content.decode()
    asked.refresh_from_db()
    assert asked.state == Grant.State.ASKED


def test_unknown_decisions_and_grants_are_not_found(client: Client, asked: Grant) -> None:
    assert decide(client, asked, "hapus").status_code == 404
    assert client.get(reverse("console:grant", args=[10**9])).status_code == 404


# -- deliveries


def test_dead_letters_are_listed_with_their_reason_and_sent_again(
    client: Client, officer: User, exchange: OpenExchange, heard: list[Moved]
) -> None:
    bus.publish(Moved(thing="a"))
    Delivery.objects.update(dead_at=timezone.now(), reason="ValueError: boom")
    text = page(client, "deliveries", query="?mati=1")
    assert "Penerima di Kartini rusak saat mengolah peristiwa." in text
    assert "ValueError: boom" in page(client, "delivery", Delivery.objects.get().pk)
    pk = str(Delivery.objects.get().pk)
    client.post(reverse("console:replay"), {"pilih": [pk, pk, "x", "9" * 30, "-1"]})
    exchange.deliver_all()
    assert [event.thing for event in heard] == ["a"]
    assert TrailLine.objects.get(verb="console.replay").note == "1"
    client.post(reverse("console:replay"), {"pilih": [pk]})
    assert TrailLine.objects.filter(verb="console.replay").count() == 1


def test_who_lags_behind_is_told_and_all_of_one_listener_is_sent_again(
    client: Client, officer: User, exchange: OpenExchange, heard: list[Moved]
) -> None:
    for thing in ("a", "b", "c"):
        bus.publish(Moved(thing=thing))
    listener = Delivery.objects.values_list("listener", flat=True)[0]
    Delivery.objects.update(dead_at=timezone.now(), reason="ValueError: boom")
    assert "Penerima yang tertinggal" in page(client, "deliveries")
    only = page(client, "deliveries", query=f"?mati=1&penerima={listener}")
    assert f'name="semua" value="{listener}"' in only
    assert "Tidak ada pengiriman" in page(client, "deliveries", query="?mati=1&penerima=nobody")
    nothing = client.post(reverse("console:replay"), {"semua": "nobody"}, follow=True)
    assert "centang dahulu" in nothing.content.decode()
    client.post(reverse("console:replay"), {"semua": listener})
    exchange.deliver_all()
    assert {event.thing for event in heard} == {"a", "b", "c"}


def test_the_page_of_deliveries_costs_the_same_for_many(
    client: Client, officer: User, exchange: OpenExchange, django_assert_max_num_queries: Counted
) -> None:
    for number in range(30):
        bus.publish(Moved(thing=str(number)))
    with django_assert_max_num_queries(12):
        page(client, "deliveries")
    assert Fact.objects.count() == 30


# -- for everybody


def test_everybody_reads_who_may_ask_what_by_which_right(
    client: Client, house: None, exchange: OpenExchange
) -> None:
    text = page(client, "public")
    assert "Yang bertanya" in text
    assert "UU 24/2013" in text
    for query, found in (("?q=yang+bertanya", True), ("?q=zzzz", False), ("?member=zzzz", True)):
        assert ("UU 24/2013" in page(client, "public", query=query)) is found, query
    assert "UU 24/2013" in page(client, "public", query="?csv=1")
    Grant.objects.filter(contract=WhoIs.name).update(valid_until=date(2020, 1, 1))
    assert "UU 24/2013" not in page(client, "public")


def test_every_purpose_has_words_that_a_citizen_understands() -> None:
    assert {*Purpose} <= {*words.PURPOSES}
    assert {*Purpose} <= {*PURPOSES}


def test_a_look_at_what_is_offered_has_words() -> None:
    assert all(titles.of_contract(name) for name in METASERVICES)


@pytest.mark.parametrize(
    "name", ["members", "services", "grants", "deliveries", "log", "breaches", "archives"]
)
def test_every_list_is_taken_along_as_a_file_and_as_one_page(
    officer: User, client: Client, name: str
) -> None:
    client.force_login(officer)
    address = reverse(f"console:{name}")
    assert "cetak=1" in client.get(address).content.decode() or name == "archives"
    sheet = client.get(address, {"csv": "1"})
    assert sheet["Content-Type"].startswith("text/csv")
    assert len(sheet.content.decode("utf-8-sig").splitlines()[0].split(",")) > 3
    assert client.get(address, {"cetak": "1", "halaman": "7"}).status_code == 200
