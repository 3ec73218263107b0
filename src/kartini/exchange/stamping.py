"""Every hour an authority of time (RFC 3161) stamps the log's newest root: then even we cannot date it back.

The note and its stamp lie beside the checkpoints, as ``stamped-<time>.note`` and ``.tsr``, for any tool:

    openssl ts -verify -data stamped-….note -in stamped-….tsr -CAfile ca.pem
"""

from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rfc3161_client import (
    HashAlgorithm,
    TimestampRequestBuilder,
    TimeStampResponse,
    VerificationError,
    VerifierBuilder,
    decode_timestamp_response,
)

from kartini.exchange import log, outward
from kartini.exchange.log import attested, note
from kartini.exchange.log.files import write_whole
from kartini.exchange.registry import every

QUERY, NAME = "application/timestamp-query", "tsa"
HOUR_SECONDS = 3600 - 60


class NotStamped(Exception):
    """The authority gave no stamp that can be believed."""


@every(300, id="exchange.stamp", title=_("Time stamps"))
def stamp_hourly() -> None:
    """Nothing while no authority is configured; one that was away is asked again after five minutes."""
    passed = age()
    if settings.TIMESTAMP_URL and (passed is None or passed >= HOUR_SECONDS):
        stamp(log.the_log(), settings.TIMESTAMP_URL, authorities())


def authorities() -> list[x509.Certificate]:
    """The certificates by which stamps are believed. Raises ``NotStamped`` when there are none."""
    try:
        return x509.load_pem_x509_certificates(Path(settings.TIMESTAMP_CA).read_bytes())
    except (OSError, ValueError) as fault:
        raise NotStamped(f"KARTINI_TIMESTAMP_CA: {type(fault).__name__}") from fault


def stamp(ours: log.Log, url: str, roots: list[x509.Certificate]) -> attested.Attestation | None:
    """Have the newest root stamped, judge the stamp, keep it; None when there is nothing new."""
    signed = ours.store.checkpoint()
    size = note.parse(signed).size if signed else 0
    if size == attested.last_size(ours.store, attested.STAMP, NAME):
        return None
    builder = TimestampRequestBuilder().data(signed.encode())
    request = builder.hash_algorithm(HashAlgorithm.SHA256).nonce(nonce=True).build()
    said = outward.ask(url, request.as_bytes(), QUERY)
    if said.status != 200:
        raise NotStamped(f"HTTP {said.status}")
    at = _judged(said.body, signed, roots, request.nonce)
    name = ours.outside / f"stamped-{at.astimezone(UTC):%Y-%m-%dT%H%M%S}"
    write_whole(name.with_suffix(".tsr"), said.body)
    write_whole(name.with_suffix(".note"), signed)
    kept = attested.Attestation(
        attested.STAMP, size, NAME, at.isoformat(timespec="seconds"), said.body
    )
    attested.keep(ours.store, kept)
    return kept


def holds(token: bytes, signed: str, roots: list[x509.Certificate]) -> datetime:
    """When this note was stamped. Raises ``NotStamped``."""
    return _judged(token, signed, roots, None)


def _judged(
    token: bytes, signed: str, roots: list[x509.Certificate], nonce: int | None
) -> datetime:
    try:
        response: TimeStampResponse = decode_timestamp_response(token)
        builder = VerifierBuilder(roots=roots)
        if nonce is not None:
            builder = builder.nonce(nonce)
        builder.build().verify_message(response, signed.encode())
    except (VerificationError, ValueError) as fault:
        raise NotStamped(str(fault)) from fault
    moment: datetime = response.tst_info.gen_time
    return moment


def judge_all(ours: log.Log, roots: list[x509.Certificate]) -> tuple[int, list[str]]:
    """How many stamps there are, and what is wrong with which."""
    faults, stamps = [], attested.everything(ours.store, attested.STAMP)
    for held in stamps:
        try:
            holds(held.body, ours.store.checkpoint_of(held.size), roots)
        except NotStamped as fault:
            faults.append(f"the stamp of {held.at} on the root of {held.size} messages: {fault}")
    return len(stamps), faults


def newest() -> attested.Attestation | None:
    """For pages: the newest stamp."""
    found = attested.newest(log.the_log().store, attested.STAMP, NAME)
    return found[0] if found else None


def last_attempt_is_late(at: datetime, hours: int = 3) -> bool:
    """An authority is configured, and nothing was stamped for hours although there was something to stamp."""
    if not settings.TIMESTAMP_URL:
        return False
    held, signed = newest(), log.the_log().store.checkpoint()
    if not signed or (held and held.size == note.parse(signed).size):
        return False
    since = held.moment if held else note.parse(signed).moment
    return (at - since).total_seconds() > hours * 3600


def now_stamped() -> attested.Attestation | None:
    """By command: at once."""
    if not settings.TIMESTAMP_URL:
        raise NotStamped("KARTINI_TIMESTAMP_URL is empty")
    return stamp(log.the_log(), settings.TIMESTAMP_URL, authorities())


def age(at: datetime | None = None) -> float | None:
    """Seconds since the newest stamp; None when there is none."""
    held = newest()
    return ((at or timezone.now()) - held.moment).total_seconds() if held else None
