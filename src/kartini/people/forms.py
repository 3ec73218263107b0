"""Words in, clean data out: signing up, signing in, getting back in, naming oneself."""

from datetime import date
from typing import Any

from allauth.account import forms as allauth_forms
from allauth.account.adapter import get_adapter
from allauth.core import context, ratelimit
from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.urls import reverse_lazy
from django.utils import timezone
from django.utils.functional import lazy
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from kartini.kit.forms import DatePartsField
from kartini.people import identity, phones, sealing, signup
from kartini.people.fields import NikField

PASSWORD_HINT = _(
    "At least 8 characters, not only digits. Three or four words are easy to remember."
)
NOT_MATCHED = _(
    "We could not match this NIK and this birth date. Compare both with your identity card (KTP). "
    "If they are right, come to a service counter with it."
)


ADULT = 17  # the age of the KTP (from memory, to be verified); a child's data need the parents: UU 27/2022 Pasal 25


def _age(born: date, today: date) -> int:
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))


def _plain(form: forms.Form) -> None:
    """Labels stand above the field; a placeholder would only repeat them."""
    for field in form.fields.values():
        field.widget.attrs.pop("placeholder", None)


class IdentityFields(forms.Form):
    """NIK and birth date, compared with Dukcapil. ``checked`` holds what came back."""

    nik = NikField(label=_("NIK"), help_text=_("16 digits, as on your identity card (KTP)."))
    birth_on = DatePartsField(label=_("Birth date"), help_text=_("For example 22 4 1995."))
    checked: identity.Checked | None = None

    def check_identity(self) -> None:
        """Ask only when everything else is right: every question stands in a log for ever."""
        if self.errors:
            return
        nik, birth_on = self.cleaned_data["nik"], self.cleaned_data["birth_on"]
        if not ratelimit.consume(context.request, action="identity", key=sealing.index(nik)):
            raise get_adapter().validation_error("too_many_login_attempts")
        user = getattr(context.request, "user", None)
        by = user if user is not None and user.is_authenticated else None
        self.checked = identity.check(nik=nik, birth_on=birth_on, by=by)
        if self.checked.outcome is identity.Outcome.DISAGREES:
            raise ValidationError(NOT_MATCHED, code="not_matched")

    def clean_birth_on(self) -> Any:
        born = self.cleaned_data["birth_on"]
        if born > timezone.localdate():
            raise ValidationError(_("A birth date does not lie in the future."), code="future")
        if _age(born, timezone.localdate()) < ADULT:
            raise ValidationError(
                _(
                    "Accounts are for those who are old enough for a KTP (17). A parent acts for a child."
                ),
                code="child",
            )
        return born


class IdentityForm(IdentityFields):
    """A signed-in account without a person names its NIK."""

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        self.check_identity()
        return cleaned


class SignupForm(allauth_forms.SignupForm, IdentityFields):
    """A citizen makes an account: who, where to reach, which password."""

    field_order = ["nik", "birth_on", "phone", "email", "password1"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["phone"].label = _("WhatsApp number")
        self.fields["phone"].help_text = _("We send a code to it, and news about your requests.")
        self.fields["email"].required = False
        self.fields["email"].label = _("E-mail")
        self.fields["email"].widget.attrs["class"] = "input--medium"
        self.fields["email"].help_text = _("Give a WhatsApp number or an e-mail address, or both.")
        self.fields["password1"].label = _("Password")
        self.fields["password1"].help_text = PASSWORD_HINT
        _plain(self)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean()
        if "phone" in cleaned and "email" in cleaned and not (cleaned["phone"] or cleaned["email"]):
            self.add_error("phone", _("Give a WhatsApp number or an e-mail address."))
        self.check_identity()
        return cleaned

    def save(self, request: HttpRequest) -> Any:
        user: Any = super().save(request)
        if self.checked is not None:
            nik, birth_on = self.cleaned_data["nik"], self.cleaned_data["birth_on"]
            signup.keep(request, user=user, nik=nik, birth_on=birth_on, checked=self.checked)
        return user


def _forgotten() -> str:
    return format_html(
        '<a href="{}">{}</a>', reverse_lazy("account_reset_password"), _("Forgot it?")
    )


class LoginForm(allauth_forms.LoginForm):
    """NIK, phone, e-mail or user name; and a password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].label = _("NIK, phone number or e-mail")
        self.fields["login"].widget.attrs.update(autocomplete="username", maxlength="254")
        self.fields["password"].label = _("Password")
        self.fields["password"].help_text = lazy(_forgotten, str)()
        _plain(self)


class ResetPasswordForm(allauth_forms.ResetPasswordForm):
    """Getting back in by the confirmed phone number or the e-mail address; the answer never says who exists."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"] = forms.CharField(
            label=_("WhatsApp number or e-mail"),
            max_length=254,
            widget=forms.TextInput({"autocomplete": "username", "class": "input--medium"}),
        )

    def clean_email(self) -> str:
        typed = self.cleaned_data["email"].strip()
        if "@" in typed:
            self.cleaned_data["email"] = forms.EmailField().clean(typed)
            return str(super().clean_email())
        try:
            number = phones.clean(typed)
        except phones.NoPhone:
            raise ValidationError(
                _("Enter a WhatsApp number or an e-mail address."), code="invalid"
            ) from None
        user = get_adapter().get_user_by_phone(number)
        self.users = [user] if user and user.is_active else []
        return number


class ReauthenticateForm(allauth_forms.ReauthenticateForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password"].label = _("Password")
        self.fields["password"].help_text = lazy(_forgotten, str)()
        _plain(self)


class ChangePasswordForm(allauth_forms.ChangePasswordForm):
    """The new password is typed once: whoever mistypes it gets back in by phone or e-mail."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _one_new_password(self)
        self.fields["oldpassword"].label = _("Present password")
        self.fields["oldpassword"].help_text = lazy(_forgotten, str)()


class SetPasswordForm(allauth_forms.SetPasswordForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _one_new_password(self)


class ResetPasswordKeyForm(allauth_forms.ResetPasswordKeyForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _one_new_password(self)


def _one_new_password(form: forms.Form) -> None:
    form.fields.pop("password2", None)
    form.fields["password1"].label = _("New password")
    form.fields["password1"].help_text = PASSWORD_HINT
    _plain(form)


class _CodeForm:
    """The code of six digits."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, forms.Field] = self.fields  # type: ignore[attr-defined]
        fields["code"].label = _("Code")
        fields["code"].widget.attrs.update({"inputmode": "numeric", "class": "input--short"})
        fields["code"].widget.attrs.pop("placeholder", None)


class VerifyPhoneForm(_CodeForm, allauth_forms.VerifyPhoneForm):
    pass


class ConfirmEmailForm(_CodeForm, allauth_forms.ConfirmEmailVerificationCodeForm):
    pass


class ConfirmResetForm(_CodeForm, allauth_forms.ConfirmPasswordResetCodeForm):
    pass


class ChangePhoneForm(allauth_forms.ChangePhoneForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["phone"].label = _("New WhatsApp number")


class ChangeEmailForm(allauth_forms.AddEmailForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].label = _("New e-mail address")
        self.fields["email"].widget.attrs["class"] = "input--medium"
        _plain(self)
