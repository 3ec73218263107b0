"""What a system must have said before it may speak: found when the house starts, not when nobody answers."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning  # noqa: A004 — Django's name

from kartini.exchange import attesting, registry
from kartini.exchange.log import cosign
from kartini.exchange.snapshot import owner

LEAST_TOKEN = 24


def check_ties(**_how: Any) -> list[CheckMessage]:
    return [*_unknown_systems(), *_hearing_without_asking()]


def _unknown_systems() -> Iterator[CheckMessage]:
    """Whoever answers, hears or asks belongs to a member."""
    speakers = {owner(contract) for contract in registry.answerers}
    speakers |= {need.asker for need in registry.needed.values()}
    speakers |= {owner(id_) for listeners in registry.listeners.values() for id_ in listeners}
    for code in sorted(speakers - registry.subsystems.keys()):
        yield Error(
            f"The system {code} takes part in the exchange without saying whose it is.",
            hint=f'Call subsystem("{code}", member=…, title=…) in its handlers.py.',
            id="exchange.E001",
        )


def _hearing_without_asking() -> Iterator[CheckMessage]:
    """A listener without a declared need would hear nothing."""
    needed = {(asker, contract) for asker, contract, _purpose in registry.needed}
    for contract, listeners in registry.listeners.items():
        for id_ in listeners:
            if owner(id_) != owner(contract) and (owner(id_), contract) not in needed:
                yield Error(
                    f"{id_} listens to {contract} and never asked for the right to.",
                    hint="Declare it with needs(…) in handlers.py.",
                    id="exchange.E002",
                )


def check_watch(**_how: Any) -> list[CheckMessage]:
    """What a public house should have, so that its log is believed: run with ``--deploy``."""
    return [*_nameless(), *_unwatched(), *_open_figures()]


def _nameless() -> Iterator[CheckMessage]:
    """Callers sign the address that they call; tokens and OpenAPI files bear it."""
    if not settings.EXCHANGE_URL.startswith("https://"):
        yield Error(
            "The exchange does not know its own public address: no signed call would hold",
            hint="Set KARTINI_EXCHANGE_URL to the https address under which systems reach it.",
            id="exchange.E006",
        )


def _unwatched() -> Iterator[CheckMessage]:
    try:
        watchers = attesting.watchers()
    except cosign.NotAWitness as line:
        yield Error(
            f"A witness cannot be read: {line}",
            hint="KARTINI_WITNESSES holds lines of the form <vkey> <url>.",
            id="exchange.E003",
        )
        return
    if not watchers:
        yield Warning(
            "Nobody else keeps watch over the message log",
            hint="Name a witness in KARTINI_WITNESSES: a node of the province, or of another agency.",
            id="exchange.W001",
        )
    if not settings.TIMESTAMP_URL:
        yield Warning(
            "No authority of time stamps the message log",
            hint="Set KARTINI_TIMESTAMP_URL and KARTINI_TIMESTAMP_CA.",
            id="exchange.W002",
        )
    elif not Path(settings.TIMESTAMP_CA).is_file():
        yield Error(
            "Time stamps could not be believed: the authority's certificates are missing",
            hint="Set KARTINI_TIMESTAMP_CA to a file with them (PEM).",
            id="exchange.E004",
        )


def _open_figures() -> Iterator[CheckMessage]:
    if settings.METRICS_TOKEN and len(settings.METRICS_TOKEN) < LEAST_TOKEN:
        yield Error(
            f"KARTINI_METRICS_TOKEN has fewer than {LEAST_TOKEN} characters",
            hint="Make it long and random, or leave it empty.",
            id="exchange.E005",
        )
