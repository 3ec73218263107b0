"""A phone's queue of 500, and a passbook in books that grow. Runs in the house of ``_bank_sampah_house``."""

import json
import math
import os
import statistics
import time
import uuid
from collections.abc import Callable, Iterator
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from kartini.people.models import Role, User
from kartini.systems.bank_sampah.engine import chart
from kartini.systems.bank_sampah.engine.chart import Place
from kartini.systems.bank_sampah.models import Account, Depositor, Material, Unit
from kartini.systems.bank_sampah.services import books

QUEUE, POST = 500, 100
SAVERS = 1000
SIZES = [int(size) for size in os.environ.get("KARTINI_BENCH_BOOKS", "1000,100000").split(",")]
STEP = 100_000
PATIENCE = float(os.environ.get("KARTINI_BENCH_SECONDS", "900"))
COLUMNS = "(key, debit_id, credit_id, amount, phase, kind, deed, booked_on, at)"
LOAD = {
    "sqlite": f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %s) INSERT INTO bank_sampah_transfer {COLUMNS}"
    " SELECT lower(hex(randomblob(16))), %s, %s + (i * 7919) %% %s, 1000, 'single', 'deposit', lower(hex(randomblob(16))),"
    " '2026-11-21', '2026-11-21 02:00:00' FROM n",
    "postgresql": f"WITH n AS (SELECT generate_series(1, %s) i) INSERT INTO bank_sampah_transfer {COLUMNS}"
    " SELECT gen_random_uuid(), %s, %s + (i * 7919) %% %s, 1000, 'single', 'deposit', gen_random_uuid(), '2026-11-21', now() FROM n",
}  # fmt: skip
# what the triggers would have added up, one by one
ADD_UP = """UPDATE bank_sampah_account a SET debits_posted = t.debits, credits_posted = t.credits FROM (
  SELECT id, SUM(debit) debits, SUM(credit) credits FROM (
    SELECT debit_id id, amount debit, 0 credit FROM bank_sampah_transfer UNION ALL SELECT credit_id, 0, amount FROM bank_sampah_transfer
  ) moved GROUP BY id) t WHERE t.id = a.id"""


def sync(unit: Unit, by: User) -> str:
    """As the phone sends: 100 rows a post, each row answered by itself."""
    settings.ALLOWED_HOSTS = ["*"]
    Role.objects.create(user=by, kind="bank-sampah.manager", organisation_id=unit.code, from_on=unit.opened_on)  # fmt: skip
    client, now = Client(), timezone.now().isoformat()
    client.force_login(by)
    savers = list(Depositor.objects.filter(unit=unit).values_list("pk", flat=True))
    materials = list(Material.objects.values_list("pk", flat=True))
    rows = [
        {"id": str(uuid.uuid4()), "depositor": str(savers[n % len(savers)]), "price_list": str(unit.price_lists.get().pk), "weighed_at": now,
         "bags": [{"material": material, "grams": 1500 + n} for material in materials[:3]]}
        for n in range(QUEUE)
    ]  # fmt: skip
    url, began = reverse("bank_sampah:field-send", args=[unit.code]), time.perf_counter()
    for first in range(0, QUEUE, POST):
        body = json.dumps({"sent_at": now, "rows": rows[first : first + POST]})
        said = client.post(url, body, content_type="application/json").json()["rows"]
        assert all(row["state"] == "saved" for row in said), said[:1]
    seconds = time.perf_counter() - began
    return f"{connection.display_name}: {QUEUE} queued deposits came in within {seconds:.1f} s (wanted ≤ 5)"


def grow(unit: Unit, by: User) -> Iterator[str]:
    """A balance and a passbook page while everybody else's transfers grow around them."""
    now = timezone.now()
    made = Depositor.objects.bulk_create(
        Depositor(unit=unit, number=1000 + n, name="N", consented_at=now, registered_at=now, holder=by if n == 0 else None)
        for n in range(SAVERS)
    )  # fmt: skip
    with transaction.atomic():
        purses = books.lock(Place(chart.SAVINGS, unit.pk, depositor_id=one.pk) for one in made)
    mine, *others = sorted(account.pk for account in purses.values())
    who = Account.objects.get(pk=mine).depositor
    assert who is not None
    Depositor.objects.filter(pk=who.pk).update(holder=by)
    trade = Account.objects.get(kind="trade", unit=unit).pk
    _load(100, trade, mine, 1, math.inf)
    client, url, size = Client(), reverse("bank_sampah:passbook", args=[who.pk]), 100
    client.force_login(by)
    until = time.monotonic() + PATIENCE
    for wanted in SIZES:
        size += _load(wanted - size, trade, others[0], len(others), until)
        balance = _milliseconds(lambda: Account.objects.get(kind="savings", depositor=who))
        page = _milliseconds(lambda: client.get(url))
        yield f"{connection.display_name}: {size:,} transfers: a balance {balance:.2f} ms, a passbook page {page:.1f} ms"
        if size < wanted:
            yield f"{connection.display_name}: {wanted:,} were not reached within {PATIENCE:.0f} s"
            return


def _load(count: int, debit: int, credit: int, spread: int, until: float) -> int:
    """How many were written before the time was up.

    On SQLite the triggers check every one of them. On PostgreSQL each would leave a dead version of its two
    accounts behind (hours, for millions): there they rest, and the totals are added up at the end.
    """
    done = 0
    while done < count and time.monotonic() < until:
        some = min(STEP, count - done)
        with transaction.atomic(), connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                cursor.execute("SET LOCAL session_replication_role = replica")
            cursor.execute(LOAD[connection.vendor], [some, debit, credit, spread])
        done += some
    if connection.vendor == "postgresql":
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL session_replication_role = replica")
            cursor.execute(ADD_UP)
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE bank_sampah_transfer, bank_sampah_account")
    return done


def _milliseconds(work: Callable[[], Any], times: int = 15) -> float:
    work()
    seen = []
    for _ in range(times):
        began = time.perf_counter()
        work()
        seen.append(time.perf_counter() - began)
    return statistics.median(seen) * 1000
