"""Old signed roots are thinned out, and everything that was provable stays provable."""

from datetime import timedelta
from pathlib import Path

import pytest

import kartini_verify
from kartini.exchange import log as logs
from kartini.exchange.log import archive, attested, note, thinning
from kartini.exchange.tests.test_archive import judged, prune
from kartini.exchange.tests.test_log import MORNING, entry
from kartini.exchange.tests.test_log import log as log

SECOND, DAY = timedelta(seconds=1), timedelta(days=1)


@pytest.fixture(autouse=True)
def _a_small_log(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(thinning, "NEWEST", 0)
    monkeypatch.setattr(thinning, "PAGE", 7)


def fill(log: logs.Log, minutes: int = 12) -> None:
    """Three roots a minute; one message under each."""
    for number in range(3 * minutes):
        at = MORNING + number * 20 * SECOND
        made = entry(log)
        stamp = at.isoformat(timespec="microseconds")
        log.append(made._replace(message=made.message._replace(at=stamp)))
        log.sealer.seal(at)


def sizes(log: logs.Log) -> list[int]:
    return [size for size, _note in log.store.checkpoints()]


def test_nothing_goes_in_the_first_week(log: logs.Log) -> None:
    fill(log)
    assert thinning.thin(log.store, MORNING + 6 * DAY) == 0
    assert sizes(log) == [*range(1, 37)]


def test_after_a_week_the_last_of_each_minute_stays_and_later_of_each_hour(log: logs.Log) -> None:
    fill(log, minutes=50)  # from 02:14 to 03:04
    assert thinning.thin(log.store, MORNING + 8 * DAY) == 100
    assert sizes(log) == [*range(3, 151, 3)]
    assert thinning.thin(log.store, MORNING + 8 * DAY) == 0
    thinning.thin(log.store, MORNING + 61 * DAY)
    assert sizes(log) == [138, 150]
    assert [note.parse(text).at[11:16] for _size, text in log.store.checkpoints()] == [
        "02:59",
        "03:03",
    ]
    assert judged(log).whole


def test_what_others_attested_stays_and_every_proof_holds(log: logs.Log) -> None:
    fill(log)
    for kind, size in ((attested.WITNESS, 5), (attested.STAMP, 11)):
        said = attested.Attestation(kind, size, "them", MORNING.isoformat(), b"x")
        attested.keep(log.store, said)
    thinning.thin(log.store, MORNING + 90 * DAY)
    assert sizes(log) == [5, 11, 36]
    assert judged(log).whole
    for place, message in log.search(limit=100):
        proof = log.proof(message.id)
        assert proof
        assert proof.position == place
        assert proof.leads_to_root
    old = log.search(limit=100)[-1][1]
    cosigned = log.proof(old.id, cosigned=True)
    assert cosigned
    assert note.parse(cosigned.checkpoint).size == 5


def test_an_archive_is_verified_and_pruned_as_before(log: logs.Log, tmp_path: Path) -> None:
    fill(log)
    file = tmp_path / "old.sqlite3"
    archive.write(log.store, file, MORNING + 5 * 60 * SECOND)
    span = prune(log, file)
    thinning.thin(log.store, MORNING + 90 * DAY)
    assert span.until in sizes(log)
    assert log.store.checkpoint_of(span.until)
    assert judged(log).whole
    assert judged(log, file).whole
    assert kartini_verify.judge(file, log.sealer.public_keys(), log.outside).whole


def test_a_changed_row_is_still_found_and_named(log: logs.Log) -> None:
    fill(log)
    thinning.thin(log.store, MORNING + 90 * DAY)
    id_ = log.search(limit=100)[-8][1].id
    log.store.write(("UPDATE message SET status = 404 WHERE id = ?", [(id_,)]))
    assert judged(log).faults == [f"message {id_} at position 7 was changed"]


def test_a_clock_that_runs_ahead_does_not_touch_the_newest(
    log: logs.Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(log)
    monkeypatch.setattr(thinning, "NEWEST", 30)
    thinning.thin(log.store, MORNING + 999 * DAY)
    assert sizes(log) == [*range(6, 37)]
