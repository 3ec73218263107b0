"""What may be brought: categories and materials, kept by the parent bank for all units."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import Max, QuerySet
from django.utils.text import slugify

from kartini.people import trail
from kartini.systems.bank_sampah.models import Category, Material
from kartini.systems.bank_sampah.services import turn

MOST_CODE = 20


class NameTaken(Exception):
    """Another material, or another category, bears this name."""


@turn.writing()
def add_category(*, name: str, by: Any, at: datetime) -> Category:
    """A new family of materials, behind the others. Its code crosses the exchange and never changes."""
    _refuse_double(Category.objects.all(), name)
    made = Category.objects.create(
        code=_code(name, Category.objects.values_list("code", flat=True)),
        name=name,
        order=_next(Category.objects.all()),
    )
    _trail("category-added", made, by, at, name)
    return made


@turn.writing()
def rename_category(*, category: Category, name: str, by: Any, at: datetime) -> Category:
    """Another word for the same family."""
    _refuse_double(Category.objects.exclude(pk=category.pk), name)
    note = f"{category.name} → {name}"
    category.name = name
    category.save(update_fields=["name"])
    _trail("category-renamed", category, by, at, note)
    return category


@turn.writing()
def add(
    *, category: Category, name: str, hint: str, picture: str, by: Any, at: datetime
) -> Material:
    """A new material. It is bought from the next price list on that has a price for it."""
    _refuse_double(Material.objects.all(), name)
    made = Material.objects.create(
        code=_code(name, Material.objects.values_list("code", flat=True)), category=category, name=name, hint=hint,
        picture=picture, order=_next(Material.objects.filter(category=category)),
    )  # fmt: skip
    _trail("material-added", made, by, at, name)
    return made


@turn.writing()
def change(
    *, material: Material, name: str, hint: str, picture: str, by: Any, at: datetime
) -> Material:
    """Another name, hint or picture. What was weighed stays; its category never changes, figures hang on it."""
    _refuse_double(Material.objects.exclude(pk=material.pk), name)
    note = f"{material.name} → {name}"
    material.name, material.hint, material.picture = name, hint, picture
    material.save(update_fields=["name", "hint", "picture"])
    _trail("material-changed", material, by, at, note)
    return material


@turn.writing()
def set_active(*, material: Material, active: bool, by: Any, at: datetime) -> Material:
    """Offer it in new price lists, or no longer; what was weighed and lies in stock stays."""
    if material.active != active:
        material.active = active
        material.save(update_fields=["active"])
        _trail("material-active" if active else "material-retired", material, by, at, material.name)
    return material


def _refuse_double(others: QuerySet[Any], name: str) -> None:
    if others.filter(name__iexact=name).exists():
        raise NameTaken


def _next(rows: QuerySet[Any]) -> int:
    return int(rows.aggregate(last=Max("order"))["last"] or 0) + 1


def _code(name: str, taken: Sequence[str] | QuerySet[Any, str]) -> str:
    """A short code from the name, with a number where it is taken."""
    known, stem = set(taken), slugify(name)[: MOST_CODE - 3].strip("-") or "bahan"
    return next(c for c in (stem, *(f"{stem}-{n}" for n in range(2, 100))) if c not in known)


def _trail(what: str, thing: Category | Material, by: Any, at: datetime, note: str) -> None:
    kind = type(thing).__name__.lower()
    name = f"bank-sampah.{kind}:{thing.pk}"
    trail.did(by=by, verb=f"bank-sampah.{what}", thing=name, at=at, note=note)
