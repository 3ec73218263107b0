"""How allauth speaks with our accounts: phones, letters, language, and what locks a door."""

import time
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import get_authentication_records
from allauth.account.models import EmailAddress
from allauth.account.stages import EmailVerificationStage
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.conf import settings
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import get_random_string
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from kartini.kit import doors
from kartini.people import backends, letters, phones, sealing, signup
from kartini.people.fields import PhoneField
from kartini.people.middleware import remember_language
from kartini.people.models import User

LETTERS_AND_DIGITS = "abcdefghjkmnpqrstuvwxyz23456789"


class AccountAdapter(DefaultAccountAdapter):
    """Phone numbers are kept on the account; letters go through ``people.messages``."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "phone_password_mismatch": _("These do not fit together. Check both and try again."),
        "email_password_mismatch": _("These do not fit together. Check both and try again."),
        "username_password_mismatch": _("These do not fit together. Check both and try again."),
        "too_many_login_attempts": _("Too many attempts. Wait five minutes, then try again."),
        "incorrect_code": _("This is not the code that we sent. Check it and try again."),
        "incorrect_password": _("This is not your password."),
        "enter_current_password": _("This is not your present password."),
        "same_as_current": _("This is what we have already. Enter the new one."),
        "phone_taken": _("This number cannot be used. Take another one."),
        "email_taken": _("This address cannot be used. Take another one."),
    }

    # -- the account

    def populate_username(self, request: HttpRequest, user: Any) -> None:
        """Citizens sign in by phone, e-mail or NIK; their user name says nothing about them."""
        user.username = user.username or f"w-{get_random_string(12, LETTERS_AND_DIGITS)}"

    def save_user(self, request: HttpRequest, user: Any, form: Any, commit: bool = True) -> User:
        user.language = get_language() or "id"
        saved: User = super().save_user(request, user, form, commit)  # type: ignore[assignment]
        return saved

    # -- phones

    def phone_form_field(self, **how: Any) -> PhoneField:
        return PhoneField(**how)

    def get_phone(self, user: Any) -> tuple[str, bool] | None:
        return (user.phone, user.phone_verified) if user.phone else None

    def set_phone(self, user: Any, phone: str, verified: bool) -> None:
        """Set the number; somebody else's confirmed number stays theirs."""
        user.phone, user.phone_verified = phone, verified
        try:
            with transaction.atomic():
                user.save(update_fields=["phone", "phone_verified"])
        except IntegrityError:
            raise self.validation_error("phone_taken") from None

    def set_phone_verified(self, user: Any, phone: str) -> None:
        self.set_phone(user, phone, True)

    def get_user_by_phone(self, phone: str) -> User | None:
        """A number counts once it is confirmed: whoever only typed it cannot keep it from its owner."""
        try:
            number = phones.clean(phone)
        except phones.NoPhone:
            return None
        return User.objects.filter(phone=number, phone_verified=True).first()

    def send_verification_code_sms(self, user: Any, phone: str, code: str, **_more: Any) -> None:
        letters.write(phone, "code", {"code": code}, timezone.now())

    def send_unknown_account_sms(self, phone: str, **_more: Any) -> None:
        letters.write(phone, "unknown_account", {}, timezone.now())

    def send_account_already_exists_sms(self, phone: str) -> None:
        letters.write(phone, "account_exists", {}, timezone.now())

    # -- letters

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """allauth's letters in our words. ``email`` may be a phone number (account recovery by phone)."""
        kind, facts = letters.kind_of(template_prefix), {**context, "prefix": template_prefix}
        letters.write(email, kind, facts, timezone.now())

    def send_notification_mail(
        self,
        template_prefix: str,
        user: Any,
        context: dict[str, Any] | None = None,
        email: str | None = None,
    ) -> None:
        """A warning after something about the account's safety changed; by WhatsApp where there is no e-mail."""
        to = email or EmailAddress.objects.get_primary_email(user)
        to = to or (user.phone if user.phone_verified else "")
        if to:
            facts = {**(context or {}), "prefix": template_prefix}
            letters.write(to, "security", facts, timezone.now())

    # -- signing in

    def get_login_stages(self) -> list[str]:
        ours = f"{EmailStage.__module__}.{EmailStage.__name__}"
        theirs = f"{EmailVerificationStage.__module__}.{EmailVerificationStage.__name__}"
        return [ours if path == theirs else path for path in super().get_login_stages()]

    def post_login(self, request: HttpRequest, user: Any, **how: Any) -> HttpResponse:
        signup.finish(request, user, timezone.now())
        response = super().post_login(request, user, **how)
        remember_language(request, response, user)
        return response

    def is_reauthentication_required(self, *, app: str, **how: Any) -> bool:
        """Who has just signed in need not prove it again."""
        records = get_authentication_records(self.request, self.request.user)
        latest = max((record["at"] for record in records), default=0.0)
        if time.time() - latest < settings.ACCOUNT_REAUTHENTICATION_TIMEOUT:
            return False
        return bool(super().is_reauthentication_required(app=app, **how))

    def get_signup_redirect_url(self, request: HttpRequest) -> str:
        user: Any = request.user
        return reverse("name_yourself" if user.person_id is None else "my_data")

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """Officers begin at their desk, citizens at their data."""
        user: Any = request.user
        desks = doors.entries(user, "staff")
        return (
            desks[0]["url"]
            if desks
            else reverse("my_account" if user.person_id is None else "my_data")
        )

    def add_message(self, request: HttpRequest, level: int, *rest: Any, **how: Any) -> None:
        """allauth's messages are English templates; ours stand on the pages themselves."""
        if how.get("message"):
            super().add_message(request, level, *rest, **how)

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        """Attempts count per account, whatever name for it is typed (NIK, phone, e-mail, user name)."""
        login = str(
            credentials.get("email")
            or credentials.get("phone")
            or credentials.get("username")
            or ""
        ).strip()
        user = self.get_user_by_phone(login) or backends.account_of_nik(login)
        user = user or User.objects.filter(username__iexact=login).first()
        if user is None:
            address = EmailAddress.objects.filter(email__iexact=login).first()
            user = address.user if address else None
        return f"account:{user.pk}" if user else f"typed:{login.lower()}"


class EmailStage(EmailVerificationStage):
    """An e-mail address must be confirmed where it is the only way to reach the account."""

    def handle(self) -> Any:
        user: Any = self.login.user
        if user is not None and (user.phone_verified or not user.email):
            return None, True
        return super().handle()  # type: ignore[no-untyped-call]


class MfaAdapter(DefaultMFAAdapter):
    """Secrets of the second factor lie sealed, as NIKs do."""

    def encrypt(self, text: str) -> str:
        return sealing.seal(text, context="mfa").hex()

    def decrypt(self, encrypted_text: str) -> str:
        return sealing.unseal(bytes.fromhex(encrypted_text), context="mfa")

    def get_totp_issuer(self) -> str:
        return f"Kartini {settings.REGENCY_NAME}"

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        host = self.request.get_host().partition(":")[0]
        return {"id": host, "name": self.get_totp_issuer()}


class SocialAdapter(DefaultSocialAccountAdapter):
    """Log-in by an identity provider that the deployment configured (OIDC)."""

    def populate_user(self, request: HttpRequest, sociallogin: Any, data: dict[str, Any]) -> Any:
        user = super().populate_user(request, sociallogin, data)
        user.username = ""  # ours, not the provider's: there may be another of that name here
        user.full_name = (data.get("name") or "").strip()[:200]
        return user
