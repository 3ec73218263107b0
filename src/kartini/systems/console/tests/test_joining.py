"""An outside system joins: entered, credentials, a grant asked for, narrowed, used, ended, asked for again."""

import json
import re
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from nacl.signing import SigningKey
from openapi_spec_validator import validate

from kartini.contracts.dukcapil import Resident, ResidentByNik
from kartini.exchange import bus, grants, registry
from kartini.exchange.models import Credential, Grant, Subsystem
from kartini.exchange.testing import OpenExchange
from kartini.exchange.tests.outsider import Outsider
from kartini.office.models import Notice
from kartini.people.models import Organisation, Role, TrailLine, User
from kartini.systems.console import rules
from kartini.systems.console.services import grants as life

pytestmark = pytest.mark.django_db
Counted = Callable[[int], Any]
NIK = "3320116204959002"
CONTRACT = ResidentByNik.name
AGREED = {
    "purpose": "permit-identity",
    "need": "Mengisi nama pasien saat daftar",
    "basis_letter": "e",
    "basis": "UU 24/2013 Pasal 58",
    "fields_wanted": ["name", "address"],
    "per_minute": "60",
    "until": (date.today() + timedelta(days=90)).isoformat(),  # noqa: DTZ011
}


@pytest.fixture
def house(monkeypatch: pytest.MonkeyPatch) -> None:
    """Dukcapil answers; nobody else is here."""
    cache.clear()
    for name in ("subsystems", "listeners", "answerers", "queries", "needed"):
        monkeypatch.setattr(registry, name, {})
    registry.subsystem("dukcapil", member="disdukcapil", title="Dukcapil")
    registry.subsystem("console", member="diskominfo", title="Konsol")
    registry.answers(ResidentByNik)(
        lambda _query: Resident(found=True, name="Siti", address="Tahunan", sex="F")
    )
    for code in ("diskominfo", "disdukcapil", "vendor"):
        kind = "COM" if code == "vendor" else "GOV"
        Organisation.objects.create(
            code=code, name=code.title(), short_name=code.title(), kind=kind
        )


def someone(name: str, kind: str, organisation: str) -> User:
    user = User.objects.create_user(name)
    Role.objects.create(
        user=user, kind=kind, organisation_id=organisation, from_on=date(2026, 1, 1)
    )
    return user


@pytest.fixture
def officer(house: None) -> User:
    return someone("laila", rules.OFFICER, "diskominfo")


@pytest.fixture
def owner(house: None) -> User:
    return someone("budi", rules.OWNER, "disdukcapil")


@pytest.fixture
def developer(house: None) -> User:
    return someone("dewi", rules.DEVELOPER, "vendor")


@pytest.fixture
def vendor(house: None, exchange: OpenExchange) -> Subsystem:
    return Subsystem.objects.create(
        code="simpus-x", member="vendor", member_class="COM", title="Simpus X", built_in=False
    )


@pytest.fixture
def outside(exchange: OpenExchange, tmp_path: Path) -> Iterator[Outsider]:
    outsider = Outsider(tmp_path)
    yield outsider
    outsider.loop.close()


