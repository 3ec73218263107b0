"""The log's roots are stamped by an authority of time; ``openssl ts`` is the judge."""

import shutil
import subprocess
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from click.testing import CliRunner
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from django.utils import timezone

import kartini_verify
from kartini.exchange import commands, log, stamping
from kartini.exchange.log import attested
from kartini.exchange.log.sqlite import SqliteStore
from kartini.exchange.tests.test_log import MORNING, entry
from kartini_outside import tsa
from kartini_outside.server import Answer, Institution, make_server


@pytest.fixture
def ours(tmp_path: Path) -> Iterator[log.Log]:
    ours = log.Log(
        SqliteStore(tmp_path / "log.sqlite3"), folder=tmp_path, origin="kartini/TEST/log"
    )
    ours.append(*(entry(ours) for _ in range(3)))
    ours.sealer.seal(MORNING)
    yield ours
    ours.close()


@pytest.fixture
def authority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, Path]]:
    """The address of a time stamp authority, and the file with its root certificate."""
    monkeypatch.setenv("KARTINI_DATA_DIR", str(tmp_path))
    institutions: dict[str, Institution] = {
        "tsa": tsa.answer,
        "broken": lambda _request: Answer(200, b"\x30\x03nonsense"),
        "down": lambda _request: Answer(503),
        "openssl": lambda request: Answer(200, stamped_by_openssl(request.body, tmp_path)),
    }
    server = make_server(institutions, 0)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    root = tmp_path / "ca.pem"
    tsa.authority()
    shutil.copy(tmp_path / "outside/tsa/ca.pem", root)
    yield f"http://127.0.0.1:{server.server_address[1]}", root
    server.shutdown()
    server.server_close()


OPENSSL = """
[tsa]
default_tsa = ours
[ours]
serial = {0}/serial
signer_cert = {0}/tsa.pem
signer_key = {0}/tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
accuracy = secs:1
ess_cert_id_alg = sha256
"""


def stamped_by_openssl(query: bytes, folder: Path) -> bytes:
    """As an authority answers that runs openssl, with the key of ours."""
    key, certificate, _root = tsa.authority()
    (folder / "serial").write_text("01\n")
    (folder / "tsa.cnf").write_text(OPENSSL.format(folder))
    (folder / "tsa.pem").write_bytes(certificate.public_bytes(tsa.PEM))
    kind = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    (folder / "tsa.key").write_bytes(key.private_bytes(tsa.PEM, *kind))
    (folder / "query").write_bytes(query)
    answer: list[str | Path] = ["-config", folder / "tsa.cnf", "-queryfile", folder / "query"]
    return subprocess.run(["openssl", "ts", "-reply", *answer], capture_output=True, check=True).stdout  # fmt: skip


@pytest.mark.skipif(shutil.which("openssl") is None, reason="no openssl on this machine")
def test_an_authority_that_runs_openssl_understands_what_we_ask_and_is_believed(
    ours: log.Log, authority: tuple[str, Path]
) -> None:
    url, root = authority
    kept = stamping.stamp(
        ours, f"{url}/openssl/", x509.load_pem_x509_certificates(root.read_bytes())
    )
    assert kept
    assert judged_by_openssl(ours.outside, root)


def judged_by_openssl(folder: Path, root: Path) -> bool:
    (stamp,) = folder.glob("*.tsr")
    done = subprocess.run(
        ["openssl", "ts", "-verify", "-in", stamp, "-data", stamp.with_suffix(".note"), "-CAfile", root],
        capture_output=True, text=True,
    )  # fmt: skip
    return done.returncode == 0 and "Verification: OK" in done.stdout + done.stderr


@pytest.mark.skipif(shutil.which("openssl") is None, reason="no openssl on this machine")
def test_openssl_accepts_the_stamp_of_a_root_and_no_other(
    ours: log.Log, authority: tuple[str, Path]
) -> None:
    url, root = authority
    roots = x509.load_pem_x509_certificates(root.read_bytes())
    kept = stamping.stamp(ours, f"{url}/tsa/", roots)
    assert kept
    assert kept.size == 3
    assert judged_by_openssl(ours.outside, root)
    assert stamping.holds(kept.body, ours.store.checkpoint(), roots) == kept.moment
    assert stamping.stamp(ours, f"{url}/tsa/", roots) is None
    assert [a.size for a in attested.newest(ours.store, attested.STAMP, stamping.NAME)] == [3]

    assert stamping.judge_all(ours, roots) == (1, [])
    folder = ours.folder / "log.sqlite3"
    report = kartini_verify.judge(folder, ours.sealer.public_keys(), ours.outside)
    assert report.whole, report
    assert report.outside == 3

    (note,) = ours.outside.glob("stamped-*.note")
    note.write_text(note.read_text().replace("\n3\n", "\n4\n"))
    assert not judged_by_openssl(ours.outside, root)
    with pytest.raises(stamping.NotStamped):
        stamping.holds(kept.body, note.read_text(), roots)


@pytest.mark.parametrize("place", ["broken", "down", "nowhere"])
def test_what_is_no_stamp_is_not_kept(
    ours: log.Log, authority: tuple[str, Path], place: str
) -> None:
    url, root = authority
    roots = x509.load_pem_x509_certificates(root.read_bytes())
    with pytest.raises(stamping.NotStamped):
        stamping.stamp(ours, f"{url}/{place}/", roots)
    assert not attested.newest(ours.store, attested.STAMP, stamping.NAME)
    assert not [*ours.outside.glob("stamped-*")]


def test_a_stamp_of_another_authority_is_not_believed(
    ours: log.Log, authority: tuple[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KARTINI_DATA_DIR", str(tmp_path / "another"))
    other: Any = tsa.authority()[2]
    monkeypatch.undo()
    monkeypatch.setenv("KARTINI_DATA_DIR", str(tmp_path))
    with pytest.raises(stamping.NotStamped):
        stamping.stamp(ours, f"{authority[0]}/tsa/", [other])


def test_the_worker_stamps_once_an_hour_and_tries_again_when_the_authority_was_away(
    ours: log.Log, authority: tuple[str, Path], settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log, "the_log", lambda: ours)
    url, root = authority
    settings.TIMESTAMP_CA = str(root)
    settings.TIMESTAMP_URL = f"{url}/down/"
    with pytest.raises(stamping.NotStamped):
        stamping.stamp_hourly()
    settings.TIMESTAMP_URL = f"{url}/tsa/"
    stamping.stamp_hourly()
    ours.append(entry(ours))
    ours.sealer.seal(MORNING)
    stamping.stamp_hourly()
    assert [a.size for a in attested.everything(ours.store, attested.STAMP)] == [3]
    assert "1 of 1 stamps hold" in verified()
    settings.TIMESTAMP_CA = "/nowhere.pem"
    assert "cannot be judged" in verified(code=1)
    settings.TIMESTAMP_CA = str(root)
    with time_machine.travel(timezone.now() + timedelta(hours=1, minutes=1), tick=False):
        stamping.stamp_hourly()
    assert [a.size for a in attested.everything(ours.store, attested.STAMP)] == [3, 4]


def test_a_log_without_stamps_is_whole_all_the_same(
    ours: log.Log, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log, "the_log", lambda: ours)
    settings.TIMESTAMP_CA = "/nowhere.pem"
    assert "stamps" not in verified()


def verified(code: int = 0) -> str:
    done = CliRunner().invoke(commands.group, ["verify-log"])
    assert done.exit_code == code, done.output
    return done.output
