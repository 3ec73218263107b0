"""A witness cosigns a log that only grows, and finds out one that was rewritten, whoever holds its key."""

import asyncio
import json
import shutil
from base64 import b64encode
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from nacl.signing import SigningKey

import kartini_verify
from kartini.exchange import attesting, log, outward
from kartini.exchange.edge.application import Edge
from kartini.exchange.log import attested, cosign, note, witness
from kartini.exchange.log.sqlite import SqliteStore
from kartini.exchange.tests.line import Answer, request, talk
from kartini.exchange.tests.test_log import MORNING, entry

LATER = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)


def open_log(folder: Path) -> log.Log:
    return log.Log(SqliteStore(folder / "log.sqlite3"), folder=folder, origin="kartini/TEST/log")


def write(ours: log.Log, count: int, at: datetime = MORNING) -> None:
    ours.append(*(entry(ours) for _ in range(count)))
    ours.sealer.seal(at)


@pytest.fixture
def ours(tmp_path: Path) -> Iterator[log.Log]:
    """The log that is watched."""
    ours = open_log(tmp_path / "ours")
    yield ours
    ours.close()


@pytest.fixture
def theirs(tmp_path: Path) -> witness.Witness:
    """The witness, on a node of its own."""
    return witness.Witness(tmp_path / "witness", "kartini/PROV/witness", SigningKey(b"w" * 32))


def cosigned(ours: log.Log, theirs: witness.Witness, old: int, at: datetime = LATER) -> str:
    signed = ours.store.checkpoint()
    proof = ours.consistency(old, note.parse(signed).size) if old else []
    return theirs.add(old, proof, signed, at)


def test_a_log_that_grows_is_cosigned_each_time(ours: log.Log, theirs: witness.Witness) -> None:
    theirs.know(ours.sealer.public_keys())
    write(ours, 5)
    line = cosigned(ours, theirs, 0)
    said = cosign.read(ours.store.checkpoint() + line, theirs.vkey)
    assert said == ("kartini/PROV/witness", LATER)
    write(ours, 300)
    cosigned(ours, theirs, 5)
    cosigned(ours, theirs, 305)
    seen = theirs.seen("kartini/TEST/log")
    assert seen
    assert (seen.size, [s.origin for s in theirs.all_seen()]) == (305, ["kartini/TEST/log"])
    kept = kartini_verify.kept_outside(theirs.place("kartini/TEST/log"))
    assert all(kartini_verify.cosigned(text, theirs.vkey) for text in kept.values())


def test_the_cosignature_is_what_the_standard_says(ours: log.Log, theirs: witness.Witness) -> None:
    """C2SP tlog-cosignature, put together here by hand."""
    theirs.know(ours.sealer.public_keys())
    write(ours, 3)
    signed = ours.store.checkpoint()
    text = signed.partition("\n\n")[0] + "\n"
    moment = int(LATER.timestamp())
    message = f"cosignature/v1\ntime {moment}\n{text}".encode()
    name, key_id, public = cosign.parse(theirs.vkey)
    blob = key_id + moment.to_bytes(8, "big") + theirs.key.sign(message).signature
    assert cosigned(ours, theirs, 0) == f"— {name} {b64encode(blob).decode()}\n"
    assert public == bytes(theirs.key.verify_key)


def test_a_rebuilt_log_is_refused_although_its_key_is_right(
    ours: log.Log, theirs: witness.Witness, tmp_path: Path
) -> None:
    theirs.know(ours.sealer.public_keys())
    write(ours, 10)
    cosigned(ours, theirs, 0)
    shutil.copytree(tmp_path / "ours/keys", tmp_path / "forged/keys")
    forged = open_log(tmp_path / "forged")
    write(forged, 12)
    with pytest.raises(witness.NotTheSameLog):
        cosigned(forged, theirs, 10)
    write(ours, 1)
    cosigned(ours, theirs, 10)

    theirs_folder = theirs.place("kartini/TEST/log")
    forged.close()
    file = tmp_path / "forged/log.sqlite3"
    assert kartini_verify.judge(
        file, forged.sealer.public_keys(), tmp_path / "forged/checkpoints"
    ).whole
    faults = kartini_verify.judge(file, forged.sealer.public_keys(), theirs_folder).faults
    assert any("was signed over other messages" in fault for fault in faults)


