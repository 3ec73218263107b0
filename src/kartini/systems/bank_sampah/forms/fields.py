"""Fields that several forms of a waste bank share."""

from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from kartini.kit.ids import new_id
from kartini.systems.bank_sampah.engine.weights import NotAWeight, grams

REASONS = {
    "letters": _("Write kilograms as a number, for example 2,5."),
    "negative": _("A weight cannot be below zero."),
    "ambiguous": _("Is this nine or nine thousand? Write 9,0 for nine kilograms."),
    "finer-than-a-gram": _("The scale shows grams at most: three digits after the comma."),
}
MOST_BAGS = 12


class WeightField(forms.CharField):
    """Kilograms as people write them; several bags with a plus: ``2,5 + 1,2``. Gives grams, bag by bag."""

    def __init__(self, **how: Any) -> None:
        attrs = {"class": "input--short", "inputmode": "text", "autocomplete": "off"}
        how.setdefault("widget", forms.TextInput(attrs))
        super().__init__(max_length=80, **how)

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        bags = [part for part in text.split("+") if part.strip()]
        if len(bags) > MOST_BAGS:
            raise ValidationError(_("At most 12 bags in one line."), "many")
        try:
            return [grams(bag) for bag in bags]
        except NotAWeight as fault:
            raise ValidationError(REASONS.get(fault.reason, REASONS["letters"]), "weight") from None


class OnceForm(forms.Form):
    """A form whose deed bears an id made with the page: sent twice, it is one deed."""

    deed = forms.UUIDField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("deed", new_id())

    @property
    def deed_id(self) -> UUID:
        given: UUID | None = self.cleaned_data.get("deed")
        return given or new_id()


class ReasonForm(forms.Form):
    """Why something is done; the database wants it too."""

    reason = forms.CharField(label=_("Reason"), max_length=200)
