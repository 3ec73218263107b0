"""The counter: weigh in, register, withdraw, count the cash."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from kartini.kit.forms import Choice, NikField, RupiahField
from kartini.people import phones
from kartini.systems.bank_sampah.forms.fields import OnceForm, WeightField
from kartini.systems.bank_sampah.forms.units import AccountField
from kartini.systems.bank_sampah.models import Depositor, Part, Price, PriceList, Withdrawal
from kartini.systems.bank_sampah.services.deposits import Weighed


class WeighForm(OnceForm):
    """One weight per material of the list; the price list that the depositor was shown goes with it."""

    prices = forms.ModelChoiceField(
        PriceList.objects.none(), widget=forms.HiddenInput, required=False
    )
    part = forms.ModelChoiceField(
        Part.objects.none(), label=_("Class or group"), required=False, empty_label=_("None")
    )

    photo = forms.FileField(
        label=_("Photo of the scale"), required=False,
        widget=forms.FileInput({"accept": "image/*", "capture": "environment"}),
    )  # fmt: skip

    def __init__(self, *args: Any, who: Depositor, prices: Iterable[Price], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.materials = [price.material for price in prices]
        lists: Any = self.fields["prices"]
        lists.queryset = PriceList.objects.filter(owner_id=who.unit_id)
        parts: Any = self.fields["part"]
        parts.queryset = Part.objects.filter(group=who).order_by("name")
        if who.kind != Depositor.Kind.GROUP:
            del self.fields["part"]
        for material in self.materials:
            self.fields[f"m{material.pk}"] = WeightField(label=material.name, required=False)

    def rows(self) -> list[tuple[Any, Any]]:
        """Each material with its field, for the page."""
        return [(material, self[f"m{material.pk}"]) for material in self.materials]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if not self.errors and not self.bags():
            self.add_error(None, _("Weigh at least one bag."))
        return cleaned

    def bags(self) -> list[Weighed]:
        return [
            Weighed(material.pk, grams)
            for material in self.materials
            for grams in self.cleaned_data.get(f"m{material.pk}") or []
            if grams
        ]


class ContactForm(forms.Form):
    """How a depositor is called and reached."""

    name = forms.CharField(label=_("Name"), max_length=120)
    phone = forms.CharField(label=_("WhatsApp number"), max_length=20, required=False)
    told = forms.BooleanField(
        label=_("A message to this number after each deposit is wished."), required=False,
        help_text=_("For depositors without an account. It ends whenever they say so."),
    )  # fmt: skip
    address = forms.CharField(label=_("RT and RW"), max_length=160, required=False)

    def clean_phone(self) -> str:
        typed = str(self.cleaned_data["phone"]).strip()
        try:
            return phones.clean(typed) if typed else ""
        except phones.NoPhone:
            raise ValidationError(_("This is no telephone number. Mend it, or leave it empty.")) from None  # fmt: skip

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("told") and not cleaned.get("phone") and "phone" not in self.errors:
            self.add_error("phone", _("To which number?"))
        return cleaned


class DepositorForm(OnceForm, ContactForm):
    """A new passbook."""

    kind = forms.ChoiceField(
        label=_("Who saves"), choices=Depositor.Kind.choices, widget=forms.RadioSelect,
        initial=Depositor.Kind.HOUSEHOLD,
    )  # fmt: skip
    consent = forms.BooleanField(
        label=_("The depositor agrees that name, weights and savings are kept for the passbook."),
        help_text=_("Without consent nothing is kept. It can be withdrawn at any time."),
    )
    field_order = ["kind", "name", "phone", "told", "address", "consent"]


class VerifyForm(forms.Form):
    """A NIK, checked against the registry through the exchange."""

    nik = NikField(label=_("NIK"), help_text=_("Asked with the depositor's consent, never shown."))


class WithdrawalForm(OnceForm):
    """How much, and how it is to be paid."""

    amount = RupiahField(label=_("How much"), min_value=1, max_value=100_000_000)
    way = forms.ChoiceField(
        label=_("How"), choices=Withdrawal.Way.choices, widget=forms.RadioSelect,
        initial=Withdrawal.Way.CASH,
    )  # fmt: skip
    to_account = forms.CharField(
        label=_("Bank and account number"), max_length=80, required=False,
        help_text=_("Only for a transfer."),
    )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("way") == Withdrawal.Way.BANK and not cleaned.get("to_account"):
            self.add_error("to_account", _("Where should it be transferred?"))
        return cleaned


class PayForm(forms.Form):
    """The depositor signs: with a finger where there is JavaScript, else by name."""

    signature = forms.CharField(
        label=_("Received by (name)"), max_length=8000,
        help_text=_("The depositor signs here, or whoever fetches the money for the household."),
    )  # fmt: skip


class MergeForm(OnceForm):
    """Which passbook is kept."""

    target = forms.ModelChoiceField(
        Depositor.objects.none(), label=_("Keep this passbook"), empty_label=None, widget=forms.RadioSelect
    )  # fmt: skip
    reason = forms.CharField(label=_("Why are they one?"), max_length=200)

    def __init__(self, *args: Any, others: QuerySet[Depositor], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        target: Any = self.fields["target"]
        target.queryset = others
        target.label_from_instance = lambda one: Choice(f"{one.passbook} · {one.name}", one.address)


class HolderForm(forms.Form):
    """The account that looks after a group's passbook, by what only its owner would tell."""

    account = AccountField(
        label=_("E-mail or telephone of the account"), max_length=120,
        help_text=_("The teacher or treasurer who signs in at this portal. Empty: nobody."), required=False,
    )  # fmt: skip


class CloseDayForm(forms.Form):
    """The cash box, counted."""

    counted = RupiahField(label=_("Cash counted"), min_value=0, max_value=1_000_000_000)
    explanation = forms.CharField(
        label=_("Why does it differ?"), max_length=200, required=False,
        help_text=_("Only when cash and book differ."),
    )  # fmt: skip
