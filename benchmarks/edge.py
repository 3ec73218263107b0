"""Calls over HTTP through the edge to a remote provider, in turns with nginx proxying to the same provider.

The provider is an nginx of one worker that returns 33 bytes; the same worker is the proxy of the yardstick, over
connections that stay open, as the edge's do. One wrk of one thread asks both, with the same body and headers.
"""

import base64
import contextlib
import json
import os
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from nacl.signing import SigningKey

from benchmarks._house import GRANIAN, free_ports, wait_for
from kartini.exchange import signatures
from kartini.kit.ids import new_id
from kartini.site import serve

NAME = "The edge: caller, grant, durable log, signed answer, remote provider (yardstick: one nginx proxying it)"
SECONDS, TURNS = 2, 9
CONTRACT = "joss.permit-by-number.v1"
CLIENT = "JPR/GOV/dinkes/bench"
PATH = f"/r1/JPR/GOV/dpmptsp/joss/{CONTRACT}"
QUESTION = '{"permit_number": "1"}'
KEY = SigningKey(bytes(range(32)))
ASK = """
wrk.method = "POST"
wrk.body = '%s'
wrk.headers["Content-Type"] = "application/json"
wrk.headers["X-Road-Client"] = "%s"
wrk.headers["%s"] = "%s"
"""
IN_TURN = """
local lines, at = io.lines("%s"), 0
request = function()
  wrk.headers["Signature-Input"], wrk.headers["Signature"] = lines():match("(.*)\\t(.*)")
  wrk.headers["X-Road-Id"] = "case-1"
  return wrk.format()
end
"""
NGINX = """
daemon off; pid %(folder)s/nginx.pid; error_log /dev/null; worker_processes 1;
events {} http { access_log off; keepalive_requests 1000000;
client_body_temp_path %(folder)s; proxy_temp_path %(folder)s; fastcgi_temp_path %(folder)s;
uwsgi_temp_path %(folder)s; scgi_temp_path %(folder)s;
upstream provider { server 127.0.0.1:%(provider)s; keepalive 64; }
server { listen 127.0.0.1:%(provider)s; location / { default_type application/json;
  return 200 '{"found": true, "state": "valid"}'; } }
server { listen 127.0.0.1:%(proxy)s; location / { proxy_pass http://provider; proxy_http_version 1.1;
  proxy_set_header Connection ""; } } }
"""
BUILT_IN = (
    "import django; django.setup(); from kartini.exchange.models import Service; "
    f"Service.objects.filter(contract='{CONTRACT}').update(url='')"
)


@dataclass(frozen=True)
class Said:
    """Requests a second; median and 99 of 100 in milliseconds."""

    rate: float
    middle: float
    most: float

    def __str__(self) -> str:
        return f"{self.rate:,.0f}/s, median {self.middle:.1f} ms, p99 {self.most:.1f} ms"


def run() -> Iterator[str]:
    provider, proxy, exchange, web = free_ports(4)
    with (
        tempfile.TemporaryDirectory(prefix="kartini-bench-") as name,
        contextlib.ExitStack() as stack,
    ):
        folder = Path(name)
        ports = {"folder": name, "provider": provider, "proxy": proxy}
        (folder / "nginx.conf").write_text(NGINX % ports)
        start(stack, ["nginx", "-c", f"{name}/nginx.conf"], dict(os.environ))
        environment = os.environ | {
            "KARTINI_DATA_DIR": name,
            "KARTINI_EXCHANGE_PORT": str(exchange),
            "KARTINI_WEB_PORT": str(web),
            "DJANGO_SETTINGS_MODULE": "kartini.site.settings",
        }
        secret = prepare(environment, f"http://127.0.0.1:{provider}/")
        edges = [edge.pid for edge in start_edges(stack, exchange, environment)]
        here, there = f"http://127.0.0.1:{exchange}{PATH}", f"http://127.0.0.1:{proxy}{PATH}"
        wait_for(f"http://127.0.0.1:{exchange}/live")
        by_token = folder / "token.lua"
        bearer = f"Bearer {token(exchange, secret)}"
        by_token.write_text(ASK % (QUESTION, CLIENT, "Authorization", bearer))
        yield from in_turns(here, there, by_token, edges)
        one, bare = (wrk(url, by_token, 1) for url in (here, there))
        yield f"edge, token, 1 connection: median {one.middle:.2f} ms, of which added {one.middle - bare.middle:.2f} ms"
        yield f"edge, signed calls (RFC 9421), 32 connections: {wrk(here, signing(folder, exchange), 32)}"
        server = [
            sys.executable,
            "-m",
            *GRANIAN,
            "--port",
            str(web),
            "kartini.site.wsgi:application",
        ]
        start(stack, server, environment)
        wait_for(f"http://127.0.0.1:{web}/live")
        subprocess.run([sys.executable, "-c", BUILT_IN], env=environment, check=True)
        until_answered(here, bearer)
        yield f"edge, token, built-in provider, 32 connections: {wrk(here, by_token, 32)}"


