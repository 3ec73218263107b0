"""The ends of JOSS: the command line, the clockwork, the figures, the demo, the register of old books."""

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from click.testing import CliRunner
from django.utils import timezone

from kartini.contracts.dukcapil import Resident, ResidentByNik
from kartini.contracts.joss import PermitFiguresNow
from kartini.exchange import bus
from kartini.exchange.testing import Post
from kartini.people import demo as people
from kartini.systems.joss import demo, handlers, tasks, urls
from kartini.systems.joss.commands import group
from kartini.systems.joss.engine import loader
from kartini.systems.joss.models import Application, Permit
from kartini.systems.joss.services import decisions, figures, identity
from kartini.systems.joss.tests.conftest import Cast, at, draft, fresh
from kartini.systems.joss.tests.test_decisions import to_decision

RESIDENT = Resident.model_validate(dict(Resident.example))


def test_the_types_are_listed_for_people_and_for_programs() -> None:
    said = CliRunner().invoke(group, ["types"]).output
    assert "sip-perawat-mandiri  v1  7 working days" in said
    listed = json.loads(CliRunner().invoke(group, ["types", "--json"]).output)
    assert {one["code"] for one in listed} == set(loader.shipped())


def test_lint_fails_on_a_faulty_file_and_names_the_key(tmp_path: Path) -> None:
    assert CliRunner().invoke(group, ["lint"]).exit_code == 0
    path = tmp_path / "sip-perawat-mandiri.toml"
    text = (loader.TYPES / path.name).read_text(encoding="utf-8")
    path.write_text(text.replace("minutes = 15", "minuts = 15"), encoding="utf-8")
    result = CliRunner().invoke(group, ["lint", str(path), str(tmp_path / "gone.toml")])
    assert result.exit_code == 1
    assert "sip-perawat-mandiri.toml: minuts: is not a known key" in result.output
    assert "gone.toml: No such file" in result.output


@pytest.fixture
def unverified(cast: Cast, nurse: Application) -> Application:
    """Siti's application, made while Dukcapil was away."""
    facts = nurse.identity | {"doubt": "away"}
    Application.objects.filter(pk=nurse.pk).update(
        identity=facts, identity_source="hand", identity_verified_at=None
    )
    return nurse


def test_dukcapil_is_asked_again_later(unverified: Application, post: Post) -> None:
    post.answer(ResidentByNik, bus.Unanswered("away"))
    assert tasks.recheck_identities() == 0
    post.answer(ResidentByNik, RESIDENT)
    assert tasks.recheck_identities() == 1
    assert fresh(unverified).identity_verified_at
    assert tasks.recheck_identities() == 0


@pytest.mark.parametrize(
    ("change", "doubt"),
    [
        ({"name": "Siti Nur Khotimah"}, "different"),
        ({"birth_on": date(1990, 1, 1)}, "different"),
        ({"status": "moved"}, "moved"),
        ({"found": False}, "unknown"),
    ],
)
def test_what_does_not_match_leaves_a_doubt_for_the_officer(
    unverified: Application, post: Post, change: dict[str, Any], doubt: str
) -> None:
    post.answer(ResidentByNik, RESIDENT.model_copy(update=change))
    tasks.recheck_identities()
    now = fresh(unverified)
    assert (now.identity["doubt"], now.identity_verified_at) == (doubt, None)
    assert now.applicant_name == "Siti Nur Aisyah"


def test_a_withheld_field_is_not_known(cast: Cast) -> None:
    partial = Resident(found=True, name="Siti Nur Aisyah")
    assert cast.siti.person
    known = identity.from_resident(partial, person=cast.siti.person, at=at())
    assert (known.verified, known.doubt) == (False, "withheld")
    assert known.missing() == ["birth_on", "address", "village_code"]


@time_machine.travel(at(4), tick=False)
def test_figures_are_answered_and_shown(cast: Cast, nurse: Application) -> None:
    decisions.issue(application=to_decision(cast, nurse), by=cast.hendro, at=at(3))
    draft(cast.budi)
    counted = figures.now(at(4))
    assert (counted.open, counted.late, counted.issued_this_year) == (0, 0, 1)
    assert counted.median_days == 3.0
    assert figures.of_type("sip-perawat-mandiri", at(4)).issued == 1
    assert [figure.value for figure in urls.shown_figures(at(4))] == ["1", "3"]
    assert handlers.permit_figures(PermitFiguresNow()).issued_this_year == 1
    assert [found.title for found in urls.found("perawat", None)] == [
        "Izin praktik perawat mandiri"
    ]


def test_the_demo_tells_its_story_once(
    db: None, post: Post, villages: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(demo, "MOST", 11)
    today = timezone.localdate()
    people.fill(today)
    assert "applications" in demo.fill(today)[0]
    assert Application.objects.count() == 10
    number = Application.objects.latest("submitted_at").number
    demo.fill(today)
    assert Application.objects.latest("submitted_at").number == number
    assert not Application.objects.filter(submitted_at__gt=timezone.now()).exists()


def test_the_old_books_are_taken_in_once_and_only_what_is_missing(db: None, villages: None) -> None:
    done: list[float] = []
    today = date(2026, 11, 24)
    demo.fill_scale(today, 0.0002, done.append)
    demo.fill_scale(today, 0.0005, done.append)
    demo.fill_scale(today, 0.0005, done.append)
    old = Application.objects.filter(imported=True)
    assert old.count() == 100
    assert done[-1] == 1.0
    assert Permit.objects.count() == old.filter(state="issued").count() > 80
    assert not old.filter(closed_at__gt=at() + timedelta(days=1)).exists()
    one = old.filter(state="issued").first()
    assert one
    assert Application.objects.found_by(f"{one.number} {one.applicant_name}").get() == one
