"""The words of the account's own letters, in the language of the page that caused them."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from kartini.people import messages
from kartini.people.models import User

SENSITIVE = frozenset({"code", "invitation"})
KINDS = {
    "account/email/email_confirmation_signup": "code",
    "account/email/email_confirmation": "code",
    "account/email/password_reset_code": "code",
    "account/email/login_code": "code",
    "account/email/unknown_account": "unknown_account",
    "account/email/account_already_exists": "account_exists",
}
CHANGES = {
    "account/email/password_changed": gettext_noop("Your password was changed."),
    "account/email/password_reset": gettext_noop("Your password was set anew."),
    "account/email/password_set": gettext_noop("A password was set."),
    "account/email/email_changed": gettext_noop("Your e-mail address was changed."),
    "account/email/email_confirm": gettext_noop("Your e-mail address was confirmed."),
    "account/email/email_deleted": gettext_noop("Your e-mail address was removed."),
    "mfa/email/totp_activated": gettext_noop("An authenticator app was added."),
    "mfa/email/totp_deactivated": gettext_noop("The authenticator app was removed."),
    "mfa/email/recovery_codes_generated": gettext_noop("New recovery codes were made."),
    "mfa/email/webauthn_added": gettext_noop("A passkey was added."),
    "mfa/email/webauthn_removed": gettext_noop("A passkey was removed."),
    "socialaccount/email/account_connected": gettext_noop("Another way to sign in was connected."),
    "socialaccount/email/account_disconnected": gettext_noop("A way to sign in was disconnected."),
}


def kind_of(prefix: str) -> str:
    """Which of our letters stands for one of allauth's."""
    return KINDS.get(prefix, "security")


def compose(kind: str, context: dict[str, Any]) -> tuple[str, str]:
    """Subject and body of a letter. The first line of the template is the subject."""
    changed = CHANGES.get(context.get("prefix", ""), gettext_noop("Your account was changed."))
    facts = {
        **context,
        "changed": _(changed),
        "regency": settings.REGENCY_NAME,
        "address": settings.BASE_URL,
    }
    text = render_to_string(f"people/letters/{kind}.txt", facts).strip()
    subject, _newline, body = text.partition("\n")
    return subject.strip(), body.strip()


def write(to: str, kind: str, context: dict[str, Any], at: datetime) -> None:
    """Compose a letter in the active language and hand it over. ``to`` is an e-mail address or a phone number."""
    subject, body = compose(kind, context)
    channel = messages.channel_of(to)
    messages.send(messages.Letter(channel, to, subject, body, at, kind in SENSITIVE))


def write_to(user: User, kind: str, context: dict[str, Any], at: datetime) -> None:
    """The same to an account, in its language: by WhatsApp where the number is confirmed, else by e-mail."""
    to = user.phone if user.phone_verified else user.email
    if to:
        with translation.override(user.language):
            write(to, kind, context, at)
