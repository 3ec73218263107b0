"""What an applicant fills in around the questions of the type."""

from datetime import date
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kartini.kit.forms import Affixed, DatePartsField
from kartini.systems.joss.engine.definition import PaperSpec
from kartini.systems.joss.forms.answers import PhoneField, village_field


class ContactForm(forms.Form):
    """Where to reach the applicant."""

    phone = PhoneField(
        label=_("WhatsApp number"),
        help_text=_("We send news at every stage to this number."),
        widget=Affixed("+62", {"inputmode": "tel", "autocomplete": "tel-national", "type": "tel"}),
        error_messages={"required": _("Enter your WhatsApp number")},
    )
    email = forms.EmailField(
        label=_("E-mail"),
        required=False,
        widget=forms.EmailInput({"class": "input--medium", "autocomplete": "email"}),
    )

    def clean_phone(self) -> str:
        phone: str = self.cleaned_data["phone"]
        if not 9 <= len(phone.removeprefix("+62")) <= 13 or not phone[1:].isdigit():
            raise forms.ValidationError(_("The number is not complete. For example: 812 3456 7890"))
        return phone


class HandForm(ContactForm):
    """Who applies, written by hand because Dukcapil did not confirm it."""

    name = forms.CharField(label=_("Full name"), help_text=_("As on your KTP."), max_length=200)
    birth_place = forms.CharField(label=_("Place of birth"), max_length=100, required=False)
    birth_on = DatePartsField(label=_("Date of birth"))
    address = forms.CharField(
        label=_("Address"), help_text=_("Street, number, RT and RW."), max_length=300
    )
    village_code = village_field(label=_("Village"))
    field_order = ["name", "birth_place", "birth_on", "address", "village_code", "phone", "email"]

    def clean_birth_on(self) -> date:
        day: date = self.cleaned_data["birth_on"]
        if not 0 <= (timezone.localdate() - day).days <= 130 * 366:
            raise forms.ValidationError(_("Check the date of birth"))
        return day

    def facts(self) -> dict[str, Any]:
        """The identity as the service takes it."""
        data = self.cleaned_data
        return {
            "name": data["name"],
            "birth_place": data["birth_place"],
            "birth_on": data["birth_on"].isoformat(),
            "address": data["address"],
            "village_code": data["village_code"],
        }


class UploadForm(forms.Form):
    """One paper: a new file, or one that the applicant has already."""

    file = forms.FileField(
        required=False,
        allow_empty_file=True,
        error_messages={"invalid": _("Choose a file and send it again.")},
    )
    reuse = forms.ChoiceField(label=_("Or use one that you sent before"), required=False)

    def __init__(
        self, data: Any, files: Any, *, spec: PaperSpec, language: str, vault: list[Any]
    ) -> None:
        super().__init__(data, files, prefix=spec.code)
        self.spec = spec
        self.fields["file"].label = spec.title.say(language)
        self.fields["file"].help_text = spec.hint.say(language)
        self.fields["file"].widget.attrs["accept"] = ",".join(spec.kinds)
        self.vault = {str(paper.pk): paper for paper in vault}
        if vault:
            listed = [("", "–")] + [(k, f"{p.label} ({p.name})") for k, p in self.vault.items()]
            self.fields["reuse"].choices = listed  # type: ignore[attr-defined]
        else:
            del self.fields["reuse"]

    @property
    def chosen(self) -> Any:
        """The paper from the vault, if one was chosen."""
        return self.vault.get(self.cleaned_data.get("reuse") or "")


class DeclareForm(forms.Form):
    true = forms.BooleanField(
        label=_("I declare that what I filled in is true"),
        help_text=_("I accept that the permit is revoked if it proves untrue."),
        error_messages={"required": _("Tick this if what you filled in is true")},
    )


class TrackForm(forms.Form):
    """A number and a PIN, however they were typed."""

    number = forms.CharField(
        label=_("Number of the application"),
        help_text=_("It stands on your receipt, for example JOSS-2026-001874."),
        max_length=40,
        widget=forms.TextInput({"autocapitalize": "characters", "autocomplete": "off"}),
        error_messages={"required": _("Enter the number of the application")},
    )
    pin = forms.CharField(
        label=_("PIN"),
        help_text=_("Six digits."),
        max_length=20,
        widget=forms.TextInput(
            {"class": "input--short", "inputmode": "numeric", "autocomplete": "off"}
        ),
        error_messages={"required": _("Enter the PIN")},
    )

    def clean_number(self) -> str:
        return "".join(self.cleaned_data["number"].split()).upper()

    def clean_pin(self) -> str:
        return "".join(c for c in self.cleaned_data["pin"] if c.isascii() and c.isdigit())


class WordsForm(forms.Form):
    """A message, or a reason."""

    words = forms.CharField(
        label=_("Message"),
        max_length=1000,
        widget=forms.Textarea({"rows": 3}),
        error_messages={"required": _("Write something first")},
    )


class WithdrawForm(forms.Form):
    words = forms.CharField(
        label=_("Reason"), max_length=500, required=False, widget=forms.Textarea({"rows": 2})
    )
