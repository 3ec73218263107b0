"""Which systems stand in the house, and which rooms a system has. Looks at files only; imports none."""

from pathlib import Path

SRC = Path(__file__).resolve().parents[2]


def all_systems() -> list[str]:
    """Every folder in ``systems/`` that is a Django app, by name."""
    return sorted(found.parent.name for found in (SRC / "kartini/systems").glob("*/apps.py"))


def has(module: str) -> bool:
    """Is there such a module? ``kartini.systems.joss.urls``, for example."""
    path = SRC / module.replace(".", "/")
    return path.with_suffix(".py").is_file() or (path / "__init__.py").is_file()
