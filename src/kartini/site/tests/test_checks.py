import re
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from kartini.people.models import User
from kartini.site import checks, rooms

DOC = rooms.SRC.parent / "docs/reference/checks.md"
pytestmark = pytest.mark.django_db


@pytest.fixture
def public(settings: Any, tmp_path: Path) -> Any:
    """A house as it may stand in public."""
    for name, value in {
        "DEBUG": False,
        "DEMO": False,
        "SECRET_KEY": "k" * 50,
        "BASE_URL": "https://layanan.example.go.id",
        "ALLOWED_HOSTS": ["layanan.example.go.id", "127.0.0.1"],
        "DUKCAPIL_URL": "https://dukcapil.example.go.id",
        "QRIS_URL": "",
        "WHATSAPP_URL": "https://wa.example",
        "EMAIL_HOST": "127.0.0.1",
        "EMAIL_PORT": 25,
        "DATA_DIR": tmp_path,
        "SESSION_COOKIE_SECURE": True,
        "CSRF_COOKIE_SECURE": True,
    }.items():
        setattr(settings, name, value)
    return settings


def _ids() -> list[str]:
    """What was found, but for the hint about SQLite, which depends on the run."""
    found = [str(message.id) for message in (*checks.public_house(), *checks.whole_house())]
    return [one for one in found if one != "kartini.I001"]


def test_a_house_in_order_is_let_through(public: Any) -> None:
    assert _ids() == []


@pytest.mark.parametrize(
    ("name", "value", "refusal"),
    [
        ("DEBUG", True, "kartini.E001"),
        ("DEMO", True, "kartini.E002"),
        ("SECRET_KEY", "development-key-not-for-production-0123456789", "kartini.E003"),
        ("SECRET_KEY", "short", "kartini.E003"),
        ("BASE_URL", "http://layanan.example.go.id", "kartini.E005"),
        ("ALLOWED_HOSTS", ["localhost", "[::1]"], "kartini.E006"),
        ("ALLOWED_HOSTS", ["*"], "kartini.E006"),
        ("DUKCAPIL_URL", "http://127.0.0.1:8010/dukcapil", "kartini.E007"),
        ("WHATSAPP_URL", "http://localhost:8010/whatsapp", "kartini.E007"),
        ("QRIS_URL", "http://[::1]:8010/qris", "kartini.E007"),
        ("EMAIL_PORT", 8025, "kartini.E007"),
        ("SESSION_COOKIE_SECURE", False, "kartini.E009"),
    ],
)
def test_each_rule_refuses_what_it_is_for_and_nothing_else(
    public: Any, name: str, value: Any, refusal: str
) -> None:
    setattr(public, name, value)

    assert _ids() == [refusal]


def test_a_demo_account_is_refused_until_it_is_closed(public: Any) -> None:
    user = User.objects.create_user("siti", is_demo=True)
    assert _ids() == ["kartini.E004"]

    User.objects.filter(pk=user.pk).update(is_active=False)
    assert _ids() == []


def test_a_key_that_others_can_read_is_refused_by_its_name(public: Any) -> None:
    key = public.DATA_DIR / "keys" / "sealing.json"
    key.parent.mkdir()
    key.write_text("{}")
    key.chmod(0o640)

    assert _ids() == ["kartini.E008"]
    assert "keys/sealing.json" in checks.public_house()[0].msg


def test_sqlite_is_only_mentioned(public: Any) -> None:
    found = [message for message in checks.public_house() if message.id == "kartini.I001"]

    assert len(found) == (connection.vendor == "sqlite")
    assert not any(message.is_serious() for message in found)


def test_an_unfinished_restore_is_said_at_every_start(public: Any) -> None:
    (public.DATA_DIR / checks.UNFINISHED).mkdir()

    assert _ids() == ["kartini.E010"]


def test_every_rule_stands_in_the_reference_and_nothing_else() -> None:
    rules = {rule.id: rule.what for rule in (*checks.FOR_THE_PUBLIC, *checks.ALWAYS)}
    rows = dict(
        re.findall(r"^\| `([a-z]+\.[EWI]\d{3})` \| (.+?) \|", DOC.read_text(), re.MULTILINE)
    )

    assert {code: what for code, what in rows.items() if code.startswith("kartini.")} == rules
    assert {code for code in rows if not code.startswith("kartini.")} == _ids_of_other_floors()


def _ids_of_other_floors() -> set[str]:
    """Checks that a floor registers for itself, in a ``checks.py`` of its own."""
    found: set[str] = set()
    for path in (rooms.SRC / "kartini").glob("*/checks.py"):
        found |= set(re.findall(r'id="([a-z]+\.[EWI]\d{3})"', path.read_text()))
    return found