def in_turns(here: str, there: str, script: Path, edges: list[int]) -> Iterator[str]:
    """First one, then the other, so that a busy moment of the machine does not fall on one alone; nine turns, since three
    decide nothing where neighbours slow the machine down for minutes."""
    wrk(here, script, 32, seconds=1)
    ours, theirs, used = [], [], []
    for _ in range(TURNS):
        theirs.append(wrk(there, script, 32))
        before = sum(map(processor, edges))
        ours.append(wrk(here, script, 32))
        used.append((sum(map(processor, edges)) - before) / (ours[-1].rate * SECONDS))
    ratios = [our.rate / their.rate for our, their in zip(ours, theirs, strict=True)]
    best = sorted(ours, key=lambda said: said.rate)[TURNS // 2]
    yield f"nginx, 32 connections: {statistics.median(t.rate for t in theirs):,.0f}/s"
    yield f"edge, token, 32 connections: {best}, {statistics.median(used) * 1e6:.0f} µs of a processor each, {len(edges)} edges"
    yield f"ratio in each turn: {', '.join(f'{r:.3f}' for r in ratios)}; median {statistics.median(ratios):.3f}"


def processor(process: int) -> float:
    """Seconds of the processor that a process used."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def start_edges(
    stack: contextlib.ExitStack, port: int, environment: dict[str, str]
) -> list[subprocess.Popen[bytes]]:
    """As ``kartini serve`` starts them."""
    return [
        start(stack, child.command, {**environment, **child.environment}, child.door)
        for child in serve.exchange(port, settings.EXCHANGE_PROCESSES)
    ]


def start(
    stack: contextlib.ExitStack,
    command: Sequence[str],
    environment: dict[str, str],
    door: socket.socket | None = None,
) -> subprocess.Popen[bytes]:
    doors = [door.fileno()] if door else []
    process = subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL, pass_fds=doors)
    stack.callback(process.wait, 10)
    stack.callback(process.terminate)
    return process


def prepare(environment: dict[str, str], url: str) -> str:
    begin = "import django; django.setup(); from benchmarks import _outsider; _outsider.main()"
    public = base64.b64encode(bytes(KEY.verify_key)).decode()
    command = [sys.executable, "-c", begin, CONTRACT, url, public]
    done = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
    return done.stdout.strip().splitlines()[-1]


def token(port: int, secret: str) -> str:
    basic = base64.b64encode(secret.encode()).decode()
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/oauth2/token",
        b"grant_type=client_credentials",
        {"Authorization": f"Basic {basic}"},
    )
    time.sleep(1.5)
    return str(json.load(urllib.request.urlopen(request))["access_token"])


def until_answered(url: str, bearer: str) -> None:
    """The switch is seen after a second, and the first page that a web process makes is slow."""
    for _ in range(20):
        time.sleep(1)
        said = {"X-Road-Client": CLIENT, "Authorization": bearer}
        with contextlib.suppress(OSError):
            body = urllib.request.urlopen(urllib.request.Request(url, QUESTION.encode(), said))
            if "state" not in json.load(body):
                return
    raise TimeoutError(url)


def signing(folder: Path, port: int, calls: int = 30_000) -> Path:
    """Calls that are signed beforehand, each with a nonce of its own; each is used once."""
    said = {"content-digest": signatures.digest(QUESTION.encode()), "x-road-client": CLIENT}
    target = {"@method": "POST", "@target-uri": f"http://localhost:{port}{PATH}"}
    values = {**said, **target, "x-road-id": "case-1"}
    keyid, now = signatures.key_id(bytes(KEY.verify_key)), int(time.time())
    with (folder / "signed").open("w") as file:
        for _ in range(calls):
            nonce = str(new_id())
            made = signatures.sign(
                values, signatures.REQUEST, KEY, keyid=keyid, created=now, nonce=nonce
            )
            file.write(f"{made['signature-input']}\t{made['signature']}\n")
    script = folder / "signed.lua"
    digest = "Content-Digest", said["content-digest"]
    script.write_text(ASK % (QUESTION, CLIENT, *digest) + IN_TURN % (folder / "signed"))
    return script


def wrk(url: str, script: Path, connections: int, seconds: int = SECONDS) -> Said:
    """Refuses answers that are errors."""
    shape = ["-t1", f"-c{connections}", f"-d{seconds}s", "--latency", "-s", str(script)]
    said = subprocess.run(["wrk", *shape, url], capture_output=True, text=True, check=True).stdout
    assert "Non-2xx" not in said, said
    rate = re.search(r"Requests/sec:\s+([0-9.]+)", said)
    times = [re.search(rf"{part}%\s+([0-9.]+)(us|ms|s)", said) for part in (50, 99)]
    assert rate, said
    scale = {"us": 0.001, "ms": 1.0, "s": 1000.0}
    middle, most = (float(found[1]) * scale[found[2]] for found in times if found)
    return Said(float(rate[1]), middle, most)
