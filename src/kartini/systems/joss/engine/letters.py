"""Words that every letter bears, whatever the permit: kept in a file, so that a clerk can change them."""

import tomllib
from functools import cache
from pathlib import Path
from typing import Annotated

from pydantic import Field

from kartini.systems.joss.engine.definition import Marked, Piece, Text


class Objection(Marked):
    """How to object to a refusal."""

    title: Text
    steps: Annotated[tuple[Text, ...], Field(strict=False, min_length=1)]
    unverified: Text
    again: Text


class Letters(Piece):
    objection: Objection


@cache
def letters() -> Letters:
    path = Path(__file__).with_suffix(".toml")
    return Letters.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
