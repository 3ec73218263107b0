"""The house split over two nodes by configuration only; nobody who asks notices."""

import json
import re
import shlex
import shutil
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from base64 import b64encode
from pathlib import Path

import pytest

import kartini_verify
from kartini.exchange.testing import Elsewhere, system_elsewhere
from tests.journeys.nodes import Node, get, until

CONTRACT = "pengumuman.latest.v1"
PORTAL = "JPR/GOV/diskominfo/portal"
ASK = """
from kartini.contracts import Purpose
from kartini.contracts.pengumuman import LatestAnnouncements as Q
from kartini.exchange import bus
def ask():
    try:
        answer = bus.ask(Q(limit=3), asker='portal', purpose=Purpose.PUBLIC_INFORMATION)
        return answer.model_dump_json()
    except bus.Unanswered as why:
        return f'{type(why).__name__}: {why}'
"""
pytestmark = pytest.mark.timeout(240)


LAILA = """
from django.test import Client
from kartini.people import demo
client = Client()
client.force_login(demo.staff('laila'))
print(client.cookies['sessionid'].value)
"""
TOKEN = "k" * 32


class Officer:
    """Laila of Diskominfo, before the console page of the service."""

    def __init__(self, node: Node) -> None:
        self.page = f"{node.web}/console/layanan/{CONTRACT}/"
        self.headers = {"Cookie": f"sessionid={node.python(LAILA)}; csrftoken={TOKEN}"}

    def does(self, page: str, **fields: str) -> str:
        """Send the form of this page; what is seen then."""
        form = urllib.parse.urlencode({"csrfmiddlewaretoken": TOKEN, **fields}).encode()
        asked = urllib.request.Request(f"{self.page}{page}", form, self.headers)
        with urllib.request.urlopen(asked, timeout=30) as answer:
            return str(answer.read().decode())

    def enters(self, url: str) -> str:
        self.does("alamat/", url=url, milliseconds="2000")
        return self.does("uji/")


class Outsider:
    """A vendor's system that asks the first node, by the door for machines, and knows of no second one."""

    def __init__(self, node: Node) -> None:
        said = ["--purpose", "public-information", "--basis", "UU"]
        self.name = node.kartini("exchange", "introduce", "antrean", "--member", "vendor")
        node.kartini("exchange", "allow", "antrean", CONTRACT, *said)
        secret = node.kartini("exchange", "secret", "antrean")
        self.basic = f"Basic {b64encode(secret.encode()).decode()}"
        self.edge = node.edge

    def asks(self) -> str:
        """What it is told; empty while its credentials are not known yet."""
        try:
            form = b"grant_type=client_credentials"
            token = self._post("/oauth2/token", form, Authorization=self.basic)
            bearer = f"Bearer {json.loads(token)['access_token']}"
            path = f"/r1/JPR/GOV/diskominfo/pengumuman/{CONTRACT}"
            said = {"Authorization": bearer, "X-Road-Client": self.name}
            return self._post(path, b'{"limit":3}', **said)
        except urllib.error.HTTPError as no:
            return "" if no.code == 401 else f"{no.code}"

    def _post(self, path: str, body: bytes, **headers: str) -> str:
        asked = urllib.request.Request(self.edge + path, body, headers)
        with urllib.request.urlopen(asked, timeout=30) as answer:
            return str(answer.read().decode())


def verdict(page: str) -> str:
    """Of the last check."""
    found = re.search(r'id="pemeriksaan".*?(Tidak lulus|Lulus)', page, re.DOTALL)
    assert found
    return found[1]


def asked(node: Node) -> str:
    """What the portal of this node gets, whoever answers."""
    return node.python(f"{ASK}\nprint(ask())")


def served(node: Node) -> list[dict[str, str]]:
    """Calls of the portal that this node's edge answered, newest first."""
    code = f"from kartini.exchange import log; import json; print(json.dumps([m._asdict() for i, m in log.search(client='{PORTAL}', method='POST')]))"
    found: list[dict[str, str]] = json.loads(node.python(code))
    return found


def home(node: Node) -> str:
    """The portal's front page, without what differs each time (it is kept a few seconds)."""
    page = get(f"{node.web}/?baru={time.monotonic_ns()}")
    return re.sub(r'(nonce|value)="[^"]+"', "", page)


def announced(page: str) -> list[str]:
    return re.findall(r'href="/pengumuman/([a-z0-9-]+)/"', page)


