"""One address per visitor, for signing in and for every other limit."""

from typing import Any

from django.test import RequestFactory

from kartini.people import visitors


def came(claimed: str = "") -> Any:
    headers = {"X-Forwarded-For": claimed} if claimed else {}
    return RequestFactory().get("/", headers=headers, REMOTE_ADDR="10.0.0.1")


def test_without_a_proxy_nobody_chooses_an_address() -> None:
    assert visitors.address(came("6.6.6.6")) == "10.0.0.1"


def test_behind_a_proxy_the_one_that_the_proxy_saw_counts(settings: Any) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1

    assert visitors.address(came("6.6.6.6, 203.0.113.7")) == "203.0.113.7"
