"""A unit's name, place and permit; its limits; who works there."""

import re
from collections.abc import Mapping
from contextlib import suppress
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db.models import Q
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _

from kartini.kit.forms import Menu
from kartini.people import phones
from kartini.people.models import User
from kartini.places import names
from kartini.places.models import Place
from kartini.systems.bank_sampah import rules
from kartini.systems.bank_sampah.forms.fields import ReasonForm
from kartini.systems.bank_sampah.models import Terms, Unit

FAR_DEGREES = 0.15  # some 16 km: a slip of the hand, not another corner of the village
# a pin in a map's address, else two numbers with points, else two with commas
POINTS = tuple(
    re.compile(one)
    for one in (
        r"!3d(-?\d{1,2}\.\d+)!4d(-?\d{1,3}\.\d+)",
        r"(-?\d{1,2}\.\d+)\s*[,; ]\s*(-?\d{1,3}\.\d+)",
        r"(-?\d{1,2},\d+)\s*[,; ]\s*(-?\d{1,3},\d+)",
    )
)


class PointField(forms.CharField):
    """Latitude and longitude as a map gives them, or the map's whole address. Gives two numbers or ``None``."""

    def clean(self, value: Any) -> Any:
        text = super().clean(value).replace("−", "-")
        if not text:
            return None
        found = next((hit for one in POINTS if (hit := one.search(text))), None)
        if found is None:
            raise ValidationError(_("Write two numbers, for example -6.6123, 110.6789."), "point")
        lat, lng = (float(part.replace(",", ".")) for part in found.groups())
        return lat, lng


class AccountField(forms.CharField):
    """An account, by what only its owner would tell: a confirmed e-mail or telephone."""

    def clean(self, value: Any) -> Any:
        typed = super().clean(value)
        if not typed:
            return None
        with suppress(phones.NoPhone):
            typed = phones.clean(typed)
        by_mail = Q(emailaddress__email__iexact=typed, emailaddress__verified=True)
        known = by_mail | Q(phone=typed, phone_verified=True)
        found = User.objects.filter(known, is_active=True).distinct()[:2]
        if len(found) != 1:
            raise ValidationError(_("There is no account with this e-mail or telephone."))
        return found[0]


class UnitForm(forms.Form):
    """What the public page and the map say of a unit. A manager mends address and point, the parent bank all."""

    OF_THE_PARENT = ("name", "village_code", "decree_number", "decree_on")

    name = forms.CharField(label=_("Name"), max_length=120)
    village_code = forms.ChoiceField(label=_("Village"), widget=Menu)
    address = forms.CharField(label=_("Address"), max_length=200)
    point = PointField(
        label=_("Place on the map"), max_length=500, required=False,
        help_text=_("Latitude and longitude, or the address of the place copied from a map on your phone."),
    )  # fmt: skip
    decree_number = forms.CharField(
        label=_("Number of the decree"), max_length=80, required=False,
        help_text=_("The decree or permit by which the waste bank was founded."),
    )  # fmt: skip
    decree_on = forms.DateField(
        label=_("Date of the decree"), required=False,
        widget=forms.DateInput({"type": "date", "class": "input--medium"}, format="%Y-%m-%d"),
    )  # fmt: skip

    def __init__(self, *args: Any, unit: Unit | None = None, whole: bool = True, **how: Any) -> None:  # fmt: skip
        super().__init__(*args, **how)
        self.initial.update(_as_typed(unit) if unit else {})
        village: Any = self.fields["village_code"]
        village.choices = [*names.village_choices(), *_divided(unit)]
        for name in () if whole else self.OF_THE_PARENT:
            self.fields[name].disabled = True

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        point = cleaned.pop("point", None)
        village = Place.objects.filter(pk=cleaned.get("village_code")).first()
        if village and point and _far(village, *point):
            self.add_error("point", _("This point lies far from the village. Are the two numbers in order?"))  # fmt: skip
        lat, lng = point or (None, None)
        return cleaned | {"lat": lat, "lng": lng}


def _divided(unit: Unit | None) -> list[tuple[str, str]]:
    """The code that a unit still bears though its village ended, until somebody says in which new one it stands."""
    known = names.every().get(unit.village_code) if unit else None
    return [(known.code, known.label)] if known and known.ended else []


def _as_typed(unit: Unit) -> dict[str, Any]:
    point = "" if unit.lat is None or unit.lng is None else f"{unit.lat:.6f}, {unit.lng:.6f}"
    written = ("name", "village_code", "address", "decree_number", "decree_on")
    return {name: getattr(unit, name) for name in written} | {"point": point}


def _far(village: Place, lat: float, lng: float) -> bool:
    return max(abs(village.lat - lat), abs(village.lng - lng)) > FAR_DEGREES


class NewUnitForm(UnitForm):
    """A unit that comes into service."""

    prefix: Any = forms.CharField(
        label=_("Letters before each passbook number"), max_length=6,
        validators=[RegexValidator("^[A-Za-z0-9]{2,6}$", _("Two to six letters or digits."))],
        help_text=_("For example MLT: the passbooks are then MLT-0001, MLT-0002. It never changes."),
        widget=forms.TextInput({"class": "input--short"}),
    )  # fmt: skip
    opened_on = forms.DateField(
        label=_("In service since"), initial=localdate,
        widget=forms.DateInput({"type": "date", "class": "input--medium"}, format="%Y-%m-%d"),
    )  # fmt: skip

    def clean_prefix(self) -> str:
        return str(self.cleaned_data["prefix"]).upper()

    def clean_opened_on(self) -> date:
        on: date = self.cleaned_data["opened_on"]
        if on > localdate():
            raise ValidationError(_("This day has not come yet."))
        return on


class ManagerForm(forms.Form):
    """Whom to appoint."""

    account = AccountField(
        label=_("E-mail or telephone of the account"), max_length=120,
        help_text=_("The person registers at this portal first, and confirms e-mail or telephone."),
    )  # fmt: skip


class TermsForm(ReasonForm):
    """Every limit as it stands, to change from a day on."""

    field_order = [*rules.LIMITS, "from_on", "reason"]
    from_on = forms.DateField(
        label=_("Valid from"), initial=localdate,
        widget=forms.DateInput({"type": "date", "class": "input--medium"}, format="%Y-%m-%d"),
    )  # fmt: skip

    def __init__(self, *args: Any, terms: Terms, **how: Any) -> None:
        super().__init__(*args, **how)
        self.fields["reason"].help_text = _("For example the decision or minutes that set it.")
        for name, (least, most) in rules.LIMITS.items():
            label = Terms._meta.get_field(name).verbose_name  # type: ignore[union-attr]  # noqa: SLF001
            self.fields[name] = forms.IntegerField(
                label=str(label)[:1].upper() + str(label)[1:], min_value=least, max_value=most,
                initial=getattr(terms, name), localize=True,
                widget=forms.TextInput({"class": "input--medium", "inputmode": "numeric"}),
            )  # fmt: skip
        self.order_fields(self.field_order)

    def limits(self) -> Mapping[str, int]:
        return {name: self.cleaned_data[name] for name in rules.LIMITS}
