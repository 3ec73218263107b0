"""Materials and their categories."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from kartini.systems.bank_sampah.models import Category

PICTURES = {
    "botol": _("Bottle"), "gelas": _("Cup"), "ember": _("Bucket"), "lembar": _("Sheet"), "kardus": _("Cardboard"),
    "kertas": pgettext_lazy("material", "Paper"), "koran": _("Newspaper"), "besi": _("Iron"), "kaleng": _("Can"), "kaca": _("Glass"),
    "minyak": _("Oil"), "kabel": _("Cable"), "lain": pgettext_lazy("material", "Something else"),
}  # fmt: skip
"""The symbols of ``materials.svg``: they lie on the phone already, where a photo would have to be loaded."""


class CategoryForm(forms.Form):
    """A family of materials."""

    name = forms.CharField(label=_("Name"), max_length=60)


class MaterialForm(forms.Form):
    """What a material is called, how it is brought, and its picture."""

    name = forms.CharField(label=_("Name"), max_length=80)
    hint = forms.CharField(
        label=_("How to bring it"), max_length=160, required=False,
        help_text=_("For example: clean, dry, without the cap."),
    )  # fmt: skip
    picture = forms.ChoiceField(label=_("Picture"), choices=list(PICTURES.items()), initial="lain")


class NewMaterialForm(MaterialForm):
    """… and where it belongs: that never changes, for the figures hang on it."""

    category = forms.ModelChoiceField(
        Category.objects.none(), label=_("Category"), empty_label=None,
        help_text=_("It cannot be changed later: the figures of every month hang on it."),
    )  # fmt: skip
    field_order = ["category", "name", "hint", "picture"]

    def __init__(self, *args: Any, **how: Any) -> None:
        super().__init__(*args, **how)
        category: Any = self.fields["category"]
        category.queryset = Category.objects.order_by("order", "name")
