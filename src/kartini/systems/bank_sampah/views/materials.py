"""The materials in their categories, kept by the parent bank for all units."""

from typing import Any

from django.contrib import messages
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from kartini.systems.bank_sampah.forms.materials import CategoryForm, MaterialForm, NewMaterialForm
from kartini.systems.bank_sampah.forms.trade import FindForm
from kartini.systems.bank_sampah.models import Category, Material, Unit
from kartini.systems.bank_sampah.services import materials
from kartini.systems.bank_sampah.views import files
from kartini.systems.bank_sampah.views.doorway import REFUSALS, account, at_parent, said, sent


@require_safe
@at_parent
def listed(request: HttpRequest, unit: Unit) -> HttpResponse:
    """Every category with its materials and their pictures; retired ones at its end."""
    form = FindForm(request.GET)
    fitting = Material.objects.filter(name__icontains=form.words())
    if kind := files.wanted(request):
        rows = fitting.select_related("category").order_by("category__order", "order")
        lines = ((m.code, m.category.name, m.name, m.hint, "" if m.active else _("retired")) for m in rows)  # fmt: skip
        heads = (_("Code"), _("Category"), _("Name"), _("How to bring it"), _("State"))
        return files.answer(kind, "bahan-bank-sampah", heads, lines)
    shown = Prefetch("materials", fitting.order_by("-active", "order", "name"), to_attr="shown")
    categories = Category.objects.prefetch_related(shown).order_by("order", "name")
    context = {"unit": unit, "form": form, "categories": categories, "words": form.words()}
    return render(request, "bank_sampah/materials.html", context)


def _saved(request: HttpRequest, form: Any, verb: Any, **what: Any) -> bool:
    """Do it with what the form says; a refusal stands beside the name."""
    try:
        verb(**what, **form.cleaned_data, by=account(request), at=now())
    except REFUSALS as refusal:
        form.add_error("name", said(refusal))
        return False
    messages.success(request, _("Saved."))
    return True


@at_parent
def add(request: HttpRequest, unit: Unit) -> HttpResponse:
    """A new material."""
    form = NewMaterialForm(sent(request))
    if form.is_valid() and _saved(request, form, materials.add):
        return redirect("bank_sampah:materials", unit.code)
    return render(request, "bank_sampah/material.html", {"unit": unit, "form": form})


@at_parent
def change(request: HttpRequest, unit: Unit, pk: int) -> HttpResponse:
    """Rename it, give it another picture."""
    one = get_object_or_404(Material.objects.select_related("category"), pk=pk)
    known = {"name": one.name, "hint": one.hint, "picture": one.picture}
    form = MaterialForm(sent(request), initial=known)
    if form.is_valid() and _saved(request, form, materials.change, material=one):
        return redirect("bank_sampah:materials", unit.code)
    return render(request, "bank_sampah/material.html", {"unit": unit, "form": form, "one": one})


@at_parent
def switch(request: HttpRequest, unit: Unit, pk: int) -> HttpResponse:
    """Retire it, or bring it back; asked once more on a page of its own."""
    one = get_object_or_404(Material, pk=pk)
    if request.method == "POST":
        active = request.POST.get("pakai") == "ya"
        materials.set_active(material=one, active=active, by=account(request), at=now())
        messages.success(request, _("Offered again in new price lists.") if active else _("Retired."))  # fmt: skip
        return redirect("bank_sampah:materials", unit.code)
    return render(
        request, "bank_sampah/switch_material.html", {"unit": unit, "one": one, "ends": one.active}
    )


@at_parent
def category(request: HttpRequest, unit: Unit, family: str = "") -> HttpResponse:
    """A new category, or another name for a known one."""
    one = get_object_or_404(Category, code=family) if family else None
    form = CategoryForm(sent(request), initial={"name": one.name} if one else None)
    if form.is_valid():
        verb = materials.rename_category if one else materials.add_category
        if _saved(request, form, verb, **({"category": one} if one else {})):
            return redirect("bank_sampah:materials", unit.code)
    return render(request, "bank_sampah/category.html", {"unit": unit, "form": form, "one": one})
