"""Figures for whoever keeps watch (Prometheus): what this process did. How the house stands is told by ``standing``.

Each process shows its own at ``/metrics``. Only this machine may read them, or who bears KARTINI_METRICS_TOKEN.
"""

import hmac
import os
from collections.abc import Mapping
from functools import cache
from ipaddress import ip_address

from django.conf import settings
from prometheus_client import REGISTRY, CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

KIND = "text/plain; version=0.0.4; charset=utf-8"
BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10)
FORWARDED = ("x-forwarded-for", "forwarded", "x-real-ip")
not_written = Counter(
    "kartini_log_not_written",
    "Messages that the log could not take, and whose answers did not leave",
)
#: its count is that of the answers: a counter beside it would cost each of them as much again
seconds = Histogram(
    "kartini_request_seconds", "Time to answer", ["process", "status"], buckets=BUCKETS
)


def answered(process: str, status: int, took: float) -> None:
    """Count one answer of the web process or the edge."""
    _meter(process, status).observe(took)


@cache
def _meter(process: str, status: int) -> Histogram:
    """Looking it up costs more than counting."""
    return seconds.labels(process, str(status))


def may_read(peer: str, headers: Mapping[str, str]) -> bool:
    """From this machine and not through a proxy, or with the token. ``headers`` by lower-case name."""
    token = settings.METRICS_TOKEN
    given = headers.get("authorization", "").removeprefix("Bearer ")
    if token and hmac.compare_digest(given.encode(), token.encode()):
        return True
    return _is_here(peer) and not any(name in headers for name in FORWARDED)


def _is_here(peer: str) -> bool:
    try:
        return ip_address(peer).is_loopback
    except ValueError:
        return False


def text() -> bytes:
    """Of this process, or of all that count together (PROMETHEUS_MULTIPROC_DIR)."""
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return generate_latest(REGISTRY)
    together = CollectorRegistry()
    MultiProcessCollector(together)  # type: ignore[no-untyped-call]
    return generate_latest(together)
