"""Asking for a grant, deciding on one, and looking for some."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kartini.contracts import Purpose
from kartini.exchange import published, registry
from kartini.exchange.models import Grant
from kartini.people import words
from kartini.systems.console.forms import day_field

BASES = [
    ("a", _("a. explicit consent of the person")),
    ("b", _("b. an agreement with the person")),
    ("c", _("c. a legal duty of the controller")),
    ("d", _("d. vital interests of the person")),
    ("e", _("e. a task in the public interest or of public office")),
    ("f", _("f. another legitimate interest, weighed against the person's")),
]


def optional_fields(contract: str) -> list[str]:
    """What a grant may withhold from an answer or a fact; what it cannot do without is not among them."""
    query = published.queries().get(contract) or registry.queries.get(contract)
    kind = query.answer_type() if query else published.events().get(contract)
    if kind is None:
        return []
    fields = kind.model_fields
    return [name for name, field in fields.items() if not field.is_required()]


def choices(names: Iterable[str]) -> list[tuple[str, str]]:
    """Fields to tick: the human name first, the code behind it."""
    titles = ((name, words.of_field(name)) for name in names)
    return [(name, f"{title} ({name})" if title else name) for name, title in titles]


def _not_past(day: Any) -> Any:
    if day is not None and day < timezone.localdate():
        raise forms.ValidationError(_("This day has passed."))
    return day


class AskForm(forms.Form):
    """One question or event, for one purpose."""

    purpose = forms.ChoiceField(
        label=_("What for"),
        help_text=_("Citizens read it beside their data. Your own words come below."),
    )
    need = forms.CharField(
        label=_("What you need it for, in your own words"),
        max_length=1000,
        widget=forms.Textarea({"rows": 3}),
        help_text=_("The owner of the data decides by this. Two or three sentences are enough."),
    )
    basis_letter = forms.ChoiceField(
        label=_("Legal basis by article 20 (2) of UU 27/2022"),
        choices=BASES,
        widget=forms.RadioSelect,
    )
    basis = forms.CharField(
        label=_("Regulation"),
        max_length=250,
        help_text=_("Which law, regulation or agreement, with article. Citizens read it."),
    )
    fields_wanted = forms.MultipleChoiceField(
        label=_("Fields that you need"),
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Tick only what you need: fewer fields are granted sooner."),
    )
    per_minute = forms.IntegerField(
        label=_("Calls a minute at most"), min_value=1, max_value=100_000, initial=60
    )
    until = day_field(label=_("Needed until"), help_text=_("A grant ends by itself on this day."))

    def __init__(self, *args: Any, contract: str, **how: Any) -> None:
        super().__init__(*args, **how)
        purposes: Any = self.fields["purpose"]
        named = [(one.value, words.of_purpose(one)) for one in Purpose]
        purposes.choices = [("", _("Choose the nearest one")), *named]
        wanted: Any = self.fields["fields_wanted"]
        wanted.choices = choices(optional_fields(contract))
        if not wanted.choices:
            del self.fields["fields_wanted"]

    def clean_until(self) -> Any:
        return _not_past(self.cleaned_data["until"])

    def wanted(self) -> dict[str, Any]:
        """In the words of ``services.grants.ask``."""
        said = dict(self.cleaned_data)
        letter = said["basis_letter"]
        law = f"UU 27/2022 Pasal 20 ayat (2) huruf {letter}: {said['basis']}"
        said["fields"] = said.pop("fields_wanted", [])
        return {**said, "basis": law[:300]}


class ChooseForm(forms.Form):
    """Which system asks, and for what."""

    sistem = forms.ChoiceField(label=_("System"))
    layanan = forms.ChoiceField(label=_("Question or event"))

    def __init__(self, *args: Any, systems: Any, **how: Any) -> None:
        super().__init__(*args, **how)
        asking: Any = self.fields["sistem"]
        asking.choices = [(one.code, f"{one.title} ({one.code})") for one in systems]
        offered: Any = self.fields["layanan"]
        offered.choices = [
            (_("Questions"), _called(published.queries())),
            (_("Events"), _called(published.events())),
        ]


def _called(names: Iterable[str]) -> list[tuple[str, str]]:
    """What each means, its name behind it."""
    meant = ((name, words.of_contract(name)) for name in names)
    named = ((name, f"{title} ({name})" if title else name) for name, title in meant)
    return sorted(named, key=lambda pair: pair[1].casefold())


class DecisionForm(forms.Form):
    """Knows the grant that is decided on."""

    def __init__(self, *args: Any, grant: Grant, **how: Any) -> None:
        super().__init__(*args, **how)
        self.grant = grant


class ApproveForm(DecisionForm):
    valid_until = day_field(
        label=_("Valid until"),
        required=False,
        help_text=_(
            "Without a day it holds until the day that was asked for, or until you end it."
        ),
    )

    def clean_valid_until(self) -> Any:
        return _not_past(self.cleaned_data["valid_until"])


class ReasonForm(DecisionForm):
    """For a refusal and for an end: the asker reads the reason."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=500,
        help_text=_("The system that asked reads this."),
        widget=forms.Textarea({"rows": 3}),
    )


class NarrowForm(ApproveForm, ReasonForm):
    """Fewer fields, a rate, an end."""

    fields_kept = forms.MultipleChoiceField(
        label=_("Fields that may be seen"),
        widget=forms.CheckboxSelectMultiple,
        help_text=_("What is not ticked is withheld."),
    )
    per_minute = forms.IntegerField(
        label=_("Calls a minute at most"),
        required=False,
        min_value=1,
        max_value=100_000,
        help_text=_("Empty: as many as were asked for."),
    )
    field_order = ["fields_kept", "per_minute", "valid_until", "reason"]

    def __init__(self, *args: Any, grant: Grant, **how: Any) -> None:
        now = {
            "fields_kept": grant.fields or optional_fields(grant.contract),
            "per_minute": grant.per_minute,
            "valid_until": grant.valid_until,
        }
        super().__init__(*args, grant=grant, initial=now, **how)
        field: Any = self.fields["fields_kept"]
        names = grant.asked_fields or optional_fields(grant.contract)
        field.choices = choices(names)
        if grant.asked_fields:
            field.help_text = _("Only what was asked for can be granted.")
        if not field.choices:
            del self.fields["fields_kept"]

    def clean_per_minute(self) -> Any:
        return self.cleaned_data["per_minute"] or self.grant.asked_per_minute

    def clean_valid_until(self) -> Any:
        return super().clean_valid_until() or self.grant.asked_until


class GrantFilterForm(forms.Form):
    """Which grants. What makes no sense filters nothing. ``members``: those whose systems hold or asked for one."""

    q = forms.CharField(label=_("Search"), required=False, max_length=100)
    member = forms.ChoiceField(label=_("Asked by"), required=False)
    state = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, members: dict[str, str], **how: Any) -> None:
        super().__init__(*args, **how)
        field: Any = self.fields["member"]
        field.choices = [("", _("All")), *sorted(members.items(), key=lambda pair: pair[1])]
