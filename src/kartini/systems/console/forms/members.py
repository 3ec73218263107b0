"""Members, their systems, and by what they prove themselves."""

from typing import Any

from django import forms
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

from kartini.exchange.models import Credential
from kartini.people.models import Organisation

CODE = RegexValidator(
    r"^[a-z0-9][a-z0-9-]{1,38}[a-z0-9]$", _("Small letters, digits and hyphens, 3 to 40.")
)


class RegisterForm(forms.Form):
    """A system of a member that is there, or of a new one, whose four fields are needed then."""

    organisation = forms.ModelChoiceField(
        Organisation.objects.filter(active=True).order_by("short_name"),
        label=_("Organisation"),
        required=False,
        empty_label=_("A new one, entered below"),
    )
    new_code = forms.CharField(
        label=_("Code of the new organisation"),
        max_length=40,
        required=False,
        validators=[CODE],
        help_text=_("It never changes: the organisation is known by it on the exchange."),
    )
    new_name = forms.CharField(label=_("Its full name"), max_length=200, required=False)
    new_short_name = forms.CharField(label=_("Its short name"), max_length=60, required=False)
    new_kind = forms.ChoiceField(
        label=_("Kind of organisation"), choices=Organisation.Kind, required=False, initial="COM"
    )
    code = forms.CharField(
        label=_("Code of the system"),
        max_length=40,
        validators=[CODE],
        help_text=_("For example simpus-sehat. It never changes."),
    )
    title = forms.CharField(label=_("Name of the system"), max_length=200)
    contact = forms.CharField(
        label=_("Whom to call"),
        max_length=200,
        help_text=_("Name with telephone or e-mail of the technician in charge."),
    )

    def __init__(self, *args: Any, **how: Any) -> None:
        super().__init__(*args, **how)
        listed: Any = self.fields["organisation"]
        listed.needed_when = _("the first line if it is not listed")
        for name in ("new_code", "new_name", "new_short_name", "new_kind"):
            field: Any = self.fields[name]
            field.needed_when = _("if it is not listed")

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or {}
        if said.get("organisation") is None and not self.errors.get("organisation"):
            for name in ("new_code", "new_name", "new_short_name"):
                if not said.get(name) and name not in self.errors:
                    self.add_error(name, _("Choose an organisation above, or fill this in."))
            code = said.get("new_code")
            if code and Organisation.objects.filter(pk=code).exists():
                self.add_error(
                    "new_code", _("This organisation is there already: choose it above.")
                )
        return said

    def facts(self) -> dict[str, Any]:
        said = self.cleaned_data
        return {
            "code": said["new_code"],
            "name": said["new_name"],
            "short_name": said["new_short_name"],
            "kind": said["new_kind"] or Organisation.Kind.COM,
        }


class SystemForm(forms.Form):
    title = forms.CharField(label=_("Name of the system"), max_length=200)
    contact = forms.CharField(label=_("Whom to call"), max_length=200, required=False)


class SuspendForm(forms.Form):
    reason = forms.CharField(label=_("Reason"), max_length=500, widget=forms.Textarea({"rows": 3}))


class SecretForm(forms.Form):
    """``once`` makes that a form that is sent twice makes one secret."""

    replaces = forms.ModelChoiceField(
        Credential.objects.none(),
        label=_("Replaces"),
        required=False,
        empty_label=_("None: one more beside those in force"),
        help_text=_("What is replaced goes on for 7 days, so that nobody is locked out."),
    )
    once = forms.RegexField(r"^[0-9a-f]{8}$", widget=forms.HiddenInput)

    def __init__(self, *args: Any, in_force: Any, **how: Any) -> None:
        super().__init__(*args, **how)
        field: Any = self.fields["replaces"]
        field.queryset = in_force
        field.label_from_instance = lambda one: one.pk
        if not in_force:
            del self.fields["replaces"]


class KeyForm(forms.Form):
    public = forms.CharField(
        label=_("Public key (Ed25519)"),
        max_length=200,
        widget=forms.Textarea({"rows": 2}),
        help_text=_(
            "32 bytes in base64, or the x of a JWK. The private key never leaves your system."
        ),
    )


class WebhookForm(forms.Form):
    url = forms.CharField(label=_("Address"), max_length=500, help_text="https://…")


class EndForm(forms.Form):
    when = forms.ChoiceField(
        label=_("When"),
        widget=forms.RadioSelect,
        initial="later",
        choices=[
            ("later", _("In 7 days, so that the other one can take over")),
            ("now", _("At once, because it became known to others")),
        ],
    )


class MemberFilterForm(forms.Form):
    """Which systems. What makes no sense filters nothing."""

    q = forms.CharField(label=_("Search"), required=False, max_length=100)
    kind = forms.ChoiceField(
        label=_("Class"), required=False, choices=[("", _("All")), *Organisation.Kind.choices]
    )
    where = forms.ChoiceField(
        label=_("Where it runs"),
        required=False,
        choices=[
            ("", _("All")),
            ("here", _("In this house")),
            ("outside", _("Outside")),
            ("suspended", _("Suspended")),
        ],
    )
