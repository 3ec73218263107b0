"""Number and PIN: what anyone may see of an application."""

import re
from collections.abc import Iterator

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from kartini.systems.joss.models import Application


@pytest.fixture(autouse=True)
def _nobody_tried_before() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


def test_number_and_pin_show_the_way_but_no_name(client: Client, nurse: Application) -> None:
    url = reverse("joss:track")
    page = client.post(url, {"number": " joss-2026-000001", "pin": "482 913"}).content.decode()
    assert str(nurse.number) in page
    assert "Siti" not in page


def test_a_stranger_learns_nothing_from_a_wrong_pin(client: Client, nurse: Application) -> None:
    def told(number: str) -> str:
        text = client.post(reverse("joss:track"), {"number": number, "pin": "000000"})
        body = text.content.decode().replace(number, "")
        return re.sub(r'csrfmiddlewaretoken" value="[^"]+"', "", body)

    assert told(str(nurse.number)) == told("JOSS-2026-999999")


def test_guessing_is_stopped(client: Client, nurse: Application) -> None:
    url = reverse("joss:track")
    for _try in range(10):
        client.post(url, {"number": nurse.number, "pin": "000000"})
    blocked = client.post(url, {"number": nurse.number, "pin": "482913"})
    assert blocked.status_code == 429
    other = client.post(url, {"number": nurse.number, "pin": "482913"}, REMOTE_ADDR="192.0.2.7")
    assert "track__dot" not in other.content.decode(), "the number itself is guarded too"
