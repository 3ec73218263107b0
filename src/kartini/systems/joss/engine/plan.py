"""Where an application stands: which pages it still has, whose turn it is, what comes next."""

from typing import Any

from kartini.systems.joss.engine.definition import Definition, PaperSpec, Step

APPLICANT = "applicant"


def state_of(definition: Definition, stage: int) -> str:
    """The state in which a stage begins. The first verification is ``submitted``."""
    return "submitted" if stage == 0 else definition.stages[stage].kind


def steps_for(definition: Definition, answers: dict[str, Any]) -> list[Step]:
    """The pages that these answers call for, in order."""
    return [s for s in definition.steps if s.when is None or s.when.holds(answers)]


def papers_for(definition: Definition, answers: dict[str, Any]) -> list[PaperSpec]:
    """The papers that these answers call for."""
    return [p for p in definition.papers if p.when is None or p.when.holds(answers)]


def relevant(definition: Definition, answers: dict[str, Any]) -> dict[str, Any]:
    """Only the answers of pages that are still shown: what was typed on a page that fell away stays a
    draft's memory but is never submitted."""
    shown = {field.code for step in steps_for(definition, answers) for field in step.fields}
    return {code: value for code, value in answers.items() if code in shown}
