"""What an officer fills in when deciding on a grant, and the filters of the log."""

from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kartini.exchange import registry
from kartini.exchange.models import Grant, Subsystem


def _day(**how: Any) -> forms.DateField:
    return forms.DateField(widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"), **how)


class DecisionForm(forms.Form):
    """Knows the grant that is decided on."""

    def __init__(self, *args: Any, grant: Grant, **how: Any) -> None:
        super().__init__(*args, **how)
        self.grant = grant


class ApproveForm(DecisionForm):
    valid_until = _day(
        label=_("Valid until"),
        required=False,
        help_text=_("Without a day it holds until you end it."),
    )

    def clean_valid_until(self) -> Any:
        day = self.cleaned_data["valid_until"]
        if day is not None and day < timezone.localdate():
            raise forms.ValidationError(_("This day has passed."))
        return day


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
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None ticked means the whole answer."),
    )
    per_minute = forms.IntegerField(
        label=_("Calls a minute at most"), required=False, min_value=1, max_value=100_000
    )
    field_order = ["fields_kept", "per_minute", "valid_until", "reason"]

    def __init__(self, *args: Any, grant: Grant, **how: Any) -> None:
        super().__init__(*args, grant=grant, **how)
        field: Any = self.fields["fields_kept"]
        field.choices = [(name, name) for name in optional_fields(grant.contract)]
        if not field.choices:
            del self.fields["fields_kept"]


def optional_fields(contract: str) -> list[str]:
    """What a grant may withhold from the answer; what an answer cannot do without is not among them."""
    query = registry.queries.get(contract)
    if query is None:
        return []
    fields = query.answer_type().model_fields
    return [name for name, field in fields.items() if not field.is_required()]


class LogFilterForm(forms.Form):
    """Which messages. What makes no sense filters nothing."""

    asker = forms.ChoiceField(label=_("Asked by"), required=False)
    outcome = forms.ChoiceField(
        label=_("Outcome"),
        required=False,
        choices=[
            ("", _("All")),
            ("answered", _("Answered")),
            ("failed", _("Refused or failed")),
        ],
    )
    method = forms.ChoiceField(
        label=_("Kind"),
        required=False,
        choices=[("", _("All")), ("ASK", _("Questions")), ("EVENT", _("Events"))],
    )
    day = _day(label=_("Day"), required=False)
    request = forms.CharField(label=_("Number"), required=False, max_length=64)

    def __init__(self, *args: Any, **how: Any) -> None:
        super().__init__(*args, **how)
        field: Any = self.fields["asker"]
        systems = Subsystem.objects.order_by("title")
        field.choices = [("", _("All")), *((str(one), one.title) for one in systems)]

    def wanted(self) -> dict[str, Any]:
        """In the words of ``log.search``."""
        self.is_valid()
        said = self.cleaned_data
        found: dict[str, Any] = {"client": said.get("asker"), "method": said.get("method")}
        if said.get("outcome"):
            found["failed"] = said["outcome"] == "failed"
        if said.get("day"):
            begin = timezone.make_aware(datetime.combine(said["day"], time.min))
            found |= {"since": begin, "until": begin + timedelta(days=1)}
        return found
