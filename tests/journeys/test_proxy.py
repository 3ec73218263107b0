"""The example of nginx in front of a running house: pages, the exchange, and nothing that is not for strangers."""

import http.client
import json
import re
import shutil
import socket
import ssl
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from kartini.site import rooms
from kartini.site.tests.test_production import EXAMPLES, _certificate
from tests.journeys.nodes import Node, free_ports, get, until

NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
pytestmark = [
    pytest.mark.timeout(240),
    pytest.mark.skipif(NGINX is None, reason="no nginx on this machine (apt-get install nginx)"),
]
PEOPLE, SYSTEMS = "layanan.example.go.id", "pertukaran.example.go.id"


@pytest.fixture
def proxy(nodes: tuple[Node, Node], tmp_path: Path) -> Iterator[int]:
    """The port on which the example listens, led to the first node."""
    with standing(nodes[0], tmp_path) as port:
        yield port


@contextmanager
def standing(node: Node, folder: Path, *, mutual: bool = False) -> Iterator[int]:
    """The example, with what is a choice there taken or not."""
    tls, plain = free_ports(2)
    _certificate(folder)
    text = (EXAMPLES / "nginx.conf").read_text().replace("/etc/ssl/kartini", str(folder))
    text = re.sub(r"listen \[::\]:.*", "", text)
    text = text.replace("listen 443", f"listen 127.0.0.1:{tls}")
    text = text.replace("listen 80", f"listen 127.0.0.1:{plain}")
    text = text.replace("http://127.0.0.1:8000", node.web)
    text = text.replace("http://127.0.0.1:8001", node.edge)
    if mutual:
        shutil.copy(folder / "fullchain.pem", folder / "systems.pem")
        text = re.sub(r"# (ssl_client_certificate|ssl_verify_client)", r"\1", text)
    (folder / "kartini.conf").write_text(text)
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    paths = "".join(f"{kind}_temp_path {folder}/{kind}; " for kind in kinds)
    (folder / "nginx.conf").write_text(
        f"daemon off; pid {folder}/pid; error_log {folder}/error.log; events {{}} "
        f"http {{ access_log off; {paths} include {folder}/kartini.conf; }}"
    )
    server = subprocess.Popen([str(NGINX), "-c", folder / "nginx.conf", "-e", folder / "error.log"])
    try:
        until(lambda: _reached(tls, server, folder), 30)
        yield tls
    finally:
        server.terminate()
        server.wait(10)


def _reached(port: int, server: "subprocess.Popen[bytes]", folder: Path) -> bool:
    assert server.poll() is None, (folder / "error.log").read_text()
    try:
        return asked(port, PEOPLE, "/live")[0] == 200
    except OSError:
        return False


def asked(
    port: int,
    host: str,
    path: str,
    headers: Mapping[str, str] | None = None,
    certificate: Path | None = None,
) -> tuple[int, http.client.HTTPMessage, str]:
    """As a visitor asks: by https, under a public name; with a certificate of its own, if it has one."""
    context = ssl._create_unverified_context()
    if certificate:
        context.load_cert_chain(certificate / "fullchain.pem", certificate / "privkey.pem")
    line = http.client.HTTPConnection(host)
    door = socket.create_connection(("127.0.0.1", port), timeout=30)
    line.sock = context.wrap_socket(door, server_hostname=host)
    line.request("GET", path, headers={"Host": host, **(headers or {})})
    answer = line.getresponse()
    body = answer.read().decode()
    line.close()
    return answer.status, answer.headers, body


def test_people_and_systems_come_in_by_their_own_names(
    nodes: tuple[Node, Node], proxy: int
) -> None:
    first, _second = nodes
    status, headers, page = asked(proxy, PEOPLE, "/?baru=1")
    assert status == 200
    assert "</html>" in page
    assert re.fullmatch(r"[0-9a-f]{32}", headers["X-Request-Id"])
    until(lambda: _one_id_in_page_and_log(first, proxy))
    assert asked(proxy, SYSTEMS, "/ready")[0] == 200
    until(lambda: asked(proxy, SYSTEMS, "/log/checkpoint")[2].startswith("kartini/JPR/log\n"))
    refusal = asked(proxy, SYSTEMS, "/r1/JPR/GOV/diskominfo/pengumuman/pengumuman.latest.v1")
    assert json.loads(refusal[2])["type"].startswith("Client.")


def _one_id_in_page_and_log(node: Node, proxy: int) -> bool:
    """The front page asks for news when those that it holds are some seconds old."""
    request = asked(proxy, PEOPLE, "/?baru=2")[1]["X-Request-Id"]
    code = f"from kartini.exchange import log; print([m.contract for i, m in log.search(request='{request}')])"
    return "pengumuman.latest.v1" in node.python(code)


def test_systems_may_be_asked_for_a_certificate_and_people_are_not(
    nodes: tuple[Node, Node], tmp_path: Path
) -> None:
    with standing(nodes[0], tmp_path, mutual=True) as port:
        assert asked(port, SYSTEMS, "/exchange/keys")[0] == 400
        assert asked(port, SYSTEMS, "/exchange/keys", certificate=tmp_path)[0] == 200
        (other := tmp_path / "other").mkdir()
        _certificate(other)
        assert asked(port, SYSTEMS, "/exchange/keys", certificate=other)[0] == 400
        assert asked(port, PEOPLE, "/?baru=3")[0] == 200


def test_figures_are_for_this_machine_only(nodes: tuple[Node, Node], proxy: int) -> None:
    first, _second = nodes
    for host in (PEOPLE, SYSTEMS):
        claimed = {"X-Forwarded-For": "127.0.0.1"}
        assert asked(proxy, host, "/metrics", claimed)[0] == 404
        assert asked(proxy, host, "/metrics?x=1")[0] == 404
    assert "kartini_log_messages" in get(f"{first.web}/metrics")
    assert 'process="edge"' in get(f"{first.edge}/metrics")
    worker = f"http://127.0.0.1:{first.environment['KARTINI_WORKER_PORT']}"
    assert '"ready": true' in get(f"{worker}/ready")
    assert "process_cpu_seconds_total" in get(f"{worker}/metrics")


def test_every_alert_leads_to_a_runbook_and_asks_for_figures_that_exist(
    nodes: tuple[Node, Node],
) -> None:
    alerts = (EXAMPLES / "alerts.yml").read_text()
    page = (rooms.SRC.parent / "docs/runbooks/README.md").read_text()
    titles = {t.lower().replace(" ", "-") for t in re.findall(r"^## (.+)$", page, re.MULTILINE)}
    assert {*re.findall(r"README\.md#([a-z-]+)", alerts)} <= titles
    source = "".join(
        (rooms.SRC / "kartini/exchange" / name).read_text()
        for name in ("metrics.py", "standing.py")
    )
    for name in {
        *re.findall(r"kartini_([a-z_]+)", alerts),
        *re.findall(r"`kartini_([a-z_]+)", page),
    }:
        assert (
            f'"{name.removesuffix("_total")}"' in source
            or f'"kartini_{name.removesuffix("_total")}"' in source
        )
