"""The address of a system that may take over."""

from django import forms
from django.utils.translation import gettext_lazy as _


class PrepareForm(forms.Form):
    url = forms.CharField(
        label=_("Address"),
        max_length=200,
        help_text=_("Where the other system answers this question: https://…"),
    )
    milliseconds = forms.IntegerField(
        label=_("Time limit in milliseconds"), min_value=100, max_value=60_000, initial=5000
    )


class ThrowForm(forms.Form):
    reason = forms.CharField(
        label=_("Reason"),
        max_length=300,
        required=False,
        help_text=_("Needed only where the check was not passed."),
    )
