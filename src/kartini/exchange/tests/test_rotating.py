"""Keys are replaced with overlap: nothing that was signed or disguised before is lost."""

import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from click.testing import CliRunner
from django.utils import timezone
from nacl.signing import SigningKey

import kartini_verify
from kartini.exchange import checks, log, rotating
from kartini.exchange.log import cosign, keys
from kartini.exchange.log.sqlite import SqliteStore
from kartini.exchange.tests.test_log import MORNING, NIK, entry

NEXT_WEEK = timedelta(days=8)


@pytest.fixture
def ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[log.Log]:
    ours = log.Log(
        SqliteStore(tmp_path / "log.sqlite3"), folder=tmp_path, origin="kartini/TEST/log"
    )
    monkeypatch.setattr(log, "the_log", lambda: ours)
    yield ours
    ours.close()


def said(*words: str, code: int = 0) -> str:
    done = CliRunner().invoke(rotating.group, ["keys", *words])
    assert done.exit_code == code, done.output
    return done.output


def test_a_new_log_key_is_announced_before_it_signs_and_old_roots_still_hold(
    ours: log.Log,
) -> None:
    ours.append(entry(ours))
    ours.sealer.seal(MORNING)
    before = ours.keys.signing
    told = said("rotate", "log")
    assert "log 2, in use from" in told
    assert "kartini/TEST/log+" in told
    assert ours.keys.signing == before
    assert len(kartini_verify.public_keys(ours.outside)) == 2
    with time_machine.travel(timezone.now() + NEXT_WEEK):
        assert ours.keys.signing != before
        ours.append(entry(ours))
        ours.sealer.seal(timezone.now())
    report = kartini_verify.judge(
        ours.folder / "log.sqlite3", ours.sealer.public_keys(), ours.outside
    )
    assert report.whole, report
    testimony = [m for _i, m in ours.search(method="KEEP") if m.fields == "log 2"]
    assert testimony[0].request_digest.startswith("sha-256:")


def test_persons_are_found_under_old_and_new_keys(ours: log.Log) -> None:
    ours.append(entry(ours))
    assert "subjects 2, in use now" in said("rotate", "subjects")
    ours.append(entry(ours))
    assert {s.key for s in ours.keys.every_subject(NIK)} == {"1", "2"}
    assert len(ours.messages_about(NIK)) == 2


def test_a_running_process_takes_up_what_another_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, there = keys.Ring("hop", tmp_path), keys.Ring("hop", tmp_path)
    assert here.current == there.current
    there.rotate()
    assert here.current[0] == "1"
    monkeypatch.setattr(time, "monotonic", lambda now=time.monotonic: now() + 6)
    assert here.current == there.current
    assert here.current[0] == "2"


def test_edge_and_web_understand_each_other_while_the_hop_changes(tmp_path: Path) -> None:
    edge, web = keys.Keys(tmp_path), keys.Keys(tmp_path)
    mac = edge.hop_mac(b"question")
    assert web.hop.rotate() == "2"
    assert web.hop_holds(mac, b"question")
    assert not web.hop_holds(mac, b"another")
    assert not web.hop_holds("nonsense é", b"question")


def test_keys_of_the_environment_are_changed_there(
    ours: log.Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KARTINI_KEYS_TOKENS", f"1:{'11' * 32}")
    assert "KARTINI_KEYS_TOKENS" in said("rotate", "tokens", code=1)


def test_the_list_says_which_key_is_in_use_and_which_is_to_come(ours: log.Log) -> None:
    said("rotate", "exchange", "--in-days", "30")
    said("rotate", "hop")
    listed = said("list")
    assert "2 from" in next(line for line in listed.splitlines() if line.startswith("exchange"))
    assert "2 in use, 1" in next(line for line in listed.splitlines() if line.startswith("hop"))
    for file in (ours.folder / "keys").glob("*.key"):
        assert file.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("name", "value", "found"),
    [
        ("WITNESSES", [], "exchange.W001"),
        ("WITNESSES", ["nonsense https://x"], "exchange.E003"),
        ("TIMESTAMP_URL", "", "exchange.W002"),
        ("TIMESTAMP_CA", "/nowhere.pem", "exchange.E004"),
        ("METRICS_TOKEN", "short", "exchange.E005"),
        ("EXCHANGE_URL", "http://localhost:8001", "exchange.E006"),
    ],
)
def test_the_deploy_check_wants_the_log_watched(
    settings: Any, tmp_path: Path, name: str, value: object, found: str
) -> None:
    vkey = cosign.verifier_key("province/witness", SigningKey(b"w" * 32).verify_key)
    (tmp_path / "ca.pem").touch()
    settings.WITNESSES = [f"{vkey} https://provinsi.example.go.id/witness"]
    settings.TIMESTAMP_URL = "https://tsa.example"
    settings.TIMESTAMP_CA = str(tmp_path / "ca.pem")
    settings.METRICS_TOKEN = "t" * 24
    settings.EXCHANGE_URL = "https://pertukaran.example.go.id"
    assert not checks.check_watch()
    setattr(settings, name, value)
    assert [message.id for message in checks.check_watch()] == [found]
