"""What others said about the log's roots: cosignatures of witnesses, time stamps of an authority."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from kartini.exchange.log.store import Store

WITNESS, STAMP = "witness", "stamp"
_COLUMNS = "kind, size, name, at, body"


class Attestation(NamedTuple):
    """``body`` is the signature line of a witness, or the time stamp response (DER)."""

    kind: str
    size: int
    name: str
    at: str
    body: bytes

    @property
    def moment(self) -> datetime:
        return datetime.fromisoformat(self.at)


def keep(store: Store, said: Attestation) -> None:
    """Once for each root and name; the first stands."""
    store.write(
        (f"INSERT INTO attestation ({_COLUMNS}) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING", [said])  # noqa: S608
    )  # fmt: skip


def newest(store: Store, kind: str, *names: str) -> list[Attestation]:
    """The newest of each of these names: there is one a minute, and figures are asked for every few seconds."""
    newest = (
        f"SELECT {_COLUMNS} FROM attestation WHERE kind = ? AND name = ? ORDER BY size DESC LIMIT 1"  # noqa: S608
    )
    return [_read(row) for name in sorted(names) for row in store.rows(newest, kind, name)]


def everything(store: Store, kind: str) -> list[Attestation]:
    """All of a kind, by size."""
    rows = store.rows(f"SELECT {_COLUMNS} FROM attestation WHERE kind = ? ORDER BY size", kind)  # noqa: S608
    return [_read(row) for row in rows]


def last_size(store: Store, kind: str, name: str) -> int:
    """The largest root that this one spoke of; 0 if none."""
    found = store.rows("SELECT max(size) FROM attestation WHERE kind = ? AND name = ?", kind, name)
    return int(found[0][0] or 0)


def sizes(store: Store, *, on: Any = None) -> list[tuple[int, str]]:
    """Which roots were attested, and by whom."""
    found = store.rows("SELECT size, name FROM attestation ORDER BY size", on=on)
    return [(int(size), str(name)) for size, name in found]


def covering(store: Store, kind: str, position: int) -> list[Attestation]:
    """All that was said of the first root that holds this position."""
    rows = store.rows(
        f"SELECT {_COLUMNS} FROM attestation WHERE kind = ? AND size = "  # noqa: S608
        "(SELECT min(size) FROM attestation WHERE kind = ? AND size > ?) ORDER BY name",
        kind,
        kind,
        position,
    )
    return [_read(row) for row in rows]


def cosigned(note: str, lines: Sequence[Attestation]) -> str:
    """The note with the lines of its witnesses."""
    return note.rstrip("\n") + "\n" + "".join(line.body.decode() for line in lines)


def _read(row: tuple[Any, ...]) -> Attestation:
    kind, size, name, at, body = row
    return Attestation(str(kind), int(size), str(name), str(at), bytes(body))
