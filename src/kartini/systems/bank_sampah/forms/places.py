"""When a waste bank weighs, and to whom the banks sell."""

from datetime import time
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from kartini.systems.bank_sampah.models import Buyer, Unit
from kartini.systems.bank_sampah.models.units import WEEKDAYS


class HoursForm(forms.Form):
    """From and until, day by day; a day that stays empty is closed."""

    def __init__(self, *args: Any, unit: Unit, **kwargs: Any) -> None:
        now = {hours.weekday: hours for hours in unit.hours.order_by("-from_time")}
        super().__init__(*args, **kwargs)
        for day, _name in WEEKDAYS:
            known = now.get(day)
            for end, at in (
                ("from", known and known.from_time),
                ("until", known and known.until_time),
            ):
                widget = forms.TimeInput({"type": "time"}, format="%H:%M")
                self.fields[f"{end}{day}"] = forms.TimeField(
                    required=False, widget=widget, initial=at
                )

    def rows(self) -> list[tuple[Any, Any, Any]]:
        return [(name, self[f"from{day}"], self[f"until{day}"]) for day, name in WEEKDAYS]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        for day, _name in WEEKDAYS:
            begin, end = cleaned.get(f"from{day}"), cleaned.get(f"until{day}")
            if bool(begin) != bool(end) or (begin and end and end <= begin):
                self.add_error(f"until{day}", _("Write from and until; until comes later."))
        return cleaned

    def hours(self) -> list[tuple[int, time, time]]:
        cleaned = self.cleaned_data
        return [
            (day, cleaned[f"from{day}"], cleaned[f"until{day}"])
            for day, _name in WEEKDAYS
            if cleaned[f"from{day}"]
        ]


class BuyerForm(forms.ModelForm):  # type: ignore[type-arg]
    """A collector."""

    class Meta:
        model = Buyer
        fields = ("name", "phone")
