"""What is heard is counted once, in whatever order it comes."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from kartini.contracts import Event
from kartini.contracts.joss import (
    ApplicationMoved,
    PermitFigures,
    PermitFiguresNow,
    PermitIssued,
    PermitRevoked,
)
from kartini.contracts.pengumuman import AnnouncementPublished, AnnouncementWithdrawn
from kartini.exchange import bus, registry
from kartini.exchange.testing import Post
from kartini.systems.command_center import handlers
from kartini.systems.command_center.models import Announcement, Case, Permit, Reading
from kartini.systems.command_center.services import hearing
from kartini.systems.command_center.tests.conftest import NOW, issued, moved

STATES = ["submitted", "returned", "recommendation", "decision", "issued"]
MOVES = [
    moved(7, state=state, holder="" if state == "issued" else "dinkes", at=NOW - timedelta(days=9 - n))
    for n, state in enumerate(STATES)
]  # fmt: skip


class AnyOrder(TestCase):
    @given(st.permutations(MOVES), st.lists(st.sampled_from(MOVES), max_size=6))
    def test_any_order_and_any_repetition_end_in_the_same_case(
        self, order: list[ApplicationMoved], again: list[ApplicationMoved]
    ) -> None:
        for event in [*order, *again]:
            handlers.application_moved(event)
        case = Case.objects.get()
        assert (case.state, case.closed_at) == ("issued", MOVES[-1].at)
        assert (case.first_at, case.moved_at) == (MOVES[0].at, MOVES[-1].at)


def test_a_permit_counts_once_and_its_revocation_may_come_first() -> None:
    revoked = PermitRevoked(**{**PermitRevoked.example, "application": "JOSS-9"})
    handlers.permit_revoked(revoked)
    for _ in range(2):
        handlers.permit_issued(issued(9))
    permit = Permit.objects.get()
    assert permit.issued_at == NOW - timedelta(hours=1)
    assert permit.revoked_at == revoked.revoked_at


def test_a_withdrawn_announcement_stays_withdrawn_in_any_order() -> None:
    handlers.announcement_withdrawn(AnnouncementWithdrawn(slug="x", withdrawn_at=NOW))
    handlers.announcement_published(
        AnnouncementPublished(slug="x", title="X", agency="dinkes", published_at=NOW)
    )
    assert Announcement.objects.get().withdrawn_at == NOW


def test_figures_are_asked_for_and_kept_when_nobody_answers(post: Post) -> None:
    post.answer(PermitFiguresNow, PermitFigures(open=42, late=3, at=NOW))
    handlers.ask_figures()
    post.answer(PermitFiguresNow, bus.Unanswered("away"))
    handlers.ask_figures()
    assert Reading.objects.get(key="joss.open").value == 42
    hearing.keep_readings(figures={"joss.open": 1}, at=NOW - timedelta(minutes=1))
    assert Reading.objects.get(key="joss.open").value == 42


def test_old_things_are_forgotten_and_open_cases_are_kept() -> None:
    long_ago = NOW - timedelta(days=500)
    handlers.application_moved(moved(1, at=long_ago))
    handlers.application_moved(moved(2, at=long_ago, state="refused", holder=""))
    handlers.permit_issued(issued(2, issued_at=long_ago))
    assert hearing.tidy(at=NOW) == 2
    assert [case.pk for case in Case.objects.all()] == ["JOSS-1"]


@pytest.mark.parametrize("event", [ApplicationMoved, PermitIssued, PermitRevoked])
def test_every_fact_that_is_heard_needs_a_grant(event: type[Event]) -> None:
    assert any(
        need.asker == handlers.ME and need.contract is event for need in registry.needed.values()
    )
