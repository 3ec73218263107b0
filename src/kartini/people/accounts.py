"""Accounts are made here, except those that citizens make for themselves at sign-up."""

from datetime import datetime

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password
from django.db import transaction

from kartini.people import trail
from kartini.people.models import Person, User


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
