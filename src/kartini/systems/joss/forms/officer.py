"""What officers fill in."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kartini.kit.forms import Choice, DatePartsField, RupiahField
from kartini.people.models import User
from kartini.systems.joss.forms.answers import AnswersForm
from kartini.systems.joss.services.verification import Finding


class TurnForm(forms.Form):
    """Every page at the desk says which state of the application it was opened on."""

    revision = forms.IntegerField(widget=forms.HiddenInput())

    def details(self) -> dict[str, Any]:
        """What the service takes besides application, account and moment."""
        return {k: v for k, v in self.cleaned_data.items() if k != "revision"}


class NoteForm(TurnForm):
    words = forms.CharField(
        label=_("Note"),
        help_text=_("The applicant sees it."),
        required=False,
        max_length=1000,
        widget=forms.Textarea({"rows": 3}),
    )


class ReturnForm(TurnForm):
    """The checklist: whatever gets words is a fault. All of it goes back at once."""

    def __init__(self, *args: Any, items: list[dict[str, str]], **how: Any) -> None:
        super().__init__(*args, **how)
        self.items = items
        for item in items:
            self.fields[f"{item['about']}-{item['code']}"] = forms.CharField(
                label=item["title"],
                help_text=item["value"],
                required=False,
                max_length=500,
                widget=forms.TextInput({"placeholder": _("What is missing or wrong?")}),
            )
        self.fields["other"] = forms.CharField(
            label=_("Something else"),
            required=False,
            max_length=500,
            widget=forms.Textarea({"rows": 2}),
        )
        self.fields["words"] = forms.CharField(
            label=_("Note to the applicant"),
            required=False,
            max_length=1000,
            widget=forms.Textarea({"rows": 2}),
        )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not self.errors and not list(self.findings()):
            raise forms.ValidationError(_("Say at least at one place what is missing or wrong"))
        return data

    def findings(self) -> Iterator[Finding]:
        for item in self.items:
            words = self.cleaned_data.get(f"{item['about']}-{item['code']}", "").strip()
            if words:
                yield Finding(item["about"], item["code"], words)
        if other := self.cleaned_data.get("other", "").strip():
            yield Finding("other", "", other)

    def details(self) -> dict[str, Any]:
        return {"findings": list(self.findings()), "words": self.cleaned_data["words"]}

    def grouped(self) -> list[tuple[str, list[Any]]]:
        """The fields of papers, of answers, and the rest, for the page."""
        about = {"paper": [], "field": []}  # type: dict[str, list[Any]]
        for item in self.items:
            about[item["about"]].append(self[f"{item['about']}-{item['code']}"])
        return [("paper", about["paper"]), ("field", about["field"])]


class RecommendForm(TurnForm):
    verdict = forms.ChoiceField(
        label=_("Technical recommendation"),
        choices=[
            ("issue", Choice(_("Recommend to issue"), _("Goes on to the next stage"))),
            ("refuse", Choice(_("Recommend to refuse"), _("Give reason and basis"))),
        ],
        widget=forms.RadioSelect(),
        error_messages={"required": _("Choose what you recommend")},
    )
    words = forms.CharField(
        label=_("Note"),
        help_text=_("The applicant sees it."),
        required=False,
        max_length=1000,
        widget=forms.Textarea({"rows": 3}),
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("verdict") == "refuse" and not data.get("words", "").strip():
            self.add_error("words", _("Say why"))
        return data


class SurveyPlanForm(TurnForm):
    surveyor = forms.ChoiceField(label=_("Surveyor"))
    on = DatePartsField(label=_("Day"))
    hour = forms.TimeField(
        label=_("Time"),
        input_formats=["%H:%M", "%H.%M"],
        widget=forms.TimeInput({"type": "time", "class": "input--short"}, format="%H:%M"),
    )
    note = forms.CharField(
        label=_("Note to the applicant"),
        help_text=_("What should be ready?"),
        required=False,
        max_length=500,
        widget=forms.Textarea({"rows": 2}),
    )

    def __init__(self, *args: Any, colleagues: list[User], now: datetime, **how: Any) -> None:
        super().__init__(*args, **how)
        self.people = {str(user.pk): user for user in colleagues}
        listed = [(key, str(user)) for key, user in self.people.items()]
        self.fields["surveyor"].choices = listed  # type: ignore[attr-defined]
        self.now = now

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("on") and data["on"] > self.now.date() + timedelta(days=366):
            self.add_error("on", _("That is too far ahead"))
        elif data.get("on") and (
            data["on"] < self.now.date() or (data.get("hour") and self._moment() <= self.now)
        ):
            self.add_error("on", _("That moment has passed"))
        return data

    def _moment(self) -> datetime:
        return moment(self.cleaned_data["on"], self.cleaned_data["hour"])

    def details(self) -> dict[str, Any]:
        return {
            "surveyor": self.people[self.cleaned_data["surveyor"]],
            "planned_for": self._moment(),
            "note": self.cleaned_data["note"],
        }


class SurveyForm(AnswersForm):
    """The questions of the type, when the visit was made, and photographs."""

    revision = forms.IntegerField(widget=forms.HiddenInput())
    made_on = DatePartsField(label=_("Day of the visit"))
    made_hour = forms.TimeField(
        label=_("Time of the visit"),
        input_formats=["%H:%M", "%H.%M"],
        widget=forms.TimeInput({"type": "time", "class": "input--short"}, format="%H:%M"),
    )

    def __init__(self, *args: Any, now: datetime, **how: Any) -> None:
        super().__init__(*args, **how)
        self.now = now

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if data.get("made_on") and data["made_on"] < self.now.date() - timedelta(days=366):
            self.add_error("made_on", _("That is too long ago"))
        elif data.get("made_on") and data.get("made_hour") and self.made_at() > self.now:
            self.add_error("made_on", _("That moment is still to come"))
        return data

    def made_at(self) -> datetime:
        return moment(self.cleaned_data["made_on"], self.cleaned_data["made_hour"])

    def details(self) -> dict[str, Any]:
        return {"findings": self.answers, "made_at": self.made_at()}


class AssessForm(TurnForm):
    amount_rupiah = RupiahField(label=_("Amount"), min_value=1, max_value=10**11)
    words = forms.CharField(
        label=_("How it was worked out"),
        help_text=_("For example 4 m² × 3 pieces × 20 days × rate. The applicant sees it."),
        max_length=1000,
        widget=forms.Textarea({"rows": 3}),
    )


class SignForm(TurnForm):
    """Signing. With a certified signature, NIK and passphrase are passed on and forgotten."""

    nik = forms.CharField(
        label=_("Your NIK"), max_length=16, widget=forms.TextInput({"autocomplete": "off"})
    )
    passphrase = forms.CharField(
        label=_("Passphrase of your certificate"),
        help_text=_("It is passed on to BSrE and kept nowhere."),
        max_length=200,
        strip=False,
        widget=forms.PasswordInput({"autocomplete": "off"}),
    )

    def __init__(self, *args: Any, needs_consent: bool, **how: Any) -> None:
        super().__init__(*args, **how)
        if not needs_consent:
            del self.fields["nik"], self.fields["passphrase"]


class RefuseForm(SignForm):
    words = forms.CharField(
        label=_("Reasons"),
        help_text=_("They stand in the letter word for word, followed by the way to object."),
        max_length=2000,
        widget=forms.Textarea({"rows": 5}),
        error_messages={"required": _("Say why")},
    )
    field_order = ["words", "nik", "passphrase"]


class AssignForm(forms.Form):
    officer = forms.ChoiceField(label=_("Hand to"))

    def __init__(self, *args: Any, colleagues: list[User], **how: Any) -> None:
        super().__init__(*args, **how)
        self.people = {str(user.pk): user for user in colleagues}
        listed = [(key, str(user)) for key, user in self.people.items()]
        self.fields["officer"].choices = listed  # type: ignore[attr-defined]

    @property
    def chosen(self) -> User:
        return self.people[self.cleaned_data["officer"]]


class ReasonForm(forms.Form):
    """Why a permit loses or regains its force."""

    words = forms.CharField(
        label=_("Reason"),
        help_text=_("Its holder is told, and the public page shows it."),
        max_length=500,
        widget=forms.Textarea({"rows": 3}),
        error_messages={"required": _("Say why")},
    )


def moment(day: date, hour: time) -> datetime:
    """A day and an hour in the regency's own time."""
    return timezone.make_aware(datetime.combine(day, hour))
