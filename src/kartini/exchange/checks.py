"""What a system must have said before it may speak: found when the house starts, not when nobody answers."""

from collections.abc import Iterator
from typing import Any

from django.core.checks import CheckMessage, Error

from kartini.exchange import registry
from kartini.exchange.snapshot import owner


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
