"""Forms as the kit draws them: label, hint, error, control; one linked summary of errors on top.

Any Django form is drawn this way (``FORM_RENDERER``). A class in a widget's ``attrs`` is added to the
kit's own: ``forms.TextInput({"class": "input--medium"})``.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.renderers import TemplatesSetting
from django.forms.utils import flatatt
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop, pgettext_lazy
from stdnum.exceptions import ValidationError as StdnumRefusal
from stdnum.id import nik as stdnum_nik

from kartini.kit import formats

REQUIRED = gettext_noop("This field is required.")  # Django's words, said better in Indonesian
_BOXES = (forms.CheckboxInput, forms.RadioSelect, forms.CheckboxSelectMultiple)


class KitBoundField(forms.BoundField):
    """A field with the kit's ids: ``name``, ``name-petunjuk`` (hint), ``name-galat`` (error)."""

    @property
    def auto_id(self) -> str:
        given = self.form.auto_id
        return self.html_name if given == "id_%s" else super().auto_id

    @property
    def kind(self) -> str:
        widget = self.field.widget
        if widget.is_hidden:
            return "hidden"
        if widget.use_fieldset:
            return "group"
        if isinstance(widget, forms.CheckboxInput):
            return "check"
        return "file" if isinstance(widget, forms.FileInput) else "line"

    @property
    def says_optional(self) -> bool:
        free = not self.field.required and not self.field.disabled and self.kind != "check"
        return free and not self.needed_when

    @property
    def needed_when(self) -> Any:
        """When a field that is not always required must be filled in: the field's own words, beside its label."""
        return getattr(self.field, "needed_when", "")

    @property
    def affix(self) -> Any:
        return getattr(self.field.widget, "affix", "")

    @property
    def hint_is_block(self) -> bool:
        return "<ul" in str(self.help_text)

    @property
    def described_by(self) -> str:
        hint = [f"{self.auto_id}-petunjuk"] if self.help_text else []
        return " ".join([*hint, *([f"{self.auto_id}-galat"] if self.errors else [])])

    @property
    def aria_describedby(self) -> str | None:
        if self.is_hidden or self.field.widget.attrs.get("aria-describedby"):
            return None
        return self.described_by

    @property
    def first_id(self) -> str:
        """Where a link from the error summary leads."""
        return self.subwidgets[0].id_for_label or self.auto_id

    def build_widget_attrs(
        self, attrs: Mapping[str, Any], widget: forms.Widget | None = None
    ) -> dict[str, Any]:
        widget = widget or self.field.widget
        built = super().build_widget_attrs(dict(attrs), widget)
        built.pop("required", None)  # the summary of errors says it better than the browser
        plain = not isinstance(widget, (*_BOXES, forms.FileInput)) and not widget.is_hidden
        if plain:
            if isinstance(widget, forms.Textarea) and widget.attrs.get("rows") == "10":
                built["rows"] = "4"  # Django's own default is half a phone high
            built["class"] = f"input {widget.attrs.get('class', '')}".strip()
        return built


class KitRenderer(TemplatesSetting):
    """Renders each field by the kit's markup contract."""

    form_template_name = "kit/forms/form.html"
    field_template_name = "kit/forms/field.html"
    bound_field_class = KitBoundField


@dataclass(frozen=True)
class Choice:
    """The label of a radio or checkbox with a second line: ``("home", Choice(_("At home"), address))``."""

    label: Any
    hint: Any = ""

    def __str__(self) -> str:
        return str(self.label)


class Affixed(forms.TextInput):
    """A text input with a fixed part before it, such as ``+62`` or ``Rp``."""

    def __init__(self, affix: str, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs)
        self.affix = affix


class Menu(forms.Select):
    """A select written in one go: Django renders a template for each option, and Jepara has 195 villages."""

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        given = {"name": name, **self.build_attrs(self.attrs, attrs)}
        chosen = set(self.format_value(value))
        options = mark_safe("".join(_options(self.choices, chosen)))  # noqa: S308 - escaped below
        return format_html("<select{}>{}</select>", flatatt(given), options)


def _options(choices: Iterable[Any], chosen: set[str]) -> Iterator[str]:
    for value, label in choices:
        if isinstance(label, (list, tuple)):
            inner = "".join(_options(label, chosen))
            yield f'<optgroup label="{escape(value)}">{inner}</optgroup>'
        else:
            text = "" if value is None else str(value)
            mark = " selected" if text in chosen else ""
            yield f'<option value="{escape(text)}"{mark}>{escape(label)}</option>'


