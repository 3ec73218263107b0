"""Screens that may read the wall, and the targets that it shows."""

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from django.core import signing
from django.db import transaction

from kartini.people import trail
from kartini.people.models import User
from kartini.systems.command_center.models import Screen, Target

SALT = "command_center.screen"


class ScreenRefused(Exception):
    """The link is not ours, has run out, or was closed."""


@transaction.atomic
def open_screen(*, name: str, valid_until: date, by: User, at: datetime) -> Screen:
    """Let a screen read the wall. Its link is ``token(screen)``."""
    screen = Screen.objects.create(name=name, valid_until=valid_until, made_by=by, made_at=at)
    trail.did(by=by, verb="command-center.open-screen", thing=_thing(screen), at=at)
    return screen


@transaction.atomic
def close_screen(*, screen: Screen, by: User, at: datetime) -> Screen:
    """Its link and its cookie are worth nothing from now on. Closing again changes nothing."""
    if Screen.objects.filter(pk=screen.pk, closed_at=None).update(closed_at=at):
        trail.did(by=by, verb="command-center.close-screen", thing=_thing(screen), at=at)
    screen.refresh_from_db()
    return screen


def token(screen: Screen) -> str:
    return signing.Signer(salt=SALT).sign(screen.pk.hex)


def admit(*, token: str, on: date) -> Screen:
    """The screen that holds this token, if it may read today."""
    try:
        key = UUID(hex=signing.Signer(salt=SALT).unsign(token))
        screen = Screen.objects.get(pk=key)
    except (signing.BadSignature, ValueError, Screen.DoesNotExist):
        raise ScreenRefused from None
    if not screen.opens_on(on):
        raise ScreenRefused(screen.name)
    return screen


@transaction.atomic
def set_target(*, key: str, value: Decimal, basis: str, by: User | None, at: datetime) -> Target:
    """What a figure should reach from now on, and on whose word."""
    target, _ = Target.objects.update_or_create(
        key=key, defaults={"value": value, "basis": basis, "set_at": at}
    )
    trail.did(by=by, verb="command-center.set-target", thing=f"command_center.target:{key}", at=at)
    return target


def _thing(screen: Screen) -> str:
    return f"command_center.screen:{screen.pk}"