def as_user(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def at(name: str, *args: object) -> str:
    return reverse(f"console:{name}", args=args)


def form_of(client: Client, url: str) -> dict[str, str]:
    text = client.get(url).content.decode()
    found = re.search(r'name="once" value="([0-9a-f]{8})"', text)
    assert found
    return {"once": found[1]}


def secret_for(client: Client, code: str) -> tuple[str, str]:
    url = at("new_secret", code)
    text = client.post(url, form_of(client, url)).content.decode()
    secret = re.search(r'id="rahasia"[^>]*>([^<]+)<', text)
    made = Credential.objects.filter(subsystem=code).latest("made_at")
    assert secret
    return made.pk, secret[1]


def asked(developer: User, **more: Any) -> Grant:
    answer = as_user(developer).post(at("ask", "simpus-x", CONTRACT), {**AGREED, **more})
    assert answer.status_code == 302, answer.content.decode()
    return Grant.objects.latest("pk")


def test_an_outside_system_joins_works_within_its_grant_and_stops_on_its_day(
    officer: User, owner: User, developer: User, outside: Outsider
) -> None:
    """Story 1 of the exchange, from the first form to the last day."""
    new = {
        "organisation": "vendor",
        "code": "simpus-x",
        "title": "Simpus X",
        "contact": "Dewi 0812",
    }
    entered = as_user(officer).post(at("register"), {**new, "new_kind": "COM"})
    assert entered["Location"] == at("system", "simpus-x")
    client_id, secret = secret_for(as_user(developer), "simpus-x")
    outside.refresh()
    token = outside.token(f"{client_id}:{secret}").json["access_token"]
    call: dict[str, Any] = {
        "path": f"/r1/JPR/GOV/disdukcapil/dukcapil/{CONTRACT}",
        "body": json.dumps({"nik": NIK}).encode(),
        "authorization": f"Bearer {token}",
        "x_road_client": "JPR/COM/vendor/simpus-x",
    }
    assert outside.send(**call).status == 500
    grant = asked(developer)
    assert Notice.objects.get(to=owner).template == "console/grant-asked"
    day = timezone.localdate() + timedelta(days=20)
    less = {"fields_kept": ["name"], "per_minute": "30", "valid_until": day.isoformat()}
    decided = as_user(owner).post(
        at("decide", grant.pk, "persempit"), {**less, "reason": "Cukup nama"}
    )
    assert decided.status_code == 302
    assert Notice.objects.get(to=developer).template == "console/grant-decided"
    view = grants.snapshot()
    right = view.to_ask("simpus-x", CONTRACT, "permit-identity")
    assert right is not None
    said = right.let_through(Resident(found=True, name="Siti", address="Tahunan"))
    assert said.model_fields_set == {"found", "name"}
    now = timezone.now()
    assert life.warn_of_ends(at=now) == 1
    assert life.end_those_over(at=now + timedelta(days=20)) == 0
    assert life.end_those_over(at=now + timedelta(days=21)) == 1
    assert grants.snapshot().to_ask("simpus-x", CONTRACT, "permit-identity") is None
    told = Notice.objects.filter(to=developer).values_list("template", flat=True)
    assert {"console/grant-ending", "console/grant-ended"} < {*told}
    page = as_user(developer).get(at("grant", grant.pk)).content.decode()
    assert f"?dari={grant.pk}" in page
    again = as_user(developer).get(at("ask", "simpus-x", CONTRACT) + f"?dari={grant.pk}")
    assert "Mengisi nama pasien" in again.content.decode()
    assert asked(developer).pk != grant.pk


def test_the_developer_page_has_commands_and_a_valid_openapi_file(
    developer: User, vendor: Subsystem, owner: User
) -> None:
    grant = asked(developer)
    as_user(owner).post(at("decide", grant.pk, "setujui"), {})
    client = as_user(developer)
    text = client.get(at("developer", "simpus-x")).content.decode()
    assert "oauth2/token" in text
    assert f"/r1/JPR/GOV/disdukcapil/dukcapil/{CONTRACT}" in text
    document = Client().get(at("openapi", CONTRACT)).json()
    validate(document)
    assert Client().get(at("openapi", "nobody.knows.v1")).status_code == 404


def test_a_secret_is_shown_once_however_often_the_form_is_sent(
    developer: User, vendor: Subsystem
) -> None:
    client, url = as_user(developer), at("new_secret", "simpus-x")
    form = form_of(client, url)
    assert 'id="rahasia"' in client.post(url, form).content.decode()
    assert client.post(url, form).status_code == 302
    assert Credential.objects.count() == 1
    assert client.post(url, {"once": "../../etc"}).status_code == 200
    assert Credential.objects.count() == 1
    lines = TrailLine.objects.filter(verb="console.secret-made")
    assert [line.note for line in lines] == [Credential.objects.get().pk]


def test_a_secret_is_replaced_with_a_week_of_overlap_and_a_key_is_added_beside(
    developer: User, vendor: Subsystem
) -> None:
    client = as_user(developer)
    old, _secret = secret_for(client, "simpus-x")
    url = at("new_secret", "simpus-x")
    client.post(url, {**form_of(client, url), "replaces": old})
    ends_at = Credential.objects.get(pk=old).ends_at
    assert ends_at is not None
    assert timedelta(days=6) < ends_at - timezone.now() < timedelta(days=8)
    key = SigningKey.generate().verify_key
    for wrong in ("bukan kunci", "AAAA"):
        assert client.post(at("new_key", "simpus-x"), {"public": wrong}).status_code == 200
    from base64 import b64encode

    good = b64encode(bytes(key)).decode()
    assert client.post(at("new_key", "simpus-x"), {"public": good}).status_code == 302
    held = Credential.objects.get(kind="key")
    client.post(at("end_credential", "simpus-x", held.pk), {"when": "now"})
    assert held.pk not in grants.snapshot().credentials
    assert client.get(at("system", "simpus-x")).status_code == 200


def test_whoever_asks_cannot_decide_and_the_officer_only_where_no_owner_was_named(
    officer: User, developer: User, vendor: Subsystem
) -> None:
    Role.objects.create(
        user=developer, kind=rules.OWNER, organisation_id="disdukcapil", from_on=date(2026, 1, 1)
    )
    grant = asked(developer)
    assert as_user(developer).post(at("decide", grant.pk, "setujui")).status_code == 403
    assert as_user(officer).post(at("decide", grant.pk, "setujui")).status_code == 403
    Role.objects.filter(kind=rules.OWNER).delete()
    assert as_user(officer).post(at("decide", grant.pk, "setujui")).status_code == 302


def test_an_owner_sees_only_what_concerns_own_data_and_a_developer_own_systems(
    officer: User, owner: User, developer: User, vendor: Subsystem
) -> None:
    grant = asked(developer)
    stranger = someone("tono", rules.DEVELOPER, "diskominfo")
    other_owner = someone("rina", rules.OWNER, "diskominfo")
    for user, status in ((owner, 200), (developer, 200), (stranger, 404), (other_owner, 404)):
        assert as_user(user).get(at("grant", grant.pk)).status_code == status
    assert as_user(stranger).get(at("system", "simpus-x")).status_code == 404
    assert as_user(stranger).post(at("ask", "simpus-x", CONTRACT), AGREED).status_code == 404
    assert as_user(owner).get(at("members")).status_code == 403


@pytest.mark.parametrize(
    "wrong",
    [
        {"basis": ""},
        {"until": "2020-01-01"},
        {"until": ""},
        {"basis_letter": "z"},
        {"fields_wanted": ["nik"]},
        {"per_minute": "0"},
        {"need": "x" * 1001},
        {"purpose": "curiosity"},
    ],
)
def test_a_request_that_does_not_say_enough_is_not_made(
    developer: User, vendor: Subsystem, wrong: dict[str, Any]
) -> None:
    answer = as_user(developer).post(at("ask", "simpus-x", CONTRACT), {**AGREED, **wrong})
    assert "error-summary" in answer.content.decode()
    assert not Grant.objects.filter(asker=vendor).exists()


def test_asked_twice_is_asked_once_and_what_is_more_is_not_granted(
    developer: User, owner: User, vendor: Subsystem
) -> None:
    grant = asked(developer)
    assert asked(developer) == grant
    more = {"fields_kept": ["name"], "per_minute": "61", "reason": "x"}
    answer = as_user(owner).post(at("decide", grant.pk, "persempit"), more)
    assert "error-summary" in answer.content.decode()
    grant.refresh_from_db()
    assert grant.state == "asked"
    as_user(developer).post(at("decide", grant.pk, "batalkan"), {"reason": "tidak jadi"})
    grant.refresh_from_db()
    assert grant.state == "ended"


def test_a_suspended_system_is_shut_out_and_let_in_again(
    officer: User, developer: User, owner: User, vendor: Subsystem
) -> None:
    grant = asked(developer)
    as_user(owner).post(at("decide", grant.pk, "setujui"))
    client = as_user(officer)
    assert client.post(at("suspend", "simpus-x"), {"reason": ""}).status_code == 200
    client.post(at("suspend", "simpus-x"), {"reason": "Kunci bocor"})
    with pytest.raises(bus.NotGranted):
        bus.ask(ResidentByNik(nik=NIK), asker="simpus-x", purpose=AGREED["purpose"])  # type: ignore[arg-type]
    assert "Kunci bocor" in client.get(at("system", "simpus-x")).content.decode()
    client.post(at("suspend", "simpus-x"))
    assert grants.snapshot().to_ask("simpus-x", CONTRACT, "permit-identity")
    assert client.get(at("suspend", "dukcapil")).status_code == 404


@pytest.mark.parametrize(
    "wrong",
    [
        {"code": "Simpus X"},
        {"code": "dukcapil"},
        {"organisation": "", "new_code": "vendor"},
        {"organisation": ""},
        {"title": ""},
    ],
)
def test_a_member_that_does_not_fit_is_not_entered(
    officer: User, vendor: Subsystem, wrong: dict[str, str]
) -> None:
    new = {"organisation": "vendor", "code": "baru", "title": "Baru", "contact": "Dewi"}
    answer = as_user(officer).post(at("register"), {**new, **wrong})
    assert "error-summary" in answer.content.decode()
    assert not Subsystem.objects.filter(code__in=["baru", "Simpus X"]).exists()


def test_a_new_organisation_is_entered_with_its_system(officer: User) -> None:
    new = {"new_code": "rsu", "new_name": "RSU Baru", "new_short_name": "RSU", "new_kind": "NGO"}
    as_user(officer).post(at("register"), {**new, "code": "rme", "title": "RME", "contact": "x"})
    assert str(Subsystem.objects.get(code="rme")) == "JPR/NGO/rsu/rme"


def test_the_form_says_when_the_fields_of_a_new_organisation_are_needed(officer: User) -> None:
    text = as_user(officer).get(at("register")).content.decode()
    assert text.count("(bila belum terdaftar)") == 4
    assert "(boleh kosong)" not in text


def test_what_is_left_empty_is_granted_as_it_was_asked(
    developer: User, vendor: Subsystem, owner: User
) -> None:
    grant = asked(developer)
    less = {"fields_kept": ["name"], "per_minute": "", "valid_until": "", "reason": "Nama saja"}
    as_user(owner).post(at("decide", grant.pk, "persempit"), less)
    grant.refresh_from_db()
    assert grant.fields == ["name"]
    assert (grant.per_minute, grant.valid_until) == (grant.asked_per_minute, grant.asked_until)


def test_pages_cost_the_same_for_many(
    officer: User, vendor: Subsystem, django_assert_max_num_queries: Counted
) -> None:
    for n in range(30):
        one = Subsystem.objects.create(
            code=f"sys-{n}", member="vendor", title=f"S {n}", built_in=False
        )
        Grant.objects.create(
            asker=one, contract=CONTRACT, purpose="governance", basis="x", asked_at=timezone.now()
        )
    client = as_user(officer)
    for name, most in (("members", 14), ("grants", 16), ("services", 12), ("traffic", 12)):
        with django_assert_max_num_queries(most):
            assert client.get(at(name)).status_code == 200
    assert client.get(at("members") + "?csv=1").content.count(b"\n") == 34
    assert b"sys-7" in client.get(at("grants") + "?csv=1&q=S+7").content
    assert client.get(at("grants") + "?q=%00&member=x&state=y&halaman=z").status_code == 200
