from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from kartini.people import appointments, demo, roles
from kartini.people.appointments import (
    ActingNeedsAnEnd,
    LastAdministrator,
    OwnRole,
    UnknownRoleKind,
)
from kartini.people.models import Role, TrailLine, User

AT = demo.morning(date(2026, 11, 24))
TODAY = AT.date()
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _jepara() -> None:
    demo.fill(TODAY)


def give(user: str = "dewi", by: str | None = "yusuf", **more: Any) -> Role:
    how = {"kind": "people.counter", "organisation": "dpmptsp", "from_on": TODAY, **more}
    giver = demo.staff(by) if by else None
    return appointments.grant(user=demo.staff(user), by=giver, at=AT, **how)


def test_the_demo_is_the_same_when_filled_twice() -> None:
    before = (User.objects.count(), Role.objects.count(), TrailLine.objects.count())
    demo.fill(TODAY)
    assert (User.objects.count(), Role.objects.count(), TrailLine.objects.count()) == before


def test_a_role_given_twice_is_one_role_and_one_line_of_the_trail() -> None:
    role = give()
    lines = TrailLine.objects.filter(verb="people.role-granted").count()
    assert give() == role
    line = TrailLine.objects.filter(verb="people.role-granted").last()
    assert TrailLine.objects.filter(verb="people.role-granted").count() == lines
    assert line is not None
    assert (line.organisation_id, line.role_kind) == ("diskominfo", "people.administrator")


def test_nobody_gives_or_ends_a_role_of_his_own() -> None:
    with pytest.raises(OwnRole):
        give("yusuf")
    role = give("dewi")
    with pytest.raises(OwnRole):
        appointments.end(role=role, by=demo.staff("dewi"), at=AT)


def test_a_role_that_no_system_defines_cannot_be_given() -> None:
    with pytest.raises(UnknownRoleKind):
        give(kind="people.king")


def test_an_acting_official_needs_a_last_day() -> None:
    with pytest.raises(ActingNeedsAnEnd):
        give(acting="plt")
    give(acting="plt", until_on=TODAY + timedelta(days=30))


def test_the_database_refuses_an_acting_role_without_end() -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Role.objects.create(user=demo.staff("dewi"), kind="x", acting="plh", from_on=TODAY)


def test_an_ended_role_holds_no_longer_today_but_did_yesterday() -> None:
    user = demo.staff("dewi")
    role = give(from_on=TODAY - timedelta(days=9))
    assert roles.holds(user, "people.counter", organisation="dpmptsp", on=TODAY)
    ended = appointments.end(role=role, by=demo.staff("yusuf"), at=AT, reason="pindah")
    assert not roles.holds(demo.staff("dewi"), "people.counter", on=TODAY)
    assert ended.holds_on(TODAY - timedelta(days=1))
    assert appointments.end(role=role, by=demo.staff("laila"), at=AT).ended_by == demo.staff(
        "yusuf"
    )


def test_the_last_administrator_stays() -> None:
    first, second = Role.objects.filter(kind="people.administrator").order_by("user__username")
    appointments.end(role=first, by=None, at=AT)
    with pytest.raises(LastAdministrator):
        appointments.end(role=second, by=None, at=AT)


def test_a_role_for_a_kecamatan_holds_for_its_villages() -> None:
    give(place_code="33.20.11")
    user = demo.staff("dewi")
    assert roles.holds(user, "people.counter", place="33.20.11.2012", on=TODAY)
    assert not roles.holds(user, "people.counter", place="33.20.12.2001", on=TODAY)
    assert not roles.holds(user, "people.counter", place="33.20.1", on=TODAY)


def test_a_role_begins_on_its_first_day() -> None:
    give(from_on=date(2026, 12, 1))
    assert not roles.holds(demo.staff("dewi"), "people.counter", on=TODAY)
    assert roles.holds(demo.staff("dewi"), "people.counter", on=date(2026, 12, 1))
