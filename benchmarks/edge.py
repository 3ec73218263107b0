"""Calls over HTTP through the edge to a remote provider, against nginx proxying the same provider."""

import base64
import contextlib
import json
import os
import re
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from benchmarks._house import free_ports, wait_for

NAME = "The edge: token, grant, durable log, signed answer, remote provider (yardstick: nginx proxying it)"
SECONDS = 5
CONTRACT = "joss.permit-by-number.v1"
CLIENT = "JPR/GOV/dinkes/bench"
PATH = f"/r1/JPR/GOV/dpmptsp/joss/{CONTRACT}"
ASK = """
wrk.method = "POST"
wrk.body = '{"permit_number": "1"}'
wrk.headers["Content-Type"] = "application/json"
wrk.headers["X-Road-Client"] = "%s"
wrk.headers["Authorization"] = "Bearer %s"
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


def run() -> Iterator[str]:
    provider, proxy, exchange = free_ports(3)
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
            "DJANGO_SETTINGS_MODULE": "kartini.site.settings",
        }
        secret = prepare(environment, f"http://127.0.0.1:{provider}/")
        start(stack, [sys.executable, "-m", "kartini.exchange.edge"], environment)
        wait_for(f"http://127.0.0.1:{exchange}/live")
        script = folder / "ask.lua"
        script.write_text(ASK % (CLIENT, token(exchange, secret)))
        yardstick = wrk(f"http://127.0.0.1:{proxy}{PATH}", script, 32)
        many = wrk(f"http://127.0.0.1:{exchange}{PATH}", script, 32)
        one, bare = (wrk(f"http://127.0.0.1:{port}{PATH}", script, 1) for port in (exchange, proxy))
        yield f"nginx, 32 connections: {yardstick[0]:,.0f}/s"
        yield (
            f"edge, 32 connections: {many[0]:,.0f}/s, median {many[1]:.1f} ms, p99 {many[2]:.1f} ms, "
            f"ratio {many[0] / yardstick[0]:.3f}"
        )
        yield f"edge, 1 connection: median {one[1]:.2f} ms, of which added {one[1] - bare[1]:.2f} ms"


def start(stack: contextlib.ExitStack, command: list[str], environment: dict[str, str]) -> None:
    process = subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL)
    stack.callback(process.wait, 10)
    stack.callback(process.terminate)


def prepare(environment: dict[str, str], url: str) -> str:
    begin = "import django; django.setup(); from benchmarks import _outsider; _outsider.main()"
    command = [sys.executable, "-c", begin, CONTRACT, url]
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


def wrk(url: str, script: Path, connections: int) -> tuple[float, float, float]:
    """Requests a second, median and 99 of 100 in milliseconds; refuses answers that are errors."""
    command = [
        "wrk",
        "-t1",
        f"-c{connections}",
        f"-d{SECONDS}s",
        "--latency",
        "-s",
        str(script),
        url,
    ]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert "Non-2xx" not in said, said
    rate = re.search(r"Requests/sec:\s+([0-9.]+)", said)
    times = [re.search(rf"{part}%\s+([0-9.]+)(us|ms|s)", said) for part in (50, 99)]
    assert rate, said
    scale = {"us": 0.001, "ms": 1.0, "s": 1000.0}
    middle, most = (float(found[1]) * scale[found[2]] for found in times if found)
    return float(rate[1]), middle, most
