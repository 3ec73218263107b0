"""Reads permit types from TOML files and names every fault with its file and key."""

import tomllib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from pydantic import ValidationError

from kartini.systems.joss.engine import lint
from kartini.systems.joss.engine.definition import Definition

HERE = Path(__file__).resolve().parent
TYPES = HERE / "types"
CERTIFICATES = HERE / "certificates"


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong: where (file and key) and what, in plain words."""

    file: str
    key: str
    words: str

    def __str__(self) -> str:
        return (
            f"{self.file}: {self.key}: {self.words}" if self.key else f"{self.file}: {self.words}"
        )


class BadDefinition(Exception):
    """This file does not describe a permit type."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = list(faults)
        super().__init__("\n".join(map(str, self.faults)))


def load(path: Path) -> Definition:
    """The permit type in this file. Raises ``BadDefinition`` with all faults at once."""
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
        definition = Definition.model_validate(data)
    except OSError as error:
        raise BadDefinition([Fault(path.name, "", error.strerror or "cannot be read")]) from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BadDefinition([Fault(path.name, "", f"not TOML in UTF-8: {error}")]) from error
    except ValidationError as error:
        raise BadDefinition(_from_pydantic(path, error)) from error
    faults = [Fault(path.name, key, words) for key, words in _judge(definition, path)]
    if faults:
        raise BadDefinition(faults)
    return definition


def lint_files(paths: Iterable[Path]) -> list[Fault]:
    """Every fault of these files, and what is wrong between them."""
    faults: list[Fault] = []
    seen: dict[str, str] = {}
    for path in sorted(paths):
        try:
            definition = load(path)
        except BadDefinition as bad:
            faults += bad.faults
            continue
        other = seen.setdefault(definition.title.id.casefold(), path.name)
        if other != path.name:
            faults.append(Fault(path.name, "title.id", f"the same title as in {other}"))
    return faults


@cache
def shipped(folder: Path = TYPES) -> dict[str, Definition]:
    """All types of a folder by code. A faulty file stops the start: better than a wrong permit."""
    return {path.stem: load(path) for path in sorted(folder.glob("*.toml"))}


def _from_pydantic(path: Path, error: ValidationError) -> Iterator[Fault]:
    for fault in error.errors(include_url=False, include_context=False):
        yield Fault(path.name, _key(fault["loc"]), _words(fault["type"], fault["msg"]))


def _words(kind: str, message: str) -> str:
    plain = {"missing": "is missing", "extra_forbidden": "is not a known key"}
    return plain.get(kind, message[:1].lower() + message[1:])


def _key(location: tuple[int | str, ...]) -> str:
    key = ""
    for part in location:
        key += f"[{part}]" if isinstance(part, int) else f".{part}" if key else str(part)
    return key


def _judge(definition: Definition, path: Path) -> Iterator[tuple[str, str]]:
    if definition.code != path.stem:
        yield "code", f"must be {path.stem!r}, like the file's name"
    if not (CERTIFICATES / definition.certificate.template).is_file():
        yield "certificate.template", "no such file in engine/certificates"
    checks: tuple[Callable[[Definition], Iterator[tuple[str, str]]], ...] = lint.CHECKS
    for check in checks:
        yield from check(definition)
