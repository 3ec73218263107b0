"""Words in, clean data out."""

from datetime import date
from typing import Any, cast

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from kartini.kit.forms import DatePartsField
from kartini.people.models import Organisation
from kartini.systems.command_center.models import Target

SHOW = {
    "urgent": _("Late or due soon"),
    "late": _("Late"),
    "soon": _("Due soon"),
    "assigned": _("Put into somebody's hands"),
    "open": _("All open applications"),
}


class FilterForm(forms.Form):
    """The list's filter, as it stands in the address."""

    tampil = forms.ChoiceField(label=_("Show"), choices=list(SHOW.items()), required=False)
    lembaga = forms.ChoiceField(label=_("Whose turn"), required=False)

    def __init__(self, *args: Any, agencies: dict[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice = cast(forms.ChoiceField, self.fields["lembaga"])
        choice.choices = [("", _("All agencies")), *agencies.items()]

    def chosen(self, name: str, otherwise: str) -> str:
        """A filter that makes no sense is no filter."""
        self.is_valid()
        return str(self.cleaned_data.get(name) or otherwise)


class AssignForm(forms.Form):
    """An owner and a deadline."""

    owner = forms.ModelChoiceField(Organisation.objects.none(), label=_("Agency that acts"))
    due_on = DatePartsField(
        label=_("Until"),
        help_text=_("The day on which the applicant has a decision."),
    )
    note = forms.CharField(
        label=_("Note"),
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("What stands in the way, and what was agreed. No names of applicants."),
    )
    seen = forms.IntegerField(min_value=0, max_value=10_000, widget=forms.HiddenInput)

    def __init__(
        self, *args: Any, owners: QuerySet[Organisation], today: date, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        cast(forms.ModelChoiceField[Organisation], self.fields["owner"]).queryset = owners
        self.today = today

    def clean_due_on(self) -> date:
        due_on: date = self.cleaned_data["due_on"]
        if due_on < self.today:
            raise forms.ValidationError(_("This day is past. Choose today or a later day."))
        if due_on.year > self.today.year + 1:
            raise forms.ValidationError(_("This day is too far away."))
        return due_on


class ScreenForm(forms.Form):
    """A screen on a wall."""

    name = forms.CharField(
        label=_("Where the screen hangs"),
        max_length=80,
        help_text=_("For example: lobby of the Setda building."),
    )
    valid_until = DatePartsField(label=_("Until"))


class TargetForm(forms.Form):
    """What a figure should reach, and on whose word."""

    key = forms.ChoiceField(label=_("Figure"), choices=Target.Key.choices)
    value = forms.DecimalField(
        label=_("Target"), min_value=0, max_value=999_999, max_digits=7, decimal_places=1
    )
    basis = forms.CharField(
        label=_("Basis"),
        max_length=200,
        help_text=_("The decree or agreement that sets it. An assumption is called so."),
    )
