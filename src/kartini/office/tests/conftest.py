"""What the counter's tests share: a place for files, an account, papers of every kind."""

import io
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from urllib.request import urlopen

import pikepdf
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from kartini.people.models import User

AT = datetime(2026, 11, 24, 2, 14, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _files(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "files"
    settings.STORAGES = {**settings.STORAGES}  # a fresh dict: the storages are made anew


@pytest.fixture
def siti(db: None) -> User:
    return User.objects.create_user(
        "siti",
        "siti@contoh.invalid",
        full_name="Siti Nur Aisyah",
        phone="+6281200009002",
        phone_verified=True,
    )


@pytest.fixture
def budi(db: None) -> User:
    return User.objects.create_user("budi", language="en", full_name="Budi Santoso")


def pdf(pages: int = 1, **save: Any) -> bytes:
    out = io.BytesIO()
    with pikepdf.new() as document:
        for _page in range(pages):
            document.add_blank_page(page_size=(200, 200))
        document.save(out, deterministic_id="encryption" not in save, **save)
    return out.getvalue()


def picture(kind: str = "PNG", size: tuple[int, int] = (40, 30)) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, "teal").save(out, kind)
    return out.getvalue()


def upload(content: bytes, name: str = "surat.pdf") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


@dataclass(frozen=True)
class Outside:
    """The institutions outside, as a process of their own; reached over the wire only."""

    url: str
    mail_port: int

    def read(self, path: str, form: dict[str, str] | None = None) -> str:
        body = urlencode(form).encode() if form else None
        with urlopen(f"{self.url}{path}", body, timeout=5) as answer:
            text: str = answer.read().decode()
        return text


@pytest.fixture(scope="session")
def _outside(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Outside]:
    port, mail_port, nowhere = free_ports(3)
    environment = {
        **os.environ,
        "KARTINI_OUTSIDE_PORT": str(port),
        "KARTINI_MAIL_PORT": str(mail_port),
        "KARTINI_QRIS_CALLBACK": f"http://127.0.0.1:{nowhere}",
        "KARTINI_DATA_DIR": str(tmp_path_factory.mktemp("outside")),
    }
    process = subprocess.Popen([sys.executable, "-m", "kartini_outside"], env=environment)
    outside = Outside(f"http://127.0.0.1:{port}", mail_port)
    for _try in range(100):
        with suppress(OSError):
            outside.read("/mailbox/")
            break
        time.sleep(0.1)
    yield outside
    process.terminate()
    process.wait(5)


@pytest.fixture
def outside(_outside: Outside, settings: Any) -> Outside:
    settings.WHATSAPP_URL = f"{_outside.url}/whatsapp"
    settings.QRIS_URL = f"{_outside.url}/qris"
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_PORT = _outside.mail_port
    return _outside


def free_ports(count: int) -> list[int]:
    held = [socket.create_server(("127.0.0.1", 0)) for _port in range(count)]
    ports = [one.getsockname()[1] for one in held]
    for one in held:
        one.close()
    return ports
