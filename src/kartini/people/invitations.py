"""Links to set a password: for new officers, and for citizens whom the counter helps back in."""

import hashlib
import secrets
from datetime import datetime, timedelta

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from kartini.kit import formats
from kartini.people import letters, messages, trail
from kartini.people.models import Invitation, User

HOURS = 72


class InvitationSpent(Exception):
    """Used, expired, replaced by a newer one, or never made."""


class HasRoles(Exception):
    """An officer's account is mended by an administrator, not at the counter."""


class AddressTaken(Exception):
    """Another account has confirmed this number or e-mail address."""


def invite(*, user: User, address: str, by: User | None, at: datetime) -> Invitation:
    """Send a link to set a password. An older link of the same account ends."""
    return invite_with_link(user=user, address=address, by=by, at=at)[0]


@transaction.atomic
def invite_with_link(
    *, user: User, address: str, by: User | None, at: datetime
) -> tuple[Invitation, str]:
    """The same; the link also comes back, for whoever sets the house up at its command line."""
    _refuse_taken(user, address)
    earlier = Invitation.objects.filter(user=user, accepted_at=None, expires_at__gt=at)
    earlier.update(expires_at=at)
    token = secrets.token_urlsafe(24)
    invitation = Invitation.objects.create(
        user=user,
        address=address,
        token_hash=_hashed(token),
        made_at=at,
        made_by=by,
        expires_at=at + timedelta(hours=HOURS),
    )
    thing = f"people.account:{user.pk}"
    trail.did(by=by, verb="people.invited", thing=thing, at=at, person=user.person)
    link = f"{settings.BASE_URL}/undangan/{token}/"
    facts = {"link": link, "until": _until(invitation, user)}
    letters.write(address, "invitation", facts, at)
    return invitation, link


def find(token: str, *, at: datetime) -> Invitation:
    """The open invitation of a link. Raises ``InvitationSpent``."""
    found = Invitation.objects.select_related("user").filter(
        token_hash=_hashed(token), accepted_at=None, expires_at__gt=at, user__is_active=True
    )
    invitation = found.first()
    if invitation is None:
        raise InvitationSpent
    return invitation


@transaction.atomic
def accept(*, token: str, password: str, at: datetime) -> User:
    """Set the password; the address is proven by the link. All sessions end."""
    invitation = find(token, at=at)
    taken = Invitation.objects.filter(pk=invitation.pk, accepted_at=None).update(accepted_at=at)
    if not taken:
        raise InvitationSpent
    user = invitation.user
    _refuse_taken(user, invitation.address)
    user.set_password(password)
    _prove(user, invitation.address)
    user.save()
    sign_out(user)
    thing = f"people.account:{user.pk}"
    trail.did(by=user, verb="people.invitation-accepted", thing=thing, at=at, person=user.person)
    return user


@transaction.atomic
def help_in(
    *, user: User, address: str, forget_factors: bool, by: User, at: datetime
) -> Invitation:
    """The counter has seen the identity card: a link goes to the new number or e-mail address."""
    if user.roles.filter(ended_at=None).exists():
        raise HasRoles
    if forget_factors:
        forget_second_factors(user=user, by=by, at=at)
    sign_out(user)
    return invite(user=user, address=address, by=by, at=at)


@transaction.atomic
def forget_second_factors(*, user: User, by: User, at: datetime) -> None:
    """Lost phone: authenticator app, passkeys and recovery codes no longer open the account."""
    Authenticator.objects.filter(user=user).delete()
    thing = f"people.account:{user.pk}"
    trail.did(by=by, verb="people.factors-forgotten", thing=thing, at=at, person=user.person)


def sign_out(user: User) -> None:
    """End every session of an account."""
    for session in UserSession.objects.filter(user_id=user.pk):
        session.end()


def _prove(user: User, address: str) -> None:
    if messages.channel_of(address) == messages.WHATSAPP:
        user.phone, user.phone_verified = address, True
        return
    user.email = address
    EmailAddress.objects.filter(user=user).exclude(email=address).delete()
    EmailAddress.objects.update_or_create(
        user=user, email=address, defaults={"verified": True, "primary": True}
    )


def _refuse_taken(user: User, address: str) -> None:
    phones = User.objects.filter(phone=address, phone_verified=True).exclude(pk=user.pk)
    mails = EmailAddress.objects.filter(email__iexact=address, verified=True).exclude(user=user)
    if phones.exists() or mails.exists():
        raise AddressTaken


def _until(invitation: Invitation, user: User) -> str:
    return formats.moment(timezone.localtime(invitation.expires_at), language=user.language)


def _hashed(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
