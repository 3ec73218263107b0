"""Filters and questions of the pages about one's own data."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from kartini.people import traces, words


class TraceFilterForm(forms.Form):
    """Which lines of the trail. What makes no sense filters nothing."""

    instansi = forms.ChoiceField(label=_("Agency"), required=False)
    jenis = forms.ChoiceField(
        label=_("Kind"),
        required=False,
        choices=[
            ("", _("All")),
            (traces.ASKED, _("Asked by a system")),
            (traces.LOOKED, _("Opened by an officer")),
        ],
    )
    sejak = forms.DateField(
        label=_("Since"),
        required=False,
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = sorted(words.agencies().items(), key=lambda pair: pair[1].lower())
        field: Any = self.fields["instansi"]
        field.choices = [("", _("All agencies")), *names]

    def wanted(self) -> traces.Filter:
        self.is_valid()
        said = self.cleaned_data
        return traces.Filter(said.get("instansi", ""), said.get("jenis", ""), said.get("sejak"))


class QuestionForm(forms.Form):
    question = forms.CharField(
        label=_("Your question"),
        help_text=_("For example: why did you need this, and who saw the answer?"),
        max_length=1000,
        widget=forms.Textarea({"rows": 5}),
    )


class AnswerForm(forms.Form):
    answer = forms.CharField(
        label=_("The answer"),
        help_text=_(
            "In plain words: who, what for, on which basis; and what happens if it was wrong."
        ),
        max_length=4000,
        widget=forms.Textarea({"rows": 8}),
    )
