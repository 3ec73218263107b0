"""The trade: sell, count, move cash, publish prices, take over old books; and the filters of the lists."""

from base64 import b64decode, b64encode
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
MOST_KEPT = 1_000_000


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
    """A new price list: what stays empty is not bought. Far from the guide, it is asked once more."""

    from_on = forms.DateField(
        label=_("Valid from"), required=False, widget=forms.DateInput({"type": "date", "class": "input--medium"}),
        help_text=_("Empty: from now on."),
    )  # fmt: skip
    sure = forms.BooleanField(label=_("These prices are right"), required=False)

    def __init__(self, *args: Any, now: dict[int, int], guide: dict[int, int], far: int, **kwargs: Any) -> None:  # fmt: skip
        super().__init__(*args, **kwargs)
        self.guide, self.far = guide, far
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

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        for material in self.materials:
            price, guide = cleaned.get(f"m{material.pk}"), self.guide.get(material.pk)
            off = round(100 * price / guide) - 100 if price and guide else 0
            if abs(off) > self.far and not cleaned.get("sure"):
                far = _("%(off)d %% off the guide price. If it is right, tick the box below.")
                self.add_error(f"m{material.pk}", ValidationError(far, "far", {"off": off}))
        return cleaned

    def prices(self) -> dict[Material, int]:
        return {m: self.cleaned_data.get(f"m{m.pk}") or 0 for m in self.materials}


class SheetForm(OnceForm):
    """A spreadsheet of opening balances. A small one travels with the page, so that it is chosen once."""

    sheet = forms.FileField(
        label=_("Spreadsheet (.xlsx)"), required=False, widget=forms.FileInput({"accept": ".xlsx"}),
        help_text=_("First sheet, with the columns Nama and Saldo; No, Jenis, HP, Alamat and Tanggal if you have them."),
    )  # fmt: skip
    kept = forms.CharField(widget=forms.HiddenInput, required=False)
    name = forms.CharField(widget=forms.HiddenInput, required=False, max_length=200)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        sheet = cleaned.get("sheet")
        if sheet and (sheet.size or 0) > MOST_BYTES:
            self.add_error("sheet", _("The file is larger than 5 MB."))
        elif sheet:
            cleaned |= {"content": sheet.read(), "name": sheet.name}
        else:
            cleaned["content"] = self._from_page(cleaned.get("kept", ""))
        return cleaned

    def _from_page(self, kept: str) -> bytes:
        try:
            content = b64decode(kept, validate=True)
        except ValueError:
            content = b""
        if not content and not self.errors:
            self.add_error("sheet", _("Choose a file."))
        return content

    def to_keep(self) -> str:
        """The sheet for the page, where it is small enough."""
        content = self.cleaned_data["content"]
        return b64encode(content).decode() if len(content) <= MOST_KEPT else ""


class FindForm(forms.Form):
    """A search box in a list."""

    q = forms.CharField(label=_("Search"), max_length=200, required=False)

    def clean_q(self) -> str:
        """A scanner types a card's whole address: what counts is the code at its end."""
        words = str(self.cleaned_data["q"]).strip()
        return words.rstrip("/").rpartition("/")[2] if "://" in words else words[:60]

    def words(self) -> str:
        self.full_clean()
        return str(self.cleaned_data.get("q", "")) if not self.errors else ""
