"""A page of questions as a form. Django parses, the engine judges."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django import forms
from django.core import validators
from django.utils.translation import get_language

from kartini.kit.forms import Affixed, Choice, DateParts, Menu
from kartini.places import names
from kartini.systems.joss.engine.definition import FieldSpec
from kartini.systems.joss.engine.judge import NOT_OFFERED, judge, missing

MANY = 6
LONGEST_NUMBER = 15
LONGEST_TEXT = 3000
NOT_DIGITS = str.maketrans("", "", " .-")


class AnswersForm(forms.Form):
    """The fields of one page. ``answers`` holds what was typed in the form that is kept, right or wrong."""

    def __init__(
        self,
        *args: Any,
        specs: Iterable[FieldSpec],
        today: date,
        before: dict[str, Any] | None = None,
        **how: Any,
    ) -> None:
        super().__init__(*args, **how)
        self.specs = tuple(specs)
        self.today = today
        self.before = before or {}
        self.language = get_language() or "id"
        for spec in self.specs:
            self.fields[spec.code] = _field(spec, self.language)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        self.answers = {spec.code: _kept(data.get(spec.code)) for spec in self.specs}
        faults = judge(self.specs, self.answers, today=self.today, before=self.before)
        for code, words in faults.items():
            if code not in self.errors:
                self.add_error(code, words.say(self.language))
        return data


def _kept(value: Any) -> Any:
    """The value as the engine knows it; nothing typed is ``None``."""
    return value.strip() or None if isinstance(value, str) else value


def _field(spec: FieldSpec, language: str) -> forms.Field:
    label = spec.label.say(language)
    if spec.unit:
        label = f"{label} ({spec.unit.say(language)})"
    how: dict[str, Any] = {
        "label": label,
        "required": spec.required,
        "error_messages": {
            "required": missing(spec).say(language),
            "invalid_choice": NOT_OFFERED.say(language),
        },
    }
    if spec.hint:
        how["help_text"] = spec.hint.say(language)
    return _MAKERS.get(spec.widget, _text)(spec, how, language)


class Parsed(forms.CharField):
    """Text that is brought into one form before it is judged."""

    def __init__(self, parse: Any, **how: Any) -> None:
        super().__init__(**how)
        self.parse = parse

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value) or ""
        validators.ProhibitNullCharactersValidator()(text)
        return self.parse(text[:LONGEST_TEXT])

    def run_validators(self, value: Any) -> None:
        """The engine judges; a number has no length."""


def _text(spec: FieldSpec, how: dict[str, Any], _language: str) -> forms.Field:
    digits = str(spec.shape.get("pattern", "")).startswith("^[0-9]")
    attrs = {"inputmode": "numeric", "class": "input--nik"} if digits else {}
    return Parsed(
        (lambda text: text.translate(NOT_DIGITS)) if digits else str,
        widget=forms.TextInput(attrs | ({"class": "input--short"} if spec.short else {})),
        **how,
    )


def _paragraph(_spec: FieldSpec, how: dict[str, Any], _language: str) -> forms.Field:
    return Parsed(str, widget=forms.Textarea({"rows": 3}), **how)


def _number(_spec: FieldSpec, how: dict[str, Any], _language: str) -> forms.Field:
    attrs = {"inputmode": "numeric", "class": "input--short"}
    return Parsed(_whole, widget=forms.TextInput(attrs), **how)


def _money(_spec: FieldSpec, how: dict[str, Any], _language: str) -> forms.Field:
    return Parsed(_whole, widget=Affixed("Rp", {"inputmode": "numeric"}), **how)


def _date(_spec: FieldSpec, how: dict[str, Any], _language: str) -> forms.Field:
    return Parsed(str, widget=DateParts(), **how)


def _time(_spec: FieldSpec, how: dict[str, Any], _language: str) -> forms.Field:
    attrs = {"type": "time", "class": "input--short"}
    return Parsed(lambda t: t.replace(".", ":"), widget=forms.TextInput(attrs), **how)


def _phone(_spec: FieldSpec, how: dict[str, Any], _language: str) -> forms.Field:
    attrs = {"inputmode": "tel", "autocomplete": "tel-national", "type": "tel"}
    return PhoneField(widget=Affixed("+62", attrs), **how)


def _email(_spec: FieldSpec, how: dict[str, Any], _language: str) -> forms.Field:
    attrs = {"type": "email", "autocomplete": "email", "class": "input--medium"}
    return Parsed(str, widget=forms.TextInput(attrs), **how)


def _point(_spec: FieldSpec, how: dict[str, Any], _language: str) -> forms.Field:
    attrs = {"class": "input--medium", "autocomplete": "off"}
    return Parsed(lambda t: t.replace(" ", ""), widget=forms.TextInput(attrs), **how)


def _choice(spec: FieldSpec, how: dict[str, Any], language: str) -> forms.Field:
    choices: list[tuple[str, Any]] = [
        (c.value, Choice(c.label.say(language), c.hint.say(language) if c.hint else ""))
        for c in spec.choices
    ]
    if len(choices) >= MANY:
        plain = [("", "")] + [(value, str(choice)) for value, choice in choices]
        return forms.ChoiceField(choices=plain, widget=Menu(), **how)
    return forms.ChoiceField(choices=choices, widget=forms.RadioSelect(), **how)


def _village(_spec: FieldSpec, how: dict[str, Any], _language: str) -> forms.Field:
    return village_field(**how)


def _yes(_spec: FieldSpec, how: dict[str, Any], _language: str) -> forms.Field:
    return forms.BooleanField(**how)


def village_field(**how: Any) -> forms.ChoiceField:
    """The villages of the regency, grouped by kecamatan."""
    attrs = {"class": "input--medium"}
    return forms.ChoiceField(choices=_villages, widget=Menu(attrs), **how)


def _villages() -> list[Any]:
    return [("", "–"), *names.village_choices()]


class PhoneField(Parsed):
    """An Indonesian mobile number as people write it: ``0812…``, ``812…``, ``+62 812…``."""

    def __init__(self, **how: Any) -> None:
        super().__init__(_phone_number, **how)

    def prepare_value(self, value: Any) -> Any:
        return value.removeprefix("+62") if isinstance(value, str) else value


def _phone_number(text: str) -> str:
    digits = text.translate(NOT_DIGITS).replace("(", "").replace(")", "")
    if not digits:
        return ""
    for prefix in ("+62", "62", "0"):
        if digits.startswith(prefix):
            digits = digits.removeprefix(prefix)
            break
    return f"+62{digits}"


def _whole(text: str) -> Any:
    """``1.250.000`` is a whole number; what is none stays as it was typed, for the engine to say so."""
    plain = text.lower().removeprefix("rp").strip().replace(".", "").replace(" ", "")
    if len(plain) > LONGEST_NUMBER:
        return text
    return int(plain) if plain.isascii() and plain.removeprefix("-").isdigit() else text


_MAKERS = {
    "text": _text,
    "paragraph": _paragraph,
    "number": _number,
    "money": _money,
    "date": _date,
    "time": _time,
    "phone": _phone,
    "email": _email,
    "point": _point,
    "choice": _choice,
    "village": _village,
    "yes": _yes,
}