@pytest.mark.parametrize(
    ("spoil", "refusal"),
    [
        (lambda old, proof, signed: (old, proof, signed.replace("TEST", "MINE")), witness.UnknownLog),
        (lambda old, proof, signed: (old, proof, signed.replace("\n6\n", "\n7\n")), witness.NotSigned),
        (lambda old, proof, signed: (4, proof, signed), witness.SawAnother),
        (lambda old, proof, signed: (7, proof, signed), witness.Refused),
        (lambda old, proof, signed: (old, proof[1:], signed), witness.NotTheSameLog),
        (lambda old, proof, signed: (old, [], signed), witness.NotTheSameLog),
        (lambda old, proof, signed: (old, proof, "nonsense"), witness.Refused),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused_and_nothing_is_kept(
    ours: log.Log, theirs: witness.Witness, spoil: Callable[..., Any], refusal: type[Exception]
) -> None:
    theirs.know(ours.sealer.public_keys())
    write(ours, 5)
    cosigned(ours, theirs, 0)
    write(ours, 1)
    old, proof, signed = spoil(5, ours.consistency(5, 6), ours.store.checkpoint())
    with pytest.raises(refusal):
        theirs.add(old, proof, signed, LATER)
    seen = theirs.seen("kartini/TEST/log")
    assert seen
    assert seen.size == 5


def test_only_the_witness_itself_can_cosign(ours: log.Log, theirs: witness.Witness) -> None:
    theirs.know(ours.sealer.public_keys())
    write(ours, 2)
    signed = ours.store.checkpoint() + cosigned(ours, theirs, 0)
    another = cosign.verifier_key("kartini/PROV/witness", SigningKey(b"x" * 32).verify_key)
    for reader in (cosign.read, kartini_verify.cosigned):
        assert reader(signed, theirs.vkey)
        assert not reader(signed, another)
        assert not reader(signed.replace("\n2\n", "\n3\n"), theirs.vkey)
    with pytest.raises(cosign.NotAWitness):
        cosign.parse(ours.sealer.public_keys()[0])


def test_an_auditor_checks_a_message_against_a_root_that_the_witness_saw(
    ours: log.Log, theirs: witness.Witness, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    theirs.know(ours.sealer.public_keys())
    write(ours, 7)
    line = cosigned(ours, theirs, 0)
    attested.keep(
        ours.store,
        attested.Attestation(attested.WITNESS, 7, theirs.name, LATER.isoformat(), line.encode()),
    )
    write(ours, 5)
    march = ours.search(limit=20)[-1][1]
    proof = ours.proof(march.id, cosigned=True)
    assert proof
    file = tmp_path / "proof.json"
    words = json.dumps(proof.as_file())
    folder = theirs.place("kartini/TEST/log")
    asked = ["--proof", str(file), "--checkpoints", str(folder), "--witness", theirs.vkey]
    for text, outcome in ((words, "0"), (words.replace("permit-identity", "curiosity"), "1")):
        file.write_text(text)
        with pytest.raises(SystemExit, match=outcome):
            kartini_verify.main(asked)
    file.write_text(json.dumps(ours.proof(march.id).as_file()))  # type: ignore[union-attr]
    with pytest.raises(SystemExit, match="1"):
        kartini_verify.main(asked)
    said = capsys.readouterr().out
    assert "Cosigned by kartini/PROV/witness until 2026-11-24T03:00:00" in said
    assert "not what was sealed" in said
    assert "no checkpoint is cosigned by kartini/PROV/witness" in said


# -- over the wire


@pytest.fixture
def wire(monkeypatch: pytest.MonkeyPatch) -> Edge:
    """Whatever is asked outside reaches an edge of this process, whose log the test chooses."""
    edge = Edge()

    def ask(url: str, body: bytes | None = None, kind: str = "") -> outward.Said:
        method, target = "GET" if body is None else "POST", url.removeprefix("http://node")
        line = asyncio.run(talk(edge, request(method, target, {}, body or b"")))
        answer = Answer(line.sent)
        return outward.Said(answer.status, answer.body)

    monkeypatch.setattr(outward, "ask", ask)
    return edge


@pytest.fixture
def node(
    theirs: witness.Witness, wire: Edge, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Iterator[log.Log]:
    """The node whose edge answers: it is the witness, and has a log of its own."""
    node = open_log(tmp_path / "node")
    node.__dict__["witness"] = theirs
    monkeypatch.setattr(log, "the_log", lambda: node)
    yield node
    node.close()


def test_the_worker_has_the_log_cosigned_and_learns_of_a_refusal(
    ours: log.Log, theirs: witness.Witness, node: log.Log, tmp_path: Path
) -> None:
    watcher = attesting.Watcher(theirs.vkey, "http://node/witness")
    assert attesting.be_cosigned(ours, watcher, LATER) is None
    write(ours, 4)
    with pytest.raises(attesting.WitnessRefused, match="404"):
        attesting.be_cosigned(ours, watcher, LATER)
    theirs.know(ours.sealer.public_keys())
    kept = attesting.be_cosigned(ours, watcher, LATER)
    assert kept
    assert (kept.size, kept.name) == (4, "kartini/PROV/witness")
    assert attesting.be_cosigned(ours, watcher, LATER) is None

    write(ours, 4)
    cosigned(ours, theirs, 4)  # by another way: the worker does not know
    write(ours, 1)
    assert attesting.be_cosigned(ours, watcher, LATER).size == 9  # type: ignore[union-attr]

    shutil.copytree(tmp_path / "ours/keys", tmp_path / "forged/keys")
    forged = open_log(tmp_path / "forged")
    write(forged, 20)
    with pytest.raises(attesting.WitnessRefused, match="422"):
        attesting.be_cosigned(forged, watcher, LATER)
    forged.close()
    backup = open_log(tmp_path / "backup")
    shutil.copytree(tmp_path / "ours/keys", tmp_path / "backup/keys", dirs_exist_ok=True)
    write(backup, 2)
    with pytest.raises(attesting.WitnessRefused, match="it saw 9 messages, and our log has 2"):
        attesting.be_cosigned(backup, watcher, LATER)
    backup.close()


def test_a_log_is_witnessed_from_its_public_address(node: log.Log, theirs: witness.Witness) -> None:
    with pytest.raises(attesting.LogRefused, match="404"):
        attesting.witness_log("http://node/", (), LATER)
    write(node, 5)
    assert attesting.witness_log("http://node", (), LATER).size == 5
    write(node, 5, MORNING + timedelta(hours=1))
    assert attesting.witness_log("http://node", (), LATER).size == 10
    assert attesting.witness_log("http://node", (), LATER).size == 10
    with pytest.raises(attesting.LogRefused, match="keys"):
        attesting.witness_log("http://node", ("other+00000000+AAAA",), LATER)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"old 0\n\n", 400),
        (b"old x\n\nnote", 400),
        (b"old 0\n!!\n\nnote", 400),
        (b"old 0\n" + b"AAAA\n" * 64 + b"\nnote", 400),
        (b"\xff" * 100, 400),
        (b"old 99999999999999999\n\nnote", 400),
        (b"old 0\n" + b"A" * 20_000 + b"\n\nnote", 413),
        (b"old 0\n\nunknown/log\n1\nAAAA\nat x\n\n", 404),
    ],
)
def test_bad_input_is_refused_with_a_sentence(node: log.Log, body: bytes, status: int) -> None:
    said = outward.ask("http://node/witness/add-checkpoint", body)
    assert said.status == status
    assert json.loads(said.body)["detail"]
    assert outward.ask("http://node/witness/add-checkpoint").status == 405


def test_the_witness_shows_its_key(node: log.Log, theirs: witness.Witness) -> None:
    assert outward.ask("http://node/witness/key").text == f"{theirs.vkey}\n"


def test_the_newest_word_of_each_witness_is_found_among_many(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "log.sqlite3")
    words = [("witness", size, name, "2026", b"x") for size in range(1, 9) for name in ("a", "b")]
    for said in (*words, ("stamp", 99, "a", "2026", b"x")):
        attested.keep(store, attested.Attestation(*said))
    found = attested.newest(store, attested.WITNESS, "b", "a", "never")
    assert [(one.name, one.size) for one in found] == [("a", 8), ("b", 8)]
