"""Words in, clean data out: the counter and the administrators."""

from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kartini.exchange import registry
from kartini.kit.forms import DatePartsField
from kartini.people import phones, roles, rules
from kartini.people.fields import NikField
from kartini.people.forms import PASSWORD_HINT
from kartini.people.models import Organisation, Role, User

HOLDER = "holder"


class AddressField(forms.CharField):
    """A WhatsApp number or an e-mail address."""

    def __init__(self, **how: Any) -> None:
        widget = forms.TextInput({"class": "input--medium", "autocomplete": "off"})
        super().__init__(max_length=254, widget=widget, **how)

    def clean(self, value: Any) -> str:
        text = super().clean(value)
        if not text or "@" in text:
            return str(forms.EmailField(required=self.required).clean(text)).lower()
        try:
            return phones.clean(text)
        except phones.NoPhone:
            raise ValidationError(
                _("Enter a WhatsApp number or an e-mail address."), code="invalid"
            ) from None


class ReasonField(forms.CharField):
    def __init__(self, **how: Any) -> None:
        how.setdefault("label", _("Reason"))
        super().__init__(max_length=400, widget=forms.Textarea({"rows": 3}), **how)


class SettleForm(forms.Form):
    """What the officer reads from the identity card, and the decision."""

    GIVE, REFUSE = "give", "refuse"
    decision = forms.ChoiceField(
        label=_("Decision"),
        choices=[(GIVE, _("Connect the account")), (REFUSE, _("Refuse"))],
        widget=forms.RadioSelect,
    )
    nik = NikField(
        label=_("NIK on the card"), required=False, help_text=_("Needed to connect the account.")
    )
    name = forms.CharField(label=_("Name on the card"), max_length=200, required=False)
    birth_on = DatePartsField(label=_("Birth date on the card"), required=False)
    reason = ReasonField(help_text=_("What you saw, and why you decide so. It stays on the trail."))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("decision") == self.GIVE:
            for name in ("nik", "name", "birth_on"):
                if not cleaned.get(name) and name not in self.errors:
                    self.add_error(name, _("Read it from the card."))
        return cleaned


class HelpInForm(forms.Form):
    """A citizen stands at the counter, without phone and e-mail, with the identity card."""

    nik = NikField(label=_("NIK on the card"))
    birth_on = DatePartsField(label=_("Birth date on the card"))
    address = AddressField(
        label=_("New WhatsApp number or e-mail"),
        help_text=_("A link to set a password goes there."),
    )
    forget_factors = forms.BooleanField(label=_("The second factor is lost too"), required=False)


class NewAccountForm(forms.Form):
    """An officer's account. The link to set a password goes to the address."""

    full_name = forms.CharField(label=_("Name with titles"), max_length=200)
    username = forms.SlugField(
        label=_("User name"), max_length=40, help_text=_("Small letters, digits, dashes.")
    )
    address = AddressField(label=_("WhatsApp number or office e-mail"))

    def clean_username(self) -> str:
        name = str(self.cleaned_data["username"]).lower()
        if name.startswith("w-") or User.objects.filter(username__iexact=name).exists():
            raise ValidationError(_("This name is taken. Choose another."), code="taken")
        return name


class PasswordForm(forms.Form):
    """The first password, by the link."""

    password = forms.CharField(
        label=_("New password"),
        strip=False,
        help_text=PASSWORD_HINT,
        widget=forms.PasswordInput({"autocomplete": "new-password"}),
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_password(self) -> str:
        password = str(self.cleaned_data["password"])
        validate_password(password, self.user)
        return password


class RoleForm(forms.Form):
    """A role: what, where, from when, until when, and whether as an acting official."""

    kind = forms.ChoiceField(label=_("Role"))
    organisation = forms.ModelChoiceField(
        label=_("Organisation"), queryset=Organisation.objects.none(), empty_label=None
    )
    place_code = forms.CharField(
        label=_("Area of duty"),
        required=False,
        max_length=13,
        validators=[RegexValidator(r"^[0-9]{2}(\.[0-9]{2}){0,2}(\.[0-9]{4})?$")],
        help_text=_(
            "Kemendagri code: 33.20.11 is a kecamatan with its villages. Empty: everywhere."
        ),
        widget=forms.TextInput({"class": "input--short"}),
    )
    title = forms.CharField(label=_("Title of the post"), required=False, max_length=120)
    acting = forms.ChoiceField(
        label=_("Capacity"),
        choices=[(value or HOLDER, title) for value, title in Role.Acting.choices],
    )
    from_on = forms.DateField(
        label=_("First day"), widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d")
    )
    until_on = forms.DateField(
        label=_("Last day"),
        required=False,
        help_text=_("An acting official needs one."),
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
    )

    def __init__(self, *args: Any, by: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kind: Any = self.fields["kind"]
        kind.choices = kind_choices()
        organisation: Any = self.fields["organisation"]
        organisation.queryset = rules.organisations_of(by)
        self.fields["from_on"].initial = timezone.localdate()
        for name in ("from_on", "until_on"):
            self.fields[name].widget.attrs["class"] = "input--medium"

    def clean_acting(self) -> str:
        return str(self.cleaned_data["acting"]).removeprefix(HOLDER)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        first, last = cleaned.get("from_on"), cleaned.get("until_on")
        if cleaned.get("acting") and not last and "until_on" not in self.errors:
            self.add_error("until_on", _("An acting official is appointed until a day."))
        if first and last and last < first:
            self.add_error("until_on", _("The last day lies before the first."))
        if last and last < timezone.localdate():
            self.add_error("until_on", _("The last day lies in the past."))
        return cleaned


def kind_choices() -> list[tuple[Any, list[tuple[str, Any]]]]:
    """All kinds of role, grouped by the system that defines them."""
    groups: dict[str, list[tuple[str, Any]]] = {}
    for code, kind in sorted(roles.kinds.items()):
        groups.setdefault(code.partition(".")[0], []).append((code, kind.title))
    titles = {code: known.title for code, known in registry.subsystems.items()}
    return [(titles.get(system, system), found) for system, found in groups.items()]


class OrganisationForm(forms.Form):
    """An organisation; its code is chosen once."""

    code = forms.CharField(
        label=_("Code"),
        validators=[RegexValidator(r"^[a-z][a-z0-9-]{1,39}$")],
        help_text=_(
            "Small letters, digits, dashes. The member code on the exchange; it never changes."
        ),
        widget=forms.TextInput({"class": "input--medium"}),
    )
    name = forms.CharField(label=_("Name"), max_length=200)
    short_name = forms.CharField(label=_("Short name"), max_length=60)
    kind = forms.ChoiceField(label=_("Kind"), choices=Organisation.Kind.choices)
    address = forms.CharField(label=_("Address"), max_length=300, required=False)
    phone = forms.CharField(label=_("Phone"), max_length=30, required=False)
    active = forms.BooleanField(label=_("Takes part"), required=False, initial=True)

    def __init__(self, *args: Any, known: Organisation | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if known is not None:
            del self.fields["code"]
            self.initial = {name: getattr(known, name) for name in self.fields}

    def clean_code(self) -> str:
        code = str(self.cleaned_data["code"])
        if Organisation.objects.filter(code=code).exists():
            raise ValidationError(_("This code is taken."), code="taken")
        return code


class ReasonForm(forms.Form):
    """A deed that needs a reason and a second look."""

    reason = ReasonField(help_text=_("It stays on the trail."))
