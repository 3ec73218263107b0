"""A new system: the smallest one of the house, copied under another name."""

import keyword
import re
from dataclasses import dataclass
from pathlib import Path

import click
from django.apps import apps
from django.urls import Resolver404, resolve

MODEL = "pengumuman"
WELL_FORMED = re.compile(r"[a-z]+(_[a-z]+)*")
LONGEST = 20
LEFT_BEHIND = {"__pycache__", ".mo", ".pyc"}

# A code on the exchange, of a role, in an address: "pengumuman.editor", "pengumuman", /pengumuman/
_CODE = re.compile(rf"""(?<!app_name = ["'])(?<=["']){MODEL}(?=[."'])|(?<=/){MODEL}(?=/)""")


class NameRefused(click.ClickException):
    """This cannot be a system's name. Nothing was written."""


@dataclass(frozen=True)
class Name:
    """One name in the four spellings that a system needs: bank_sampah, bank-sampah, BankSampah, Bank Sampah."""

    module: str

    @property
    def code(self) -> str:
        return self.module.replace("_", "-")

    @property
    def words(self) -> str:
        return self.module.replace("_", " ")

    @property
    def camel(self) -> str:
        return self.words.title().replace(" ", "")


def copy_system(name: str, *, into: Path) -> list[Path]:
    """Copy the smallest system and its contracts as ``name`` into the source folder ``into``.

    Returns the files that were written. Raises ``NameRefused``, and then nothing was written.
    """
    new = Name(name.strip().replace("-", "_"))
    house = into / "kartini"
    _refuse_if_malformed(new)
    _refuse_if_taken(new, house)
    written = [
        _write(house / _renamed(source.relative_to(house), new), _text(source, new))
        for source in _sources(house)
    ]
    return sorted(written)


def _refuse_if_malformed(new: Name) -> None:
    if not WELL_FORMED.fullmatch(new.module) or len(new.module) > LONGEST:
        raise NameRefused(
            f"{new.module!r} is no name for a system: lower-case letters, words joined by _, "
            f"at most {LONGEST} characters."
        )
    if keyword.iskeyword(new.module) or keyword.issoftkeyword(new.module):
        raise NameRefused(f"{new.module!r} is a word of Python.")


def _refuse_if_taken(new: Name, house: Path) -> None:
    taken = {
        f"a folder {new.module} in systems": (house / "systems" / new.module).exists(),
        f"a contract file {new.module}.py": (house / "contracts" / f"{new.module}.py").exists(),
        f"an app {new.module}": new.module in {app.label for app in apps.get_app_configs()},
        f"a page at /{new.code}/": _is_address(f"/{new.code}/"),
    }
    for what, is_there in taken.items():
        if is_there:
            raise NameRefused(f"There is already {what}.")


def _is_address(path: str) -> bool:
    try:
        resolve(path)
    except Resolver404:
        return False
    return True


def _sources(house: Path) -> list[Path]:
    found = [p for p in (house / "systems" / MODEL).rglob("*") if p.is_file()]
    kept = [p for p in found if not LEFT_BEHIND & {*p.parts, p.suffix}]
    return [*kept, house / "contracts" / f"{MODEL}.py"]


def _renamed(path: Path, new: Name) -> Path:
    return Path(*(part.replace(MODEL, new.module) for part in path.parts))


def _text(source: Path, new: Name) -> str:
    """The source's text with the name in the spelling that each place needs."""
    text = source.read_text()
    title = MODEL.title()
    if source.suffix == ".po":  # one text has one Indonesian in the whole house (ADR 0009)
        return text.replace(f"/{MODEL}/", f"/{new.module}/")
    if source.name == "__init__.py" and source.parent.name == MODEL:
        return f'"""{new.words.title()}: say here in one sentence what it is for."""\n'
    if "migrations" not in source.parts:
        text = _CODE.sub(new.code, text)
    text = text.replace(MODEL, new.module)
    return text.replace(f"{title}Config", f"{new.camel}Config").replace(title, new.words.title())


def _write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path
