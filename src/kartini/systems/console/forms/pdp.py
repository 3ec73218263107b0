"""Retention and breaches."""

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kartini.systems.console.forms import day_field, moment_field
from kartini.systems.console.models import BreachTold, RetentionRule


class KeepingForm(forms.Form):
    """How long, from when, on which basis."""

    keep_days = forms.IntegerField(label=_("Days kept"), min_value=1, max_value=36_500)
    basis = forms.CharField(
        label=_("Basis"), max_length=300, help_text=_("The regulation or the archive schedule.")
    )
    from_on = day_field(label=_("From"), help_text=_("Today or later."))

    def clean_from_on(self) -> Any:
        day = self.cleaned_data["from_on"]
        if day < timezone.localdate():
            raise forms.ValidationError(_("A rule begins today or later."))
        return day


class RetentionForm(KeepingForm):
    kind = forms.ChoiceField(
        label=_("Data"),
        choices=[
            one
            for one in RetentionRule.Kind.choices
            if one[0] in {"facts", "tryouts", "credentials"}
        ],
    )
    field_order = ("kind",)


class ArchiveForm(KeepingForm):
    folder = forms.RegexField(
        r"^[a-z0-9][a-z0-9-]*$",
        label=_("Folder"),
        required=False,
        max_length=40,
        help_text=_(
            "Below the folder of archives; small letters, digits and hyphens. Empty: there."
        ),
    )


class BodiesForm(KeepingForm):
    keep_days = forms.IntegerField(label=_("Days kept"), min_value=0, max_value=3650)
    field_order = ("keep_days",)


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label=_("Reason"),
        max_length=300,
        help_text=_("No name and no NIK."),
        widget=forms.Textarea({"rows": 2}),
    )


class BreachForm(forms.Form):
    title = forms.CharField(
        label=_("What happened, in one line"),
        max_length=150,
        help_text=_("No name and no NIK."),
    )
    known_at = moment_field(
        label=_("Known since"), help_text=_("From this moment the 3×24 hours run.")
    )
    began_at = moment_field(label=_("Began"), required=False)
    personal_data = forms.CharField(
        label=_("Which personal data"), max_length=500, widget=forms.Textarea({"rows": 2})
    )
    persons = forms.IntegerField(
        label=_("How many persons, as far as known"),
        required=False,
        min_value=0,
        max_value=10_000_000,
    )
    cause = forms.CharField(
        label=_("When and how it came about"), max_length=2000, widget=forms.Textarea({"rows": 3})
    )
    measures = forms.CharField(
        label=_("What is done about it"), max_length=2000, widget=forms.Textarea({"rows": 3})
    )

    def clean_known_at(self) -> Any:
        return _not_tomorrow(self.cleaned_data["known_at"])

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or {}
        began, known = said.get("began_at"), said.get("known_at")
        if began and known and began > known:
            self.add_error("began_at", _("It cannot begin after it became known."))
        return said


class ToldForm(forms.Form):
    whom = forms.ChoiceField(label=_("Who was told"), choices=BreachTold.Whom)
    how = forms.CharField(
        label=_("By which means"),
        max_length=300,
        help_text=_("For example: letter number, e-mail, notice board."),
    )
    told_at = moment_field(label=_("When"))

    def clean_told_at(self) -> Any:
        return _not_tomorrow(self.cleaned_data["told_at"])


def _not_tomorrow(moment: Any) -> Any:
    if moment > timezone.now():
        raise forms.ValidationError(_("This moment has not come yet."))
    return moment