def test_a_system_moves_to_a_second_node_and_back_and_nobody_notices(
    nodes: tuple[Node, Node],
) -> None:
    first, second = nodes
    before, page = asked(first), announced(home(first))
    assert page
    assert before.startswith('{"announcements":[')
    assert not served(second)

    outsider = Outsider(first)
    answered = until(outsider.asks)
    for line in first.kartini("exchange", "callers", CONTRACT).splitlines():
        second.kartini(*shlex.split(line)[1:])
    officer = Officer(first)
    with system_elsewhere() as wrong:
        Elsewhere.answer = b'{"announcements": "besok"}'
        seen = officer.enters(wrong)
    assert verdict(seen) == "Tidak lulus"
    assert "<code>announcements</code>" in seen
    assert "error-summary" in officer.does("alihkan/", reason="")
    assert asked(first) == before
    seen = officer.enters(f"{second.edge}/r1/JPR/GOV/diskominfo/pengumuman/{CONTRACT}")
    assert verdict(seen) == "Lulus"
    assert "Sistem lain menjawab" in officer.does("alihkan/", reason="")

    time.sleep(1.1)
    assert asked(first) == before
    assert outsider.asks() == answered
    assert announced(home(first)) == page
    calls = until(lambda: served(second))
    assert {call["status"] for call in calls} == {200}
    assert {call["service"] for call in calls} == {f"JPR/GOV/diskominfo/pengumuman/{CONTRACT}"}
    both_know(first, calls[0])

    second.stop()
    time.sleep(1.1)
    assert asked(first).startswith("ProviderFailed: ")
    assert "left alone for a while" in [asked(first) for _ in range(5)][-1]
    until(lambda: not announced(home(first)))
    count = len(served(second))

    second.start()
    officer.does("kembalikan/")
    time.sleep(1.1)
    assert asked(first) == before
    assert outsider.asks() == answered
    until(lambda: announced(home(first)) == page)
    until(second.is_up, 60)
    assert len(served(second)) == count
    for node in nodes:
        assert "The log is whole" in node.kartini("exchange", "verify-log")


def both_know(first: Node, call: dict[str, str]) -> None:
    """One call, a message in each log: the answerer noted the number of the page that asked, or else of the call."""
    code = "from kartini.exchange import log; print([m.request or m.id for i, m in log.search(method='ASK')])"
    assert call["request"] in first.python(code)


def test_a_strict_auditor_needs_nothing_of_the_house_but_what_the_second_node_saw(
    nodes: tuple[Node, Node], tmp_path: Path
) -> None:
    first, second = nodes
    home(first)
    sealed = "from kartini.exchange import log; print(all(i is not None for i, m in log.search(method='ASK')))"
    until(lambda: first.python(sealed) == "True")
    assert "cosigned" in second.kartini("witness", first.edge)
    home(first)
    first.python("from kartini.exchange import attesting; attesting.ask_witnesses()")
    watch = first.python("from kartini.exchange import attesting; print(attesting.watches()[0])")
    assert "kartini/JPR/kedua/witness" in watch
    assert "at=None" not in watch

    vkey, seen = second.kartini("witness").splitlines()
    folder = Path(seen.rpartition(", ")[2])
    oldest = (
        "from kartini.exchange import log; print(log.search(method='ASK', limit=900)[-1][1].id)"
    )
    proof = tmp_path / "proof.json"
    proof.write_text(first.kartini("log", "proof", first.python(oldest)))
    with_witness = ["--checkpoints", str(folder), "--witness", vkey]
    told = alone("--proof", str(proof), *with_witness)
    assert "Cosigned by kartini/JPR/kedua/witness" in told
    proof.write_text(proof.read_text().replace("public-information", "curiosity"))
    assert "not what was sealed" in alone("--proof", str(proof), *with_witness)

    copy = tmp_path / "log.sqlite3"
    with sqlite3.connect(first.folder / "log.sqlite3") as source, sqlite3.connect(copy) as target:
        source.backup(target)
    assert "The log is whole" in alone(str(copy), *with_witness)
    with sqlite3.connect(copy) as file:
        file.execute("UPDATE message SET purpose = 'curiosity' WHERE tree_index = 0")
    assert "at position 0 was changed" in alone(str(copy), *with_witness)

    thief = tmp_path / "thief"
    shutil.copytree(first.folder / "keys", thief / "keys")
    rebuild = f"""
from pathlib import Path
from django.utils import timezone
from kartini.exchange import log
from kartini.exchange.log.sqlite import SqliteStore
forged = log.Log(SqliteStore(Path({str(thief)!r}) / 'log.sqlite3'), folder=Path({str(thief)!r}), origin='kartini/JPR/log')
for i, m in reversed(log.search(limit=10_000)):
    forged.append(log.Entry(m._replace(purpose='permit-identity')))
while forged.sealer.seal(timezone.now()): pass
"""
    first.python(rebuild)
    assert "The log is whole" in alone(
        str(thief / "log.sqlite3"), "--checkpoints", str(thief / "checkpoints")
    )
    assert "NOT whole" in alone(str(thief / "log.sqlite3"), *with_witness)


def alone(*words: str) -> str:
    """The stand-alone verifier, copied away: Python and PyNaCl are all that it has."""
    file = Path(kartini_verify.__file__)
    done = subprocess.run(
        [sys.executable, "-I", file, *words], capture_output=True, text=True, cwd="/", env={}
    )
    assert done.returncode in {0, 1}, done.stderr
    return done.stdout
