"""What a public house must not have. ``kartini check --deploy`` runs these beside Django's own checks.

Each rule is described in docs/reference/checks.md; a test holds the two together.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core import checks
from django.db import DatabaseError, connection

from kartini.people.models import User

UNFINISHED = ".restoring"
STAND_IN_MAIL_PORT = 8025
LEAST_KEY = 50
LEVELS = {"E": checks.ERROR, "W": checks.WARNING, "I": checks.INFO}


@dataclass(frozen=True)
class Rule:
    """``found`` returns what breaks the rule, in a few words, or an empty text."""

    id: str
    what: str
    hint: str
    found: Callable[[], str]

    def message(self, found: str) -> checks.CheckMessage:
        level = LEVELS[self.id.removeprefix("kartini.")[0]]
        return checks.CheckMessage(level, f"{self.what}: {found}.", hint=self.hint, id=self.id)


def _is_on(name: str) -> Callable[[], str]:
    return lambda: f"KARTINI_{name} is on" if getattr(settings, name) else ""


def _weak_key() -> str:
    if settings.SECRET_KEY == settings.DEVELOPMENT_KEY:
        return "KARTINI_SECRET_KEY is the one from the source code"
    short = len(settings.SECRET_KEY) < LEAST_KEY
    return f"KARTINI_SECRET_KEY has fewer than {LEAST_KEY} characters" if short else ""


def _demo_accounts() -> str:
    try:
        count = User.objects.filter(is_demo=True, is_active=True).count()
    except DatabaseError as error:
        return f"the accounts cannot be read ({type(error).__name__}); run kartini prepare first"
    return f"{count} accounts whose password everyone knows" if count else ""


def _plain_http() -> str:
    url = settings.BASE_URL
    return "" if url.startswith("https://") else f"KARTINI_BASE_URL is {url}"


def _hosts() -> str:
    if "*" in settings.ALLOWED_HOSTS:
        return "KARTINI_HOSTS admits every name"
    public = [host for host in settings.ALLOWED_HOSTS if not _is_local(host)]
    return "" if public else "KARTINI_HOSTS names no public host"


def _is_local(host: str) -> bool:
    if host in {"localhost", "testserver"}:
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def _stand_ins() -> str:
    named = {n: getattr(settings, n) for n in ("DUKCAPIL_URL", "QRIS_URL", "WHATSAPP_URL")}
    local = [f"KARTINI_{n}" for n, url in named.items() if _is_local(urlsplit(url).hostname or "")]
    if _is_local(settings.EMAIL_HOST) and settings.EMAIL_PORT == STAND_IN_MAIL_PORT:
        local.append("KARTINI_EMAIL_HOST")
    return f"{', '.join(local)} on this machine" if local else ""


def _open_keys() -> str:
    keys = Path(settings.DATA_DIR) / "keys"
    loose = [p for p in sorted(keys.rglob("*")) if p.is_file() and p.stat().st_mode & 0o077]
    names = ", ".join(str(path.relative_to(settings.DATA_DIR)) for path in loose)
    return f"others can read {names}" if names else ""


def _no_https() -> str:
    secure = settings.SESSION_COOKIE_SECURE and settings.CSRF_COOKIE_SECURE
    return "" if secure else "KARTINI_HTTPS is off"


def _sqlite() -> str:
    return "SQLite" if connection.vendor == "sqlite" else ""


def _unfinished() -> str:
    return "there is a folder .restoring" if (Path(settings.DATA_DIR) / UNFINISHED).exists() else ""


FOR_THE_PUBLIC = (
    Rule(
        "kartini.E001",
        "Debug pages show the inside of the house to strangers",
        "Unset KARTINI_DEBUG.",
        _is_on("DEBUG"),
    ),
    Rule(
        "kartini.E002",
        "This is a demo house",
        "Unset KARTINI_DEMO and begin with an empty data folder.",
        _is_on("DEMO"),
    ),
    Rule(
        "kartini.E003",
        "Anyone could forge a session",
        "Set KARTINI_SECRET_KEY to at least 50 random characters.",
        _weak_key,
    ),
    Rule(
        "kartini.E004",
        "Demo accounts can sign in",
        "Begin with an empty data folder; never fill the demo into a public house.",
        _demo_accounts,
    ),
    Rule(
        "kartini.E005",
        "Links in letters and QR codes would not be safe",
        "Set KARTINI_BASE_URL to the public https address.",
        _plain_http,
    ),
    Rule(
        "kartini.E006",
        "The house does not know its own name",
        "Set KARTINI_HOSTS to the public host names, separated by commas.",
        _hosts,
    ),
    Rule(
        "kartini.E007",
        "Outside institutions are stand-ins",
        "Set the addresses of the real ones, or leave them empty.",
        _stand_ins,
    ),
    Rule(
        "kartini.E008",
        "Key files are open",
        "chmod 600 the files and 700 the folder keys.",
        _open_keys,
    ),
    Rule(
        "kartini.E009",
        "Cookies travel unprotected",
        "Set KARTINI_HTTPS=1 and let the proxy send X-Forwarded-Proto.",
        _no_https,
    ),
    Rule(
        "kartini.I001",
        "The data lies in files of one machine",
        "Fine for one machine; several need PostgreSQL (KARTINI_DATABASE_URL).",
        _sqlite,
    ),
)
ALWAYS = (
    Rule(
        "kartini.E010",
        "A restore did not finish",
        "Run kartini restore again with --force.",
        _unfinished,
    ),
)


@checks.register("kartini", deploy=True)
def public_house(**_how: Any) -> list[checks.CheckMessage]:
    return list(_broken(FOR_THE_PUBLIC))


@checks.register("kartini")
def whole_house(**_how: Any) -> list[checks.CheckMessage]:
    return list(_broken(ALWAYS))


def _broken(rules: tuple[Rule, ...]) -> Iterator[checks.CheckMessage]:
    for rule in rules:
        if found := rule.found():
            yield rule.message(found)
