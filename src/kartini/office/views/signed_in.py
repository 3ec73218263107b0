"""The account behind a request that passed ``account_required``."""

from typing import cast

from django.http import HttpRequest

from kartini.people.models import User


def account(request: HttpRequest) -> User:
    return cast("User", request.user)
