"""Accounts are made here, except those that citizens make for themselves at sign-up."""

from datetime import datetime

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils import timezone

from kartini.people import appointments, invitations, trail
from kartini.people.models import Person, User


class OwnAccount(Exception):
    """Nobody closes or reopens an account of his own."""


@transaction.atomic
def make_staff(
    *,
    username: str,
    full_name: str,
    email: str = "",
    phone: str = "",
    password: str | None = None,
    is_demo: bool = False,
    by: User | None = None,
    at: datetime,
) -> User:
    """An account for somebody who works here. Made twice, it is the same account. Roles are given apart.

    Without a password nobody can sign in until one is set by an invitation.
    """
    return _make(username, full_name, email, phone, password, None, is_demo, by, at)


@transaction.atomic
def make_invited(*, username: str, full_name: str, address: str, by: User, at: datetime) -> User:
    """An officer's account with a link to set the first password, sent to a WhatsApp number or an e-mail address."""
    user = _make(username, full_name, "", "", None, None, False, by, at)
    invitations.invite(user=user, address=address, by=by, at=at)
    return user


@transaction.atomic
def make_citizen(
    *,
    username: str,
    person: Person,
    email: str = "",
    phone: str = "",
    password: str | None = None,
    is_demo: bool = False,
    at: datetime,
) -> User:
    """An account that belongs to a person whose identity was already confirmed."""
    return _make(username, person.name, email, phone, password, person, is_demo, None, at)


def _make(
    username: str,
    full_name: str,
    email: str,
    phone: str,
    password: str | None,
    person: Person | None,
    is_demo: bool,
    by: User | None,
    at: datetime,
) -> User:
    user, created = User.objects.get_or_create(
        username=username,
        defaults={
            "full_name": full_name,
            "email": email,
            "phone": phone,
            "phone_verified": bool(phone),
            "password": _encoded(password),
            "person": person,
            "is_demo": is_demo,
        },
    )
    if created:
        if email:
            EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
        thing = f"people.account:{user.pk}"
        trail.did(by=by, verb="people.account-made", thing=thing, at=at, person=person)
    return user


def _encoded(password: str | None) -> str:
    """``password`` in the clear, or already encoded by Django (the demo encodes one for all)."""
    if password and "$" in password:
        return password
    return make_password(password)


@transaction.atomic
def close(*, user: User, by: User, at: datetime, reason: str) -> User:
    """Nobody signs in with it any more. Its roles and its trail stay as they were."""
    return _set_active(user, False, by, at, reason)


@transaction.atomic
def reopen(*, user: User, by: User, at: datetime, reason: str) -> User:
    return _set_active(user, True, by, at, reason)


def _set_active(user: User, active: bool, by: User, at: datetime, reason: str) -> User:
    if user.pk == by.pk:
        raise OwnAccount
    if not active and appointments.is_last_steward(user, timezone.localdate(at)):
        raise appointments.LastAdministrator
    if User.objects.filter(pk=user.pk, is_active=not active).update(is_active=active):
        user.is_active = active
        verb = "people.account-reopened" if active else "people.account-closed"
        thing = f"people.account:{user.pk}"
        trail.did(by=by, verb=verb, thing=thing, at=at, person=user.person, note=reason)
    if not active:
        invitations.sign_out(user)
    return user
