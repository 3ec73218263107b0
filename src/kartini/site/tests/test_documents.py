"""Documents rot quietly. These tests hold them to the program."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest
import yaml
from django.urls import Resolver404, resolve

from kartini.site import rooms
from kartini.site.cli import kartini

ROOT = rooms.SRC.parent
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
NAMED_BY = "README.md README.id.md CONTRIBUTING.md SECURITY.md GLOSSARY.md CHANGELOG.md"


def by_name(page: Path) -> str:
    return str(page.relative_to(ROOT))


def _code(text: str) -> Iterator[str]:
    """What stands in backquotes and in fenced blocks."""
    fenced = re.findall(r"^```\w*\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    yield from (line.strip() for block in fenced for line in block.splitlines())
    without = re.sub(r"^```\w*\n.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)
    yield from re.findall(r"`([^`\n]+)`", without)


def test_the_front_door_has_its_documents() -> None:
    assert set(NAMED_BY.split()) <= {page.name for page in ROOT.glob("*.md")}


@pytest.mark.parametrize("page", PAGES, ids=by_name)
def test_every_link_leads_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text()):
        path, _, anchor = target.partition("#")
        if "://" in target or target.startswith("mailto:"):
            continue
        found = (page.parent / path).resolve() if path else page
        assert found.exists(), target
        if anchor:
            assert anchor in _anchors(found), target


def _anchors(page: Path) -> set[str]:
    titles = re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("page", PAGES, ids=by_name)
def test_every_command_that_a_page_names_exists(page: Path) -> None:
    for code in _code(page.read_text()):
        found = re.search(r"(?:^|/|(?<!-u)\s)kartini ((?:[a-z][a-z-]+ ?)+)", code)
        if found:
            _walk(found[1].split(), code)
        made = re.match(r"(?:sudo )?make ([a-z-]+)", code)
        if made:
            assert re.search(rf"^{made[1]}:", (ROOT / "Makefile").read_text(), re.MULTILINE), code


def _walk(words: list[str], code: str) -> None:
    """Follow the words into the command line, as far as they are commands."""
    context = click.Context(kartini)
    command: click.Command = kartini
    for word in words:
        if not isinstance(command, click.Group):
            return
        following = command.get_command(context, word)
        assert following is not None, f"no command: {code}"
        command = following


@pytest.mark.parametrize("page", PAGES, ids=by_name)
def test_every_file_that_a_page_names_exists(page: Path) -> None:
    for code in _code(page.read_text()):
        if re.fullmatch(r"(?:src|docs|tests|requirements|benchmarks)/[\w./-]+", code):
            assert (ROOT / code).exists() or "parkir" in code, code


@pytest.mark.parametrize("page", PAGES, ids=by_name)
def test_every_address_that_a_page_names_answers(page: Path) -> None:
    for path in re.findall(r"localhost:8000(/[\w/-]*)", page.read_text()):
        try:
            resolve(path)
        except Resolver404:
            pytest.fail(path)


def test_the_settings_page_lists_what_is_read_and_nothing_else() -> None:
    read = {f"KARTINI_{name}" for name in _names(rooms.SRC / "kartini/site/settings.py")}
    rings = re.findall(r'Ring\("(\w+)"', (rooms.SRC / "kartini/exchange/log/keys.py").read_text())
    read |= {f"KARTINI_KEYS_{ring.upper()}" for ring in rings}
    for path in rooms.SRC.rglob("*.py"):
        if "tests" not in path.parts and path.name != "testing.py":
            asked = re.findall(r'environ(?:\.get\(|\[)"(KARTINI_[A-Z_]+)"', path.read_text())
            read |= set(asked)
    page = (ROOT / "docs/reference/settings.md").read_text()
    listed = re.findall(r"^\| `(KARTINI_[A-Z_]+)` \|", page, re.MULTILINE)

    assert sorted(listed) == sorted(read)


def _names(settings: Path) -> list[str]:
    return re.findall(r'env\.\w+\(\s*"([A-Z_]+)"', settings.read_text())


def test_publiccode_says_what_the_standard_wants() -> None:
    """Mandatory keys and controlled words of publiccode.yml 0.4 (yml.publiccode.tools)."""
    said: dict[str, Any] = yaml.safe_load((ROOT / "publiccode.yml").read_text())

    assert said["publiccodeYmlVersion"] == "0.4"
    assert said["developmentStatus"] in {"concept", "development", "beta", "stable", "obsolete"}
    assert said["softwareType"] == "standalone/web"
    assert said["url"].startswith("https://")
    assert said["legal"]["license"] == "Apache-2.0"
    assert said["maintenance"]["type"] == "community"
    assert all(one["name"] for one in said["maintenance"]["contacts"])
    assert said["localisation"] == {"localisationReady": True, "availableLanguages": ["id", "en"]}
    assert (ROOT / said["logo"]).exists()
    for text in said["description"].values():
        assert len(text["shortDescription"]) <= 150
        assert 150 <= len(text["longDescription"]) <= 10_000
        assert text["features"]


def test_what_is_assumed_names_every_place_where_something_is_assumed() -> None:
    sources = [p for p in (rooms.SRC / "kartini").rglob("*") if p.suffix in {".py", ".toml"}]
    marked = {
        str(path.relative_to(ROOT))
        for path in sources
        if "tests" not in path.parts
        and re.search(r"\bASSUMPTION\b|\bASUMSI\b|\"BK\"", path.read_text())
    }
    page = (ROOT / "docs/explanation/what-is-assumed.md").read_text()

    assert marked - set(re.findall(r"`(src/[^`]+)`", page)) == set()
