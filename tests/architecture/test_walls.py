"""Walls that import-linter cannot see."""

import ast
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings

from kartini import contracts
from kartini.contracts import Contract, Event, Query

SRC = Path(__file__).resolve().parents[2] / "src"
SYSTEMS = SRC / "kartini" / "systems"
SHARED = {"office", "people", "places"}


def house_models() -> Iterator[type[Any]]:
    for model in apps.get_models():
        if model.__module__.startswith("kartini."):
            yield model


def test_a_foreign_key_points_into_its_own_app_or_a_floor_below() -> None:
    faults = []
    for model in house_models():
        own = model._meta.app_label
        for field in model._meta.get_fields():
            target: Any = getattr(field, "related_model", None)
            if not getattr(field, "concrete", False) or not isinstance(target, type):
                continue
            label = apps.get_containing_app_config(target.__module__).label  # type: ignore[union-attr]
            if label in {own, "auth"}:
                continue
            if label not in SHARED:
                faults.append(f"{model.__name__}.{field.name} points into {label}")
            elif not field.remote_field.related_name.endswith("+"):
                faults.append(f"{model.__name__}.{field.name} must have related_name='+'")
    assert faults == []


def python_files() -> list[Path]:
    return [path for path in (SRC / "kartini").rglob("*.py") if "migrations" not in path.parts]


def test_nobody_fetches_a_model_by_name() -> None:
    assert [str(p) for p in python_files() if re.search(r"\bget_model\(", p.read_text())] == []


def test_a_template_includes_only_its_own_system_and_the_kit() -> None:
    pattern = re.compile(r"{%\s*(?:extends|include)\s+[\"']([^\"'/]+)/")
    faults = [
        f"{template.relative_to(SRC)}: {name}"
        for template in SYSTEMS.rglob("templates/**/*.html")
        for name in pattern.findall(template.read_text())
        if name not in {template.relative_to(SYSTEMS).parts[0], "kit"}
    ]
    assert faults == []


def published_contracts() -> list[type[Contract]]:
    modules = [
        import_module(f"kartini.contracts.{path.stem}")
        for path in Path(contracts.__path__[0]).glob("*.py")
    ]
    found = {
        value
        for module in modules
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, Contract) and "[" not in value.__name__
    }
    return sorted(found - {Contract, Event, Query}, key=lambda contract: contract.__name__)


@pytest.mark.parametrize("contract", published_contracts(), ids=lambda c: c.__name__)
def test_a_contract_is_documented_and_its_example_is_valid(contract: type[Contract]) -> None:
    assert contract.__doc__, "says what it means"
    assert contract.__doc__ != Contract.__doc__
    contract.model_validate(dict(contract.example))
    if contract.model_fields:
        assert contract.example, "shows an example"


def test_contract_names_are_unique_and_well_formed() -> None:
    names = [c.name for c in published_contracts() if issubclass(c, (Event, Query))]
    assert len(names) == len(set(names))
    assert [n for n in names if not re.fullmatch(r"[a-z][a-z-]*\.[a-z][a-z-]*\.v[0-9]+", n)] == []


def test_each_query_has_at_most_one_answerer() -> None:
    answered = [
        ast.unparse(node.args[0])
        for handlers in SYSTEMS.glob("*/handlers.py")
        for node in ast.walk(ast.parse(handlers.read_text()))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "answers"
    ]
    assert len(answered) == len(set(answered))


def test_no_file_is_longer_than_the_house_allows() -> None:
    """Code only: a file of tests is a list, and reads as well when it is long."""
    lengths = {
        str(path.relative_to(SRC)): len(path.read_text().splitlines())
        for path in python_files()
        if "tests" not in path.parts
    }
    assert {name: lines for name, lines in lengths.items() if lines > 400} == {}


def long_functions(folder: Path) -> Iterator[str]:
    """Those of more than 25 lines, without their docstring."""
    for path in folder.rglob("*.py"):
        if {"tests", "migrations"} & {*path.parts}:
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                body = node.body[1:] if ast.get_docstring(node) else node.body
                if body and (node.end_lineno or 0) - body[0].lineno >= 25:
                    yield f"{path.relative_to(folder)}: {node.name}"


def test_a_function_of_a_system_fits_on_half_a_page() -> None:
    held = [folder for folder in SYSTEMS.iterdir() if folder.is_dir()]
    assert "bank_sampah" in {folder.name for folder in held}
    assert {f.name: long for f in held if (long := list(long_functions(f)))} == {}


def test_the_lock_names_no_host() -> None:
    for lock in (SRC.parent / "requirements").glob("*.txt"):
        assert "://" not in lock.read_text(), lock.name


def test_every_installed_system_says_what_it_is_for() -> None:
    for system in settings.SYSTEMS:
        assert (import_module(f"kartini.systems.{system}").__doc__ or "").strip(), system


FORBIDDEN_IN_TEMPLATES = {
    "inline style": r"\sstyle=",
    "style element": r"<style",
    "event attribute": r"\son[a-z]+=[\"']",
    "script without nonce": r"<script(?![^>]*(nonce|application/json))[^>]*>",
}


@pytest.mark.parametrize("what", FORBIDDEN_IN_TEMPLATES)
def test_no_template_breaks_the_content_security_policy(what: str) -> None:
    pattern = re.compile(FORBIDDEN_IN_TEMPLATES[what])
    templates = (SRC / "kartini").rglob("templates/**/*.html")
    assert [str(t.relative_to(SRC)) for t in templates if pattern.search(t.read_text())] == []


def test_a_key_in_an_attribute_is_not_written_as_a_number_for_people() -> None:
    """Key 1001 in a form or an address must stay ``1001``: say ``pk|stringformat:'s'``."""
    pattern = re.compile(r'="[^"]*\{\{ [a-z_.]*\.pk \}\}')
    templates = (SRC / "kartini").rglob("templates/**/*.html")
    assert [str(t.relative_to(SRC)) for t in templates if pattern.search(t.read_text())] == []


COOKIE_READERS = {
    "kit/context.py",  # the display choices: they are in the key of a kept page
    "kit/middleware.py",
    "kit/remembered.py",
    "people/middleware.py",
    "systems/command_center/views.py",  # the wall's link; its pages are never kept
}


def test_nobody_reads_a_cookie_that_the_key_of_a_kept_page_does_not_hold() -> None:
    house = SRC / "kartini"
    sources = [p for p in house.rglob("*.py") if "tests" not in p.relative_to(house).parts]
    readers = {str(p.relative_to(house)) for p in sources if "COOKIES" in p.read_text()}
    assert readers <= COOKIE_READERS, "ADR 10: is it in the key, or is the page never kept?"


def test_no_text_hides_in_an_f_string() -> None:
    """What stands in there is not collected for translation, and an English word is left on the page."""
    hidden = [
        str(path.relative_to(SRC))
        for path in python_files()
        if re.search(r"""f["'].*\{(_|n?p?gettext)\(""", path.read_text())
    ]
    assert hidden == []
