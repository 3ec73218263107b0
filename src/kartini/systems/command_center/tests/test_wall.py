"""The wall: alive, stale, caught up; for those who may see it and for the screen with the link."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from kartini.contracts.joss import PermitFigures, PermitFiguresNow
from kartini.contracts.pengumuman import AnnouncementPublished
from kartini.exchange import heart
from kartini.exchange.models import Heartbeat
from kartini.exchange.testing import Post
from kartini.people.models import User
from kartini.systems.command_center import demo, handlers, rules
from kartini.systems.command_center.models import Screen
from kartini.systems.command_center.services import hearing, screens
from kartini.systems.command_center.services.board import Board, scene_at
from kartini.systems.command_center.tests.conftest import NOW, TODAY, issued, moved

WALL = reverse("command_center:wall")
PARTS = reverse("command_center:wall-parts")


def text(response: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def test_a_fact_is_on_the_wall_with_the_next_look(
    client: Client, sekda: User, jepara: None, some_cases: None
) -> None:
    before = client.get(PARTS + "?adegan=terbit")
    handlers.permit_issued(issued(1))
    after = client.get(PARTS + "?adegan=terbit")
    assert "SIP Perawat – praktik mandiri, Tahunan 08.14" not in text(before)
    assert before["ETag"] != after["ETag"]
    assert 'class="desa v1"' in after.content.decode()
    assert "SIP Perawat – praktik mandiri , Tahunan 08.14" in text(after)


def test_the_tiles_count_what_was_heard(
    client: Client, sekda: User, jepara: None, some_cases: None, post: Post
) -> None:
    handlers.permit_issued(issued(10))
    handlers.permit_issued(issued(11, working_days=9, issued_at=NOW - timedelta(days=1)))
    post.answer(
        PermitFiguresNow, PermitFigures(issued_this_year=618, median_working_days=4.5, at=NOW)
    )
    handlers.ask_figures()
    tiles = {tile.label: tile for tile in Board(NOW).tiles()}
    values = [tile.value for tile in tiles.values()]
    assert values == ["2", "50,0", "5", "1", "4,5", "618"]
    late, _, opened, today, _, year = tiles.values()
    assert (late.delta, late.tone) == ("Dinkes 2", "bad")
    assert list(late.trend)[-1] == 2
    assert list(opened.trend) == [0, 5, 5, 5, 5, 5, 5]
    assert list(today.trend)[-2:] == [1, 1]
    assert list(year.trend)[-3:] == [616, 617, 618]


def test_an_unchanged_wall_is_a_304_and_costs_few_queries(
    client: Client,
    sekda: User,
    jepara: None,
    some_cases: None,
    django_assert_max_num_queries: Callable[..., Any],
) -> None:
    first = client.get(PARTS + "?adegan=pelayanan")
    with django_assert_max_num_queries(25):
        again = client.get(PARTS + "?adegan=pelayanan", headers={"if-none-match": first["ETag"]})
    assert again.status_code == 304
    assert not again.content
    for n in range(20, 60):
        handlers.application_moved(moved(n, due_on=TODAY))
    for scene in ("pelayanan", "keputusan", "terbit"):
        with django_assert_max_num_queries(25):
            assert client.get(f"{PARTS}?adegan={scene}").status_code == 200


def test_without_a_worker_the_wall_goes_grey_and_says_since_when(
    client: Client, sekda: User, some_cases: None, morning: Any
) -> None:
    assert 'data-state="stale"' not in client.get(PARTS).content.decode()
    morning.shift(timedelta(minutes=12))
    page = client.get(PARTS + "?adegan=pelayanan")
    assert page.content.decode().count('data-state="stale"') == 7
    assert "09.14" in text(page)
    assert "Diskominfo" in text(page)
    heart.beat({"outbox": NOW + timedelta(minutes=12)})
    assert 'data-state="stale"' not in client.get(PARTS).content.decode()


def test_an_old_answer_greys_its_tile_alone(client: Client, sekda: User, morning: Any) -> None:
    hearing.keep_readings(figures={"joss.median_working_days": 4.0}, at=NOW - timedelta(hours=2))
    page = client.get(PARTS + "?adegan=pelayanan").content.decode()
    assert page.count('data-state="stale"') == 1
    assert "07.14" in page


def test_a_wall_that_never_heard_anything_stands(client: Client, sekda: User) -> None:
    Heartbeat.objects.all().delete()
    for scene in ("pelayanan", "keputusan", "terbit", "no-such-scene"):
        assert client.get(f"{WALL}?adegan={scene}").status_code == 200


def test_scenes_turn_every_half_minute_and_can_be_held() -> None:
    seen = [scene_at(NOW + timedelta(seconds=s), ["a", "b", "c"]) for s in range(0, 90, 30)]
    assert sorted(seen) == ["a", "b", "c"]
    assert scene_at(NOW, ["a", "b", "c"], "c") == "c"


def test_the_ticker_moves_on_and_says_everything_in_time(some_cases: None, jepara: None) -> None:
    handlers.permit_issued(issued(1))
    handlers.announcement_published(
        AnnouncementPublished(slug="x", title="Loket tutup", agency="dinkes", published_at=NOW)
    )
    said = {
        line.text
        for turn in range(20)
        for line in Board(NOW + timedelta(seconds=30 * turn)).ticker()
    }
    assert len(said) == 5
    assert "Loket tutup" in said


def test_the_wall_shows_no_person_and_works_without_script(
    client: Client, sekda: User, some_cases: None
) -> None:
    page = client.get(WALL).content.decode()
    assert '<noscript><meta http-equiv="refresh" content="30"></noscript>' in page
    assert "style=" not in page
    assert "onclick" not in page
    assert sekda.full_name not in page


def test_a_screen_reads_the_wall_by_its_link_until_it_is_closed(
    client: Client, person: Callable[..., User]
) -> None:
    keeper = person("laila", "setda", rules.KEEPER)
    screen = screens.open_screen(
        name="Lobi", valid_until=TODAY + timedelta(days=1), by=keeper, at=NOW
    )
    assert client.get(WALL).status_code == 403
    link = reverse("command_center:enter", args=[screens.token(screen)])
    answer = client.get(link)
    assert answer["Location"] == WALL
    assert answer.cookies["dinding"]["path"] == WALL
    assert client.get(WALL).status_code == 200
    assert client.get(PARTS).status_code == 200
    assert client.get(reverse("command_center:desk")).status_code == 302
    screens.close_screen(screen=screen, by=keeper, at=NOW)
    assert client.get(PARTS).status_code == 403
    assert client.get(link).status_code == 403


def test_a_link_runs_out_and_cannot_be_made_up(
    client: Client, person: Callable[..., User], morning: Any
) -> None:
    screen = screens.open_screen(
        name="Lobi", valid_until=TODAY, by=person("laila", "setda", rules.KEEPER), at=NOW
    )
    token = screens.token(screen)
    for made_up in (
        token[:-1] + "x",
        uuid4().hex,
        screens.token(Screen(name="?")),
        "é",
        "x" * 3000,
    ):
        link = reverse("command_center:enter", args=[made_up])
        assert client.get(link).status_code == 403
    morning.shift(timedelta(days=1))
    assert client.get(reverse("command_center:enter", args=[token])).status_code == 403


def test_the_keeper_opens_and_closes_screens_and_sets_targets(
    client: Client, person: Callable[..., User]
) -> None:
    client.force_login(person("laila", "setda", rules.KEEPER))
    keep = reverse("command_center:keep")
    client.post(keep, {"do": "screen", "name": "Lobi", "valid_until": "2027-01-01"})
    bad = client.post(keep, {"do": "target", "key": "late", "value": "-1", "basis": ""})
    assert bad.status_code == 200
    client.post(keep, {"do": "target", "key": "late", "value": "2", "basis": "SK 1/2026"})
    page = client.get(keep).content.decode()
    assert "/dinding/masuk/" in page
    assert "SK 1/2026" in page
    closing = reverse("command_center:close", args=[Screen.objects.get().pk])
    assert client.get(closing).status_code == 200
    client.post(closing)
    assert Screen.objects.get().closed_at == NOW


@pytest.mark.parametrize(
    "path", [WALL, reverse("command_center:desk"), reverse("command_center:keep")]
)
def test_strangers_stay_outside(client: Client, path: str) -> None:
    assert client.get(path).status_code in (302, 403)
    client.force_login(User.objects.create_user("someone"))
    assert client.get(path).status_code == 403


def test_the_demo_fills_twice_without_doubling(agencies: object) -> None:
    from kartini.people import demo as people

    people.fill(TODAY)
    demo.fill(TODAY)
    assert demo.fill(TODAY)
    assert Screen.objects.count() == 1
