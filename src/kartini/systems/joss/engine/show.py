"""Answers as people read them."""

from collections.abc import Callable
from datetime import date
from typing import Any

from kartini.kit import formats
from kartini.systems.joss.engine.definition import PLACEHOLDER, Definition, FieldSpec

Place = Callable[[str], str]


def show(field: FieldSpec, value: Any, language: str, place: Place) -> str:
    """One answer in words; ``place`` names a village by its code."""
    if value is None or value == "":
        return formats.NOTHING
    match field.widget:
        case "choice":
            labels = {choice.value: choice.label for choice in field.choices}
            return labels[value].say(language) if value in labels else str(value)
        case "date":
            return formats.long_date(date.fromisoformat(value), language=language)
        case "village":
            return place(value)
        case "time":
            return str(value) if language.startswith("en") else str(value).replace(":", ".")
        case "money":
            return formats.rupiah(value, language=language)
        case "number":
            unit = f" {field.unit.say(language)}" if field.unit else ""
            return formats.number(value, language=language) + unit
        case "yes":
            return {"id": "Ya", "en": "Yes"}.get(language[:2], "Ya") if value else formats.NOTHING
        case _:
            return str(value)


def fill(
    text: str,
    definition: Definition,
    answers: dict[str, Any],
    identity: dict[str, str],
    place: Place,
) -> str:
    """A line of the certificate with its answers put in; the certificate is in Indonesian."""

    def value(name: str) -> str:
        if name.startswith("identity."):
            return identity.get(name.removeprefix("identity.")) or formats.NOTHING
        field = definition.fields[name]
        plain = field.widget in {"number", "money"}
        answer = answers.get(name)
        return formats.number(answer) if plain else show(field, answer, "id", place)

    return PLACEHOLDER.sub(lambda match: value(match.group(1)), text)
