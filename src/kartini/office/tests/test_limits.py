"""The office counts callers as signing in does."""

from typing import Any

import pytest
from django.test import RequestFactory

from kartini.office import limits


@pytest.mark.parametrize(("trusted", "counted"), [(0, "10.0.0.1"), (1, "203.0.113.7")])
def test_behind_a_proxy_each_visitor_is_a_caller(settings: Any, trusted: int, counted: str) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = trusted
    headers = {"X-Forwarded-For": "6.6.6.6, 203.0.113.7"}

    assert (
        limits.caller(RequestFactory().get("/", headers=headers, REMOTE_ADDR="10.0.0.1")) == counted
    )
