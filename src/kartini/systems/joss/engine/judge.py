"""Judges answers against the questions of a type, in words that a person understands, in both languages.

An answer is a JSON value: text, whole number, ``true``/``false``; a date is ``2026-11-24``, a time ``16:00``,
a point ``-6.61880,110.68400``, a village its Kemendagri code.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import Any

from jsonschema import Draft202012Validator

from kartini.systems.joss.engine.definition import BOUND, Definition, FieldSpec, Text
from kartini.systems.joss.engine.numbers import shift_months
from kartini.systems.joss.engine.plan import papers_for, relevant, steps_for

LONGEST_TEXT = 2000
NOT_OFFERED = Text(id="Pilih salah satu yang tersedia", en="Choose one of the options")
_PHONE = re.compile(r"\+62[0-9]{8,13}")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]{2,}")
_VILLAGE = re.compile(r"[0-9]{2}\.[0-9]{2}\.[0-9]{2}\.[0-9]{4}")
_POINT = re.compile(r"-?[0-9]{1,2}(\.[0-9]{1,7})?,-?[0-9]{1,3}(\.[0-9]{1,7})?")


@dataclass(frozen=True)
class Gap:
    """Something that must be mended before submission: on which page, which field or paper, why."""

    step: str
    code: str
    label: Text
    words: Text


def judge(
    fields: Iterable[FieldSpec], given: dict[str, Any], *, today: date, before: dict[str, Any]
) -> dict[str, Text]:
    """What is wrong with the answers of one page, by field; empty when all is well.

    ``before`` are the answers of other pages (a date may be bounded by one of them).
    """
    answers = {**before, **given}
    faults = {}
    for field in fields:
        words = _fault(field, given.get(field.code), answers, today)
        if words:
            faults[field.code] = words
    return faults


def gaps(
    definition: Definition, answers: dict[str, Any], papers: Iterable[str], *, today: date
) -> list[Gap]:
    """All that is still missing or wrong in a whole application, in the order of the pages."""
    found = []
    kept = relevant(definition, answers)
    for step in steps_for(definition, kept):
        labels = {field.code: field.label for field in step.fields}
        faults = judge(step.fields, kept, today=today, before=kept)
        found += [Gap(step.code, code, labels[code], words) for code, words in faults.items()]
    have = set(papers)
    found += [
        Gap("papers", paper.code, paper.title, _both("Unggah {0}", "Upload {0}", paper.title))
        for paper in papers_for(definition, kept)
        if paper.required and paper.code not in have
    ]
    return found


def _fault(field: FieldSpec, value: Any, answers: dict[str, Any], today: date) -> Text | None:
    if value is None or value == "":
        return missing(field) if field.required else None
    if field.widget == "yes" and field.required and value is not True:
        return missing(field)
    return _shape(field, value) or _when(field, value, answers, today)


def missing(field: FieldSpec) -> Text:
    """What to say when nothing was answered."""
    if field.widget in {"choice", "village"}:
        return _both("Pilih {0}", "Choose {0}", field.label)
    if field.widget == "yes":
        return Text(id="Beri tanda bila Anda setuju", en="Tick this if you agree")
    return _both("Isi {0}", "Enter {0}", field.label)


def _shape(field: FieldSpec, value: Any) -> Text | None:
    if field.widget == "choice" and value not in [choice.value for choice in field.choices]:
        return NOT_OFFERED
    wrong = _WIDGET_RULES.get(field.widget)
    if wrong and not wrong[0](value):
        return wrong[1]
    if isinstance(value, str) and len(value) > LONGEST_TEXT:
        return _too_long(LONGEST_TEXT)
    faults = sorted(Draft202012Validator(field.shape).iter_errors(value), key=lambda e: e.validator)
    return _explain(field, faults[0]) if faults else None


def _explain(field: FieldSpec, error: Any) -> Text:
    limit = error.validator_value
    match error.validator:
        case "maxLength":
            return _too_long(limit)
        case "minLength" if field.message is None:
            return Text(
                id=f"Terlalu pendek, sedikitnya {limit} huruf",
                en=f"Too short, at least {limit} characters",
            )
        case "minimum":
            return Text(id=f"Paling kecil {_id(limit)}", en=f"At least {limit:,}")
        case "maximum":
            return Text(id=f"Paling besar {_id(limit)}", en=f"At most {limit:,}")
        case "type":
            return Text(id="Isi dengan angka bulat", en="Enter a whole number")
        case _:
            return field.message or _both(
                "Periksa lagi {0}, bentuknya tidak sesuai",
                "Check {0}, it does not have the right form",
                field.label,
            )


def _when(field: FieldSpec, value: Any, answers: dict[str, Any], today: date) -> Text | None:
    if field.widget != "date" or not (field.not_before or field.not_after):
        return None
    on = date.fromisoformat(value)
    first, last = (_bound(b, answers, today) for b in (field.not_before, field.not_after))
    if last and on > last:
        if field.not_after == "today":
            return Text(
                id="Tanggal tidak boleh di masa depan", en="The date must not be in the future"
            )
        return _date("Tanggal paling akhir {0}", "The latest date is {0}", last)
    if first and on < first:
        if field.not_before == "today":
            return Text(id="Tanggal sudah lewat", en="The date has passed")
        return _date("Tanggal paling awal {0}", "The earliest date is {0}", first)
    return None


def _bound(bound: str | None, answers: dict[str, Any], today: date) -> date | None:
    parts = BOUND.fullmatch(bound or "")
    if parts is None:
        return None
    start = _as_date(answers.get(parts["field"])) if parts["field"] else today
    if start is None or not parts["amount"]:
        return start
    number = int(parts["amount"])
    try:
        if parts["unit"] == "d":
            return start + timedelta(days=number)
        return shift_months(start, number * (12 if parts["unit"] == "y" else 1))
    except (ValueError, OverflowError):  # beyond the calendar: no bound
        return None


def _as_date(value: Any) -> date | None:
    try:
        return date.fromisoformat(value) if len(value) == len("2026-11-24") else None
    except (TypeError, ValueError):
        return None


def _is_time(value: Any) -> bool:
    try:
        time.fromisoformat(value)
    except (TypeError, ValueError):
        return False
    return len(value) == len("16:00")


def _is_point(value: Any) -> bool:
    if not isinstance(value, str) or not _POINT.fullmatch(value):
        return False
    latitude, longitude = map(float, value.split(","))
    return abs(latitude) <= 90 and abs(longitude) <= 180


def _like(pattern: re.Pattern[str]) -> Any:
    return lambda value: isinstance(value, str) and pattern.fullmatch(value) is not None


_WHOLE = Text(id="Isi dengan angka bulat", en="Enter a whole number")
_WIDGET_RULES: dict[str, tuple[Any, Text]] = {
    "date": (
        lambda value: _as_date(value) is not None,
        Text(
            id="Tanggal itu tidak ada. Contoh: 12 3 2024",
            en="That date does not exist. For example: 12 3 2024",
        ),
    ),
    "time": (_is_time, Text(id="Isi jam, misalnya 16:00", en="Enter a time, such as 16:00")),
    "phone": (
        _like(_PHONE),
        Text(
            id="Nomor tidak lengkap. Contoh: 812 3456 7890",
            en="The number is not complete. For example: 812 3456 7890",
        ),
    ),
    "email": (
        _like(_EMAIL),
        Text(
            id="Tulis surel lengkap, misalnya nama@contoh.id",
            en="Enter a full e-mail address, such as name@example.com",
        ),
    ),
    "village": (
        _like(_VILLAGE),
        Text(id="Pilih desa atau kelurahan", en="Choose a village"),
    ),
    "point": (
        _is_point,
        Text(
            id="Isi titik lokasi, misalnya -6.6188,110.6840",
            en="Enter a point, such as -6.6188,110.6840",
        ),
    ),
    "number": (lambda v: isinstance(v, int) and not isinstance(v, bool), _WHOLE),
    "money": (lambda v: isinstance(v, int) and not isinstance(v, bool), _WHOLE),
    "yes": (lambda v: isinstance(v, bool), Text(id="Jawab ya atau tidak", en="Answer yes or no")),
    "text": (lambda v: isinstance(v, str), Text(id="Isi dengan tulisan", en="Enter text")),
    "paragraph": (lambda v: isinstance(v, str), Text(id="Isi dengan tulisan", en="Enter text")),
}


def _too_long(limit: int) -> Text:
    return Text(
        id=f"Terlalu panjang, paling banyak {limit} huruf",
        en=f"Too long, at most {limit} characters",
    )


def _both(indonesian: str, english: str, label: Text) -> Text:
    return Text(id=indonesian.format(_low(label.id)), en=english.format(_low(label.en)))


def _low(label: str) -> str:
    """A label within a sentence: small first letter, unless it is a name in capitals (NIK, STR)."""
    first = label.split()[0]
    return label if first.isupper() or not label[1:2].islower() else label[0].lower() + label[1:]


def _date(indonesian: str, english: str, day: date) -> Text:
    return Text(id=indonesian.format(f"{day:%d-%m-%Y}"), en=english.format(f"{day:%d-%m-%Y}"))


def _id(number: int) -> str:
    return f"{number:,}".replace(",", ".")
