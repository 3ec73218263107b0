"""What a type file must obey beyond its shape. Each check yields (key, what is wrong)."""

from collections.abc import Callable, Iterator

from jsonschema import Draft202012Validator, SchemaError

from kartini.systems.joss.engine.definition import (
    BOUND,
    PLACEHOLDER,
    Condition,
    Definition,
    FieldSpec,
)

Findings = Iterator[tuple[str, str]]
IDENTITY = {"name", "nik", "birth_place", "birth_on", "address", "village", "sex"}
JSON_TYPE = {"number": "integer", "money": "integer", "yes": "boolean"}
RESERVED = {"identity", "papers", "check"}


def codes_are_unique(d: Definition) -> Findings:
    seen: set[str] = set()
    for i, step in enumerate(d.steps):
        if step.code in RESERVED:
            yield f"step[{i}].code", f"{step.code!r} is a step that every type has already"
        for j, field in enumerate(step.fields):
            if field.code in seen:
                yield f"step[{i}].field[{j}].code", f"{field.code!r} stands twice"
            seen.add(field.code)
    for key, codes in (
        ("step", [s.code for s in d.steps]),
        ("paper", [p.code for p in d.papers]),
        ("survey", [f.code for f in d.survey]),
    ):
        for i, code in enumerate(codes):
            if code in codes[:i]:
                yield f"{key}[{i}].code", f"{code!r} stands twice"


def fields_are_sound(d: Definition) -> Findings:
    known: set[str] = set()
    for i, step in enumerate(d.steps):
        for j, field in enumerate(step.fields):
            known.add(field.code)
            yield from _field(f"step[{i}].field[{j}]", field, known)
    for i, field in enumerate(d.survey):
        yield from _field(f"survey[{i}]", field, {f.code for f in d.survey})


def _field(key: str, field: FieldSpec, known: set[str]) -> Findings:
    if (field.widget == "choice") != bool(field.choices):
        yield f"{key}.choices", "a choice has choices, and nothing else has"
    values = [choice.value for choice in field.choices]
    if len(set(values)) < len(values):
        yield f"{key}.choices", "a value stands twice"
    try:
        Draft202012Validator.check_schema(field.shape)
    except SchemaError as error:
        yield f"{key}.schema", f"not a JSON Schema: {error.message}"
        return
    wanted = JSON_TYPE.get(field.widget, "string")
    if field.shape.get("type", wanted) != wanted:
        yield f"{key}.schema.type", f"the widget {field.widget!r} gives a {wanted}"
    if "pattern" in field.shape and field.message is None:
        yield f"{key}.message", "a pattern needs words for a person whose answer does not fit"
    for name in ("not_before", "not_after"):
        bound = getattr(field, name)
        if bound and field.widget != "date":
            yield f"{key}.{name}", "only a date has bounds in time"
        named = BOUND.fullmatch(bound or "today")
        if named and named["field"] and named["field"] not in known:
            yield f"{key}.{name}", f"no field {named['field']!r} on this page or before"


def conditions_look_back(d: Definition) -> Findings:
    earlier: dict[str, FieldSpec] = {}
    for i, step in enumerate(d.steps):
        if step.when:
            yield from _condition(f"step[{i}].when", step.when, earlier)
        earlier |= {field.code: field for field in step.fields}
    for i, paper in enumerate(d.papers):
        if paper.when:
            yield from _condition(f"paper[{i}].when", paper.when, earlier)


def _condition(key: str, condition: Condition, earlier: dict[str, FieldSpec]) -> Findings:
    field = earlier.get(condition.field)
    if field is None:
        yield f"{key}.field", f"no field {condition.field!r} on an earlier page"
        return
    possible: set[str | bool] = {choice.value for choice in field.choices}
    possible |= {True, False} if field.widget == "yes" else set()
    for value in condition.one_of:
        if value not in possible:
            yield f"{key}.one_of", f"{condition.field!r} can never be {value!r}"


def stages_make_a_path(d: Definition) -> Findings:
    kinds = [stage.kind for stage in d.stages]
    if kinds[0] != "verification":
        yield "stage[0].kind", "the first stage is the verification"
    if kinds[-1] != "decision" or kinds.count("decision") != 1:
        yield "stage", "the last stage, and only the last, is the decision"
    promised = sum(stage.working_days for stage in d.stages[1:])
    if promised != d.promise.working_days:
        yield (
            "promise.working_days",
            f"{d.promise.working_days} promised, but the stages after the first take {promised}",
        )
    if kinds.count("assessment") != (0 if d.cost.kind == "free" else 1):
        yield "cost.kind", "an amount to pay needs exactly one assessment, a free permit none"
    for i, stage in enumerate(d.stages):
        if stage.survey and stage.kind != "recommendation":
            yield f"stage[{i}].survey", "only an agency that recommends surveys"
    if any(stage.survey for stage in d.stages) != bool(d.survey):
        yield "survey", "a stage with a survey needs questions for the surveyor, and only then"


def references_exist(d: Definition) -> Findings:
    fields = d.fields
    if d.village and (d.village not in fields or fields[d.village].widget != "village"):
        yield "village", f"{d.village!r} is no village field"
    ends = d.validity
    if ends.kind == "until-field" and (
        ends.field not in fields or fields[ends.field].widget != "date"
    ):
        yield "validity.field", f"{ends.field!r} is no date field"
    if ends.kind in {"years", "months", "days"} and ends.amount < 1:
        yield "validity.amount", "must be at least 1"
    known = {*fields, *(f"identity.{name}" for name in IDENTITY)}
    for i, row in enumerate(d.certificate.rows):
        for name in PLACEHOLDER.findall(row.value):
            if name not in known:
                yield f"certificate.row[{i}].value", f"no answer {name!r}"


def nobody_lapses_unreminded(d: Definition) -> Findings:
    lapse = d.waiting.lapse_days
    if lapse is not None and lapse <= d.waiting.remind_days:
        yield "waiting.lapse_days", f"lapses before the reminder on day {d.waiting.remind_days}"


def number_can_be_counted(d: Definition) -> Findings:
    names = PLACEHOLDER.findall(d.certificate.number)
    for needed in ("serial", "year"):
        if names.count(needed) != 1:
            yield "certificate.number", f"needs {{{needed}}} exactly once"
    for name in set(names) - {"serial", "year", "month"}:
        yield "certificate.number", f"{{{name}}} is not known"


CHECKS: tuple[Callable[[Definition], Findings], ...] = (
    codes_are_unique,
    fields_are_sound,
    conditions_look_back,
    stages_make_a_path,
    references_exist,
    nobody_lapses_unreminded,
    number_can_be_counted,
)