class DateParts(forms.Widget):
    """A known date in three small inputs: day, month (as number or word), year."""

    template_name = "kit/forms/date_parts.html"
    use_fieldset = True
    PARTS = (
        ("day", pgettext_lazy("part of a date", "Day")),
        ("month", _("Month")),
        ("year", _("Year")),
    )

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        values = self._split(value)
        first = context["widget"]["attrs"].get("id") or name
        context["invalid"] = "aria-invalid" in context["widget"]["attrs"]
        context["parts"] = [
            {
                "name": f"{name}_{part}",
                "id": first if index == 0 else f"{first}_{part}",
                "label": label,
                "value": values[index],
            }
            for index, (part, label) in enumerate(self.PARTS)
        ]
        return context

    def _split(self, value: Any) -> list[str]:
        if isinstance(value, date):
            return [str(value.day), str(value.month), str(value.year)]
        year, _dash, rest = str(value or "").partition("-")
        month, _dash, day = rest.partition("-")
        return [part.lstrip("0") or part for part in (day, month, year)]

    def id_for_label(self, id_: str) -> str:
        return id_

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> Any:
        day, month, year = (str(data.get(f"{name}_{part}", "")).strip() for part, _l in self.PARTS)
        if not (day or month or year):
            return data.get(name)
        return f"{year}-{_month_number(month):0>2}-{day:0>2}"

    def value_omitted_from_data(self, data: Mapping[str, Any], files: Any, name: str) -> bool:
        return name not in data and all(f"{name}_{part}" not in data for part, _l in self.PARTS)


def _month_number(word: str) -> str:
    """``3`` for ``Maret``, ``mar`` or ``march``; anything else stays as it is."""
    wanted = word.lower().rstrip(".")
    if len(wanted) >= 3:
        for names in formats.MONTHS.values():
            for number, name in enumerate(names, 1):
                if name.lower().startswith(wanted):
                    return str(number)
    return word


class DatePartsField(forms.DateField):
    """A date that people know by heart (birth, issue of a licence)."""

    widget = DateParts
    default_error_messages = {"invalid": _("Enter a date that exists, for example 12 3 2024.")}


class RupiahField(forms.IntegerField):
    """Whole rupiah, as people type it: ``1250000``, ``1.250.000``, ``Rp 1.250.000,00``."""

    default_error_messages = {"invalid": _("Enter an amount in rupiah, for example 1.250.000.")}

    def __init__(self, **how: Any) -> None:
        how.setdefault("widget", Affixed("Rp", {"inputmode": "numeric"}))
        super().__init__(**how)

    def run_validators(self, value: Any) -> None:
        """Django's words name a bare number; people read rupiah."""
        for limit, beyond, said in (
            (self.max_value, 1, _("At most %(rupiah)s.")),
            (self.min_value, -1, _("At least %(rupiah)s.")),
        ):
            if isinstance(value, int) and isinstance(limit, int) and (value - limit) * beyond > 0:
                raise ValidationError(said, "limit", {"rupiah": formats.rupiah(limit)})

    def to_python(self, value: Any) -> int | None:
        if isinstance(value, str):
            value = value.lower().removeprefix("rp").strip().removesuffix(",00").removesuffix(",-")
            value = value.replace(".", "").replace(" ", "")
        return super().to_python(value)

    def prepare_value(self, value: Any) -> Any:
        return formats.number(value) if isinstance(value, int) else value


LAST_DAY_OF_A_WOMAN = 71


class NikField(forms.CharField):
    """A NIK of 16 digits, spaces allowed. Checks its form, not whether such a person exists."""

    def __init__(self, **how: Any) -> None:
        attrs = {"class": "input--nik", "inputmode": "numeric", "autocomplete": "off"}
        how.setdefault("widget", forms.TextInput(attrs))
        how.setdefault("max_length", 40)
        super().__init__(**how)

    def clean(self, value: Any) -> str:
        text = super().clean(value)
        if not text:
            return ""
        digits = "".join(character for character in text if character.isdigit())
        if len(digits) != 16 or not set(text) <= set("0123456789 .-"):
            message = _("A NIK has 16 digits; this one has %(digits)d.")
            raise ValidationError(message, "invalid", {"digits": len(digits)})
        try:
            if int(digits[6:8]) > LAST_DAY_OF_A_WOMAN:  # stdnum takes 81 for a woman's day 1
                raise StdnumRefusal
            stdnum_nik.get_birth_date(digits)
        except StdnumRefusal:
            message = _("This NIK cannot be right. Compare it with your KTP.")
            raise ValidationError(message, "invalid") from None
        return digits


def summary_lines(form: forms.BaseForm) -> list[dict[str, str]]:
    """Every error of a form, with the id of the input that it belongs to, in the order of the page."""
    lines = []
    ranks = {name: rank for rank, name in enumerate(form.fields)}
    for name, errors in sorted(form.errors.items(), key=lambda pair: ranks.get(pair[0], -1)):
        bound = form[name] if name in form.fields else None
        target = bound.first_id if isinstance(bound, KitBoundField) and not bound.is_hidden else ""
        label = str(bound.label) if bound is not None else ""
        lines += [{"target": target, "text": _named(label, str(error))} for error in errors]
    return lines


def _named(label: str, error: str) -> str:
    """The error with the name of its field, unless it names it already."""
    if not label or label.lower() in error.lower():
        return error
    return f"{label} {error}" if label[-1] in "?.!:" else f"{label}: {error}"
