"""Have others attest the log: witnesses every minute. And attest the logs of others, when asked or by command.

A witness that refuses is an alarm: either this log was rewritten, or it was set back to an older backup. The
refusal stands in the console as the fault of the work ``exchange.witnesses``, and in the metrics.
"""

import hashlib
import json
from base64 import b64decode
from datetime import datetime
from typing import NamedTuple

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kartini.exchange import log, outward
from kartini.exchange.log import attested, cosign, note, witness
from kartini.exchange.log.files import write_whole
from kartini.exchange.registry import every


class WitnessRefused(Exception):
    """A witness does not cosign our log."""


class NotCosigned(Exception):
    """What the witness gave is no cosignature of its own."""


class LogRefused(Exception):
    """Another log cannot be cosigned here; says why."""


class Watcher(NamedTuple):
    """A witness of our log: its key and where it listens."""

    vkey: str
    url: str

    @property
    def name(self) -> str:
        return cosign.parse(self.vkey)[0]


class Watch(NamedTuple):
    """How a witness stands to our log. ``at`` is None when it never cosigned."""

    name: str
    url: str
    size: int
    at: datetime | None


def watchers() -> list[Watcher]:
    """Those of KARTINI_WITNESSES. Raises ``cosign.NotAWitness`` for a line that cannot be read."""
    found = []
    for line in settings.WITNESSES:
        vkey, _space, url = line.strip().partition(" ")
        cosign.parse(vkey)
        found.append(Watcher(vkey, url.strip().rstrip("/")))
    return found


def watches() -> list[Watch]:
    """For pages: each configured witness, and the newest root that it cosigned."""
    names = [one.name for one in watchers()]
    kept = {a.name: a for a in attested.newest(log.the_log().store, attested.WITNESS, *names)}
    return [
        Watch(w.name, w.url, held.size if held else 0, held.moment if held else None)
        for w in watchers()
        for held in [kept.get(w.name)]
    ]


# -- our log, cosigned by others


@every(60, id="exchange.witnesses", title=_("Witnesses asked"))
def ask_witnesses() -> None:
    """Show our newest root to every witness; raise when one refused, after all were asked."""
    faults = []
    for watcher in watchers():
        try:
            be_cosigned(log.the_log(), watcher, timezone.now())
        except (WitnessRefused, NotCosigned, outward.NoAnswer) as fault:
            faults.append(f"{watcher.name}: {fault}")
    if faults:
        raise WitnessRefused("; ".join(faults))


def be_cosigned(ours: log.Log, watcher: Watcher, at: datetime) -> attested.Attestation | None:
    """What the witness now says of our newest root; None while there is nothing new."""
    signed = ours.store.checkpoint()
    size = note.parse(signed).size if signed else 0
    seen = attested.last_size(ours.store, attested.WITNESS, watcher.name)
    if size == seen:
        return None
    said = _show(ours, watcher, seen, signed, size)
    if said.status == 409 and said.text.strip().isdigit():
        said = _show(ours, watcher, int(said.text), signed, size)
    if said.status != 200:
        raise WitnessRefused(f"HTTP {said.status} for our log of {size} messages")
    cosigned = signed.rstrip("\n") + "\n" + said.text
    true = cosign.read(cosigned, watcher.vkey)
    if true is None:
        raise NotCosigned(f"{watcher.name} answered without its cosignature")
    line = cosigned.removeprefix(signed.rstrip("\n") + "\n").encode()
    kept = attested.Attestation(
        attested.WITNESS, size, watcher.name, true.at.isoformat(timespec="seconds"), line
    )
    attested.keep(ours.store, kept)
    short = hashlib.sha256(watcher.name.encode()).hexdigest()[:8]
    write_whole(ours.outside / f"cosigned-{kept.at[:13]}-{short}.note", cosigned)
    return kept


def _show(ours: log.Log, watcher: Watcher, seen: int, signed: str, size: int) -> outward.Said:
    if seen > size:
        raise WitnessRefused(f"it saw {seen} messages, and our log has {size}")
    proof = ours.consistency(seen, size) if seen else []
    body = witness.request(seen, proof, signed).encode()
    return outward.ask(f"{watcher.url}/add-checkpoint", body)


# -- the log of another, cosigned by us


def witness_log(url: str, keys: tuple[str, ...], at: datetime) -> witness.Seen:
    """Fetch the newest root at ``url`` (an edge), hold it against what we saw before, cosign and keep it.

    ``keys`` are the log's public keys; without them those are believed that it shows the first time.
    Raises ``LogRefused``, ``outward.NoAnswer`` or a ``witness.Refused``.
    """
    us, base = log.the_log().witness, url.rstrip("/")
    signed = _fetch(f"{base}/log/checkpoint").decode("utf-8", "replace")
    try:
        said = note.parse(signed)
    except ValueError:
        raise LogRefused(f"{url} shows no checkpoint") from None
    if keys or not us.keys_of(said.origin):
        given = [*keys] or _fetch(f"{base}/log/keys").decode("utf-8", "replace").split()
        if not given or us.know(given) != said.origin:
            raise LogRefused(f"the keys are not those of {said.origin}")
    seen = us.seen(said.origin)
    old = seen.size if seen else 0
    if said.size < old:
        raise witness.SawAnother(f"{old} messages were seen, and now it has {said.size}")
    us.add(old, _consistency(base, old, said.size), signed, at)
    now = us.seen(said.origin)
    assert now is not None  # noqa: S101 — just kept
    return now


def _consistency(base: str, old: int, new: int) -> list[bytes]:
    if old in {0, new}:
        return []
    body = _fetch(f"{base}/log/consistency?from={old}&to={new}")
    try:
        return [b64decode(step, validate=True) for step in json.loads(body)["path"]]
    except (ValueError, KeyError, TypeError):
        raise LogRefused("the consistency proof cannot be read") from None


def _fetch(url: str) -> bytes:
    said = outward.ask(url)
    if said.status != 200:
        raise LogRefused(f"{url}: HTTP {said.status}")
    return said.body
