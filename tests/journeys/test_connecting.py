"""A stranger connects a system with the docs alone: every block of the page is run as it stands."""

import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.journeys.nodes import Node, free_ports, running, until

PAGE = Path(__file__).parents[2] / "docs/how-to/connect-a-system.md"
PUBLISH = """
from django.db import transaction
from django.utils import timezone
from kartini.contracts.pengumuman import AnnouncementPublished as Published
from kartini.exchange import bus
with transaction.atomic():
    bus.publish(Published(slug='{0}', title='{0}', agency='diskominfo', published_at=timezone.now()))
"""
pytestmark = pytest.mark.timeout(240)


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE.read_text(), re.DOTALL)


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    node = Node(tmp_path_factory.mktemp("connecting") / "house", "pengumuman,console")
    with running(node):
        yield node


@pytest.fixture(scope="module")
def stranger(node: Node) -> dict[str, str]:
    """What the page says is handed over: made by the page's own commands."""
    said = [node.kartini(*shlex.split(line)[1:]) for line in blocks("text")[0].splitlines()]
    return {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(PAGE.parents[2] / "src"),
        "EXCHANGE": node.edge,
        "SYSTEM": said[0],
        "CLIENT": said[1],
    }


def test_no_program_of_the_page_is_long() -> None:
    assert max(len(block.splitlines()) for block in blocks("python")) <= 35


def tell(node: Node, title: str) -> None:
    node.python(PUBLISH.format(title))


def test_with_curl_alone(node: Node, stranger: dict[str, str]) -> None:
    tell(node, "satu")
    _exports, *commands = blocks("sh")
    script = "\n".join(f"{command}\necho; echo @@" for command in commands)

    def run() -> list[list[str]] | None:
        """Each block's answer, once the house is awake and there is a fact to hear."""
        done = subprocess.run(["bash", "-ec", script], env=stranger, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        parts = [part.strip().splitlines() for part in done.stdout.split("@@")]
        awake = "announcements" in json.loads(parts[1][0])
        return parts if awake and json.loads(parts[3][0])["events"] else None

    _token, asked, about, heard, stated, _end = until(run)
    assert all('"type"' not in line for line in asked)
    assert "pengumuman.latest.v1" in "".join(about)
    assert all(event["data"]["slug"] for event in json.loads(heard[0])["events"])
    assert json.loads(stated[0])["type"] == "Server.ServerProxy.UnknownService"


def test_with_thirty_lines_of_python(
    node: Node, stranger: dict[str, str], tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    connected = blocks("python")[0]
    bookmark = tmp_path / "cursor.txt"

    def begin() -> subprocess.Popen[str]:
        started = subprocess.Popen(
            [sys.executable, "-c", connected],
            env=stranger | {"BOOKMARK": str(bookmark)},
            stdout=subprocess.PIPE,
            text=True,
        )
        request.addfinalizer(started.kill)
        return started

    first = begin()
    assert first.stdout
    assert first.stdout.readline().startswith("Latest: ")
    tell(node, "dua")
    line = ""
    while "dua" not in line:
        line = first.stdout.readline()
    until(bookmark.exists)
    first.terminate()
    first.wait(10)
    tell(node, "tiga")
    second = begin()
    assert second.stdout
    lines = iter(second.stdout.readline, "")
    heard = [next(line for line in lines if line.startswith("Heard: ")).strip()]
    while not heard[-1].endswith("tiga"):
        heard.append(next(lines).strip())
    assert len(heard) <= 2, "it began where it was, at most one fact comes again"
    second.terminate()
    second.wait(10)


def test_with_a_webhook(
    node: Node, stranger: dict[str, str], request: pytest.FixtureRequest
) -> None:
    (port,) = free_ports(1)
    secret = node.kartini("exchange", "webhook", "simrs", f"http://127.0.0.1:{port}/kejadian")
    receiver = subprocess.Popen(
        [sys.executable, "-c", blocks("python")[2]],
        env=stranger | {"WEBHOOK_SECRET": secret, "PORT": str(port)},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    request.addfinalizer(receiver.kill)
    assert receiver.stdout
    tell(node, "empat")
    assert receiver.stdout.readline().strip().endswith("empat")
    receiver.terminate()
    receiver.wait(10)


def test_without_the_package(stranger: dict[str, str]) -> None:
    said = run_block(1, stranger)
    assert "Latest: " in said
    assert "Go on with " in said


def test_a_system_that_takes_over_answers_and_states_facts(
    node: Node, stranger: dict[str, str], request: pytest.FixtureRequest
) -> None:
    (port,) = free_ports(1)
    take_over, credentials = blocks("text")[2].splitlines()
    address = f"http://127.0.0.1:{port}/tanya"
    answering = subprocess.Popen(
        [sys.executable, "-c", blocks("python")[3]],
        env=stranger | {"ADDRESS": address, "PORT": str(port)},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    request.addfinalizer(answering.kill)
    node.kartini(*shlex.split(take_over)[1:-1], address)

    def give_back() -> None:
        node.kartini(*shlex.split(take_over)[1:-1])
        until(lambda: "Latest: " in run_block(1, stranger, fails=None))

    request.addfinalizer(give_back)
    until(lambda: "Latest: Salam" in run_block(1, stranger, fails=None))
    assert answering.stdout
    assert answering.stdout.readline() == f"Asked by: {stranger['SYSTEM']} for public-information\n"

    client = node.kartini(*shlex.split(credentials)[1:])
    told = until(lambda: run_block(4, stranger | {"CLIENT": client}, fails=None))
    assert run_block(4, stranger | {"CLIENT": client}).split() == told.split(), "said once"
    until(lambda: "'slug': 'salam'" in run_block(1, stranger))
    answering.terminate()
    answering.wait(10)


def run_block(number: int, env: dict[str, str], *, fails: bool | None = False) -> str:
    """What a program of the page prints; ``fails=None``: it may be refused."""
    done = subprocess.run(
        [sys.executable, "-c", blocks("python")[number]], env=env, capture_output=True, text=True
    )
    assert fails is None or bool(done.returncode) == fails, done.stderr
    return done.stdout
