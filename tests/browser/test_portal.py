"""The portal as anyone finds it."""

from collections.abc import Callable

import pytest

from tests.browser.conftest import Person

pytestmark = pytest.mark.browser


def test_the_portal_home_opens_for_anyone(person: Callable[..., Person]) -> None:
    visitor = person()
    visitor.go("/")
    assert visitor.page.locator("h1").count() == 1
    visitor.look("beranda")


def test_the_portal_home_opens_without_javascript(person: Callable[..., Person]) -> None:
    visitor = person(javascript=False)
    visitor.go("/")
    assert visitor.page.locator("h1").count() == 1
    visitor.look("beranda-tanpa-javascript")
