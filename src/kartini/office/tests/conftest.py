"""What the counter's tests share: a place for files, an account, papers of every kind."""

import io
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from kartini.people.models import User

AT = datetime(2026, 11, 24, 2, 14, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _files(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "files"
    settings.STORAGES = {**settings.STORAGES}


@pytest.fixture
def siti(db: None) -> User:
    return User.objects.create_user(
        "siti", "siti@contoh.invalid", full_name="Siti Nur Aisyah", phone="+6281200009002"
    )


@pytest.fixture
def budi(db: None) -> User:
    return User.objects.create_user("budi", language="en", full_name="Budi Santoso")


def pdf(pages: int = 1, **save: Any) -> bytes:
    out = io.BytesIO()
    with pikepdf.new() as document:
        for _page in range(pages):
            document.add_blank_page(page_size=(200, 200))
        document.save(out, **save)
    return out.getvalue()


def picture(kind: str = "PNG", size: tuple[int, int] = (40, 30)) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, "teal").save(out, kind)
    return out.getvalue()


def upload(content: bytes, name: str = "surat.pdf") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)
