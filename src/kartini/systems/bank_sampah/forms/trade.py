"""The trade: sell, count, move cash, publish prices, take over old books; and the filters of the lists."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from kartini.kit.forms import RupiahField
from kartini.systems.bank_sampah.forms.fields import OnceForm, WeightField
from kartini.systems.bank_sampah.models import Buyer, CashMove, Material, Sale, StockCount, Unit
from kartini.systems.bank_sampah.models.figures import Heap
from kartini.systems.bank_sampah.services.sales import WeighedOut

MOST_BYTES = 5_000_000


class SaleForm(OnceForm):
    """What leaves, material by material, and what the buyer pays for a kilogram."""

    to = forms.ChoiceField(label=_("Buyer"))
    way = forms.ChoiceField(
        label=_("Paid by"),
        choices=Sale.Way.choices,
        widget=forms.RadioSelect,
        initial=Sale.Way.CASH,
    )
    slip = forms.CharField(label=_("Number of the weigh-out slip"), max_length=40, required=False)

    def __init__(self, *args: Any, unit: Unit, heaps: Iterable[Heap], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.unit = unit
        self.heaps = [heap for heap in heaps if heap.grams > 0]
        self.buyers: dict[str, Buyer | Unit] = {f"b{b.pk}": b for b in Buyer.objects.filter(active=True).order_by("name")}  # fmt: skip
        if unit.parent is not None:
            self.buyers = {"induk": unit.parent, **self.buyers}
        to: Any = self.fields["to"]
        to.choices = [(key, str(buyer)) for key, buyer in self.buyers.items()]
        for heap in self.heaps:
            label = heap.name
            self.fields[f"g{heap.material_id}"] = WeightField(label=label, required=False)
            self.fields[f"p{heap.material_id}"] = RupiahField(
                label=_("Price per kilogram"), required=False, min_value=0, max_value=1_000_000
            )

    def rows(self) -> list[tuple[Heap, Any, Any]]:
        return [(h, self[f"g{h.material_id}"], self[f"p{h.material_id}"]) for h in self.heaps]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        for heap in self.heaps:
            price = f"p{heap.material_id}"
            unpriced = cleaned.get(price) is None and price not in self.errors
            if cleaned.get(f"g{heap.material_id}") and unpriced:
                self.add_error(price, _("What does the buyer pay for a kilogram?"))
        if not self.errors and not self.weighed_out():
            self.add_error(None, _("Weigh out at least one material."))
        return cleaned

    def weighed_out(self) -> list[WeighedOut]:
        cleaned = self.cleaned_data
        return [
            WeighedOut(m, sum(grams), cleaned.get(f"p{m}") or 0)
            for m in (heap.material_id for heap in self.heaps)
            if (grams := cleaned.get(f"g{m}"))
        ]


class CountForm(OnceForm):
    """What lies on the heap."""

    counted = WeightField(label=_("Weighed now (kilograms)"))
    cause = forms.ChoiceField(
        label=_("Why does it differ?"), choices=StockCount.Cause.choices[1:], required=False,
        widget=forms.RadioSelect, initial=StockCount.Cause.MISCOUNTED,
    )  # fmt: skip
    explanation = forms.CharField(
        label=_("Explanation"), max_length=200, required=False,
        help_text=_("Only when heap and book differ."),
    )  # fmt: skip


class CashMoveForm(OnceForm):
    """Money that comes or goes without a trade."""

    way = forms.ChoiceField(label=_("What moves"), choices=CashMove.Way.choices)
    amount = RupiahField(label=_("Amount"), min_value=1, max_value=1_000_000_000)
    reason = forms.CharField(label=_("Reason"), max_length=200)


class PricesForm(OnceForm):
    """A new price list: what stays empty is not bought."""

    def __init__(self, *args: Any, now: dict[int, int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.materials = list(
            Material.objects.filter(active=True).select_related("category").order_by("category__order", "order")
        )  # fmt: skip
        for material in self.materials:
            self.fields[f"m{material.pk}"] = RupiahField(
                label=material.name, required=False, min_value=0, max_value=1_000_000,
                initial=now.get(material.pk),
            )  # fmt: skip

    def rows(self) -> list[tuple[Material, Any]]:
        return [(material, self[f"m{material.pk}"]) for material in self.materials]

    def prices(self) -> dict[Material, int]:
        return {m: self.cleaned_data.get(f"m{m.pk}") or 0 for m in self.materials}


class SheetForm(OnceForm):
    """A spreadsheet of opening balances."""

    sheet = forms.FileField(
        label=_("Spreadsheet (.xlsx)"),
        help_text=_("First sheet, with the columns Nama and Saldo; No, Jenis, HP, Alamat and Tanggal if you have them."),
    )  # fmt: skip

    def clean_sheet(self) -> Any:
        sheet = self.cleaned_data["sheet"]
        if (sheet.size or 0) > MOST_BYTES:
            raise ValidationError(_("The file is larger than 5 MB."))
        return sheet


class FindForm(forms.Form):
    """A search box in a list."""

    q = forms.CharField(label=_("Search"), max_length=60, required=False)

    def words(self) -> str:
        self.full_clean()
        return str(self.cleaned_data.get("q", "")) if not self.errors else ""
