"""Systems elsewhere, entered on the command line: a slip is said at once and leaves nothing behind."""

import shlex

import pytest
from click.testing import CliRunner
from django.utils import timezone

from kartini.exchange import commands
from kartini.exchange.models import Credential, Grant, Service, Subsystem
from kartini.exchange.testing import OpenExchange

pytestmark = pytest.mark.django_db
QUESTION = "pengumuman.latest.v1"


def kartini(*words: str) -> str:
    done = CliRunner().invoke(commands.group, [*words])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.output.strip()


@pytest.fixture
def vendor() -> Subsystem:
    return Subsystem.objects.create(
        code="simrs", member="vendor", member_class="COM", title="SIMRS", built_in=False
    )


def test_a_second_system_of_a_member_has_the_members_class(vendor: Subsystem) -> None:
    assert kartini("introduce", "antrean", "--member", "vendor") == "JPR/COM/vendor/antrean"
    assert kartini("introduce", "lain", "--member", "dinkes") == "JPR/GOV/dinkes/lain"
    assert kartini("introduce", "desa", "--member", "tahunan", "--class", "VIL").startswith(
        "JPR/VIL"
    )


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("introduce", "Si_mrs", "--member", "dinkes"), "small letters"),
        (("introduce", "baru", "--member", "dinkes", "--class", "GOVT"), "GOV"),
        (("introduce", "baru", "--member", "dinkes", "--key", "abc"), "32 bytes"),
    ],
)
def test_a_system_that_does_not_fit_is_not_entered(words: tuple[str, ...], said: str) -> None:
    assert said in kartini(*words)
    assert not Subsystem.objects.exists()


@pytest.mark.parametrize(
    ("contract", "more", "said"),
    [
        ("pengumuman.latst.v1", (), "catalogue"),
        (QUESTION, ("--field", "titel"), "no field titel"),
        (QUESTION, ("--purpose", "curiosity"), "public-information"),
    ],
)
def test_a_slip_is_no_right_to_nothing(
    vendor: Subsystem, contract: str, more: tuple[str, ...], said: str
) -> None:
    words = ("allow", "simrs", contract, "--purpose", "public-information", "--basis", "UU 1")
    assert said in kartini(*words, *more)
    assert not Grant.objects.exists()


def test_a_question_and_a_fact_are_allowed(vendor: Subsystem) -> None:
    for contract in (QUESTION, "pengumuman.announcement-published.v1"):
        words = ("allow", "simrs", contract, "--purpose", "public-information", "--basis", "UU 1")
        assert kartini(*words).endswith("approved")


def test_another_node_is_told_of_everybody_who_may_ask_and_of_the_console(
    vendor: Subsystem, exchange: OpenExchange
) -> None:
    Subsystem.objects.update_or_create(
        code="console", defaults={"member": "diskominfo", "title": "Konsol"}
    )
    words = ("allow", "simrs", QUESTION, "--purpose", "public-information", "--basis", "UU 14/2008")
    kartini(*words)
    Grant.objects.create(
        asker=vendor, contract=QUESTION, purpose="governance", basis="UU 1", state="ended",
        reason="over", asked_at=timezone.now(), decided_at=timezone.now(),
    )  # fmt: skip
    lines = [shlex.split(line) for line in kartini("callers", QUESTION).splitlines()]
    for kind in (Service, Grant, Credential, Subsystem):
        kind.objects.all().delete()
    for _kartini, _exchange, *line in lines:
        kartini(*line)
    told = {(one.asker.code, one.purpose) for one in Grant.objects.select_related("asker")}
    assert ("simrs", "public-information") in told
    assert ("console", "governance") in told
    assert ("simrs", "governance") not in told
    assert str(Subsystem.objects.get(pk="simrs")) == "JPR/COM/vendor/simrs"
    assert Credential.objects.filter(subsystem="simrs").exists()


def test_an_address_that_is_none_is_told_how_one_looks(vendor: Subsystem) -> None:
    assert "https://" in kartini("webhook", "simrs", "simrs.example")
