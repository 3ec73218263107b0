"""Translations without system gettext: collect, check and compile with Babel.

Each app carries its own ``locale/<language>/LC_MESSAGES/django.po`` (ADR 0009). The source language is English.
"""

import io
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import click
from babel.messages import Catalog, pofile
from babel.messages.extract import extract_python
from babel.messages.mofile import write_mo
from django.utils.translation.template import templatize

from kartini.exchange import published
from kartini.site import rooms

LANGUAGE = "id"
KEYWORDS = {
    "_": None, "gettext": None, "gettext_lazy": None, "gettext_noop": None,
    "ngettext": (1, 2), "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2), "pgettext_lazy": ((1, "c"), 2), "npgettext": ((1, "c"), 2, 3),
}  # fmt: skip
FOLDED_AT = 100
EPOCH = datetime(2026, 11, 24, tzinfo=UTC)
EMPTY = b'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n"Plural-Forms: nplurals=1; plural=0;\\n"\n'
Found = tuple[str | tuple[str, str], str | None]


def apps() -> list[Path]:
    """The folders that carry a catalogue: shared floors and systems."""
    house = rooms.SRC / "kartini"
    floors = [house / name for name in ("site", "office", "people", "places", "exchange", "kit")]
    return floors + sorted(path.parent for path in (house / "systems").glob("*/apps.py"))


def catalogue(app: Path) -> Path:
    return app / "locale" / LANGUAGE / "LC_MESSAGES" / "django.po"


def texts_of(app: Path) -> Catalog:
    """Every marked text of one app, in its Python files and templates."""
    found = Catalog(locale=LANGUAGE, project="kartini", charset="utf-8", creation_date=EPOCH)
    if app.name == "exchange":  # its catalogue shows what contracts say of themselves
        for words in published.meanings():
            found.add(words, locations=[("contracts", 1)])
    for path in sorted(app.rglob("*")):
        if (
            path.suffix not in {".py", ".html", ".txt"}
            or "migrations" in path.parts
            or "tests" in path.parts
        ):
            continue
        reader = _in_python if path.suffix == ".py" else _in_template
        for message, context in reader(path):
            found.add(
                message,
                locations=[(str(path.relative_to(app)), 1)],
                context=context,
                flags=["python-format"] if _has_placeholder(message) else [],
            )
    return found


def _has_placeholder(message: str | tuple[str, str]) -> bool:
    return "%(" in (message[0] if isinstance(message, tuple) else message)


def _in_python(path: Path) -> Iterator[Found]:
    yield from _extract(path.read_bytes())


def _in_template(path: Path) -> Iterator[Found]:
    if "{%" not in (source := path.read_text()) and "{{" not in source:
        return
    for line in templatize(source, origin=str(path)).splitlines():
        if "(" in line:
            yield from _extract(line.strip().encode())


def _extract(source: bytes) -> Iterator[Found]:
    for _line, function, message, _comments in extract_python(io.BytesIO(source), KEYWORDS, [], {}):
        parts = message if isinstance(message, tuple) else (message,)
        if function not in KEYWORDS or not parts or not isinstance(parts[0], str):
            continue
        context = parts[0] if "pgettext" in function else None
        rest = [p for p in (parts[1:] if context else parts) if isinstance(p, str)]
        if not rest or not rest[0]:
            continue
        plural = "ngettext" in function or "npgettext" in function
        yield (rest[0], rest[1]) if plural and len(rest) > 1 else rest[0], context


def read(app: Path) -> Catalog:
    path = catalogue(app)
    source = path.read_bytes() if path.exists() else EMPTY
    return pofile.read_po(io.BytesIO(source), locale=LANGUAGE)


def collect(app: Path) -> int:
    """Bring the catalogue up to date; return how many texts are untranslated."""
    merged = read(app)
    merged.update(texts_of(app), no_fuzzy_matching=True)
    merged.creation_date = merged.revision_date = EPOCH
    merged.project, merged.version, merged.fuzzy = "kartini", "1", False
    merged.msgid_bugs_address = "-"
    merged.last_translator = merged.language_team = "Kartini"
    merged.header_comment = "# Indonesian texts. Source language: English."
    path = catalogue(app)
    if not len(merged):
        return 0
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        pofile.write_po(
            file,
            merged,
            width=FOLDED_AT,
            sort_output=True,
            ignore_obsolete=True,
            include_lineno=False,
        )
    return sum(1 for message in merged if message.id and not _translated(message.string))


def _translated(string: object) -> bool:
    return all(string) if isinstance(string, tuple) else bool(string)


def faults(app: Path) -> Iterator[str]:
    """Texts without Indonesian words, fuzzy ones, broken placeholders, and words nobody uses any more."""
    wanted, known = texts_of(app), read(app)
    for message in wanted:
        if not message.id:
            continue
        have = known.get(message.id, context=message.context)
        if have is None or not _translated(have.string):
            yield f"{app.name}: no Indonesian for {message.id!r}"
        elif have.fuzzy:
            yield f"{app.name}: fuzzy: {message.id!r}"
        else:
            yield from (f"{app.name}: {message.id!r}: {error}" for error in have.check(known))
    for message in known:
        if message.id and wanted.get(message.id, context=message.context) is None:
            yield f"{app.name}: nobody says {message.id!r} any more"


def clashes(catalogues: dict[str, Catalog]) -> Iterator[str]:
    """One English text with several Indonesian ones: while the house runs, the first app's would win everywhere."""
    said: dict[tuple[object, object], dict[object, list[str]]] = {}
    for app, known in catalogues.items():
        for message in known:
            if message.id and message.string:
                words = said.setdefault((message.context, message.id), {})
                words.setdefault(message.string, []).append(app)
    for (context, text), words in said.items():
        if len(words) > 1:
            told = ", ".join(f"{' and '.join(by)}: {string!r}" for string, by in words.items())
            where = f" (context {context!r})" if context else ""
            yield f"{text!r}{where} has {len(words)} translations: {told}; agree on one, or give a context"


def compile_all() -> int:
    """Write the ``.mo`` files that are missing or older than their source; return how many."""
    made = 0
    for app in apps():
        source = catalogue(app)
        target = source.with_suffix(".mo")
        if not source.exists() or (
            target.exists() and target.stat().st_mtime >= source.stat().st_mtime
        ):
            continue
        with target.open("wb") as file:
            write_mo(file, read(app))
        made += 1
    return made


@click.group()
def messages() -> None:
    """Texts and their translation."""


@messages.command("collect")
def collect_command() -> None:
    """Collect marked texts into each app's catalogue."""
    for app in apps():
        missing = collect(app)
        if missing:
            click.echo(
                f"{app.name}: {missing} to translate in {catalogue(app).relative_to(rooms.SRC)}"
            )
    compile_all()


@messages.command("compile")
def compile_command() -> None:
    """Compile the catalogues."""
    click.echo(f"{compile_all()} catalogues compiled")


@messages.command("check")
def check_command() -> None:
    """Fail where a text has no Indonesian words, or two apps disagree about them."""
    found = [fault for app in apps() for fault in faults(app)]
    found += clashes({app.name: read(app) for app in apps()})
    for fault in found:
        click.echo(fault, err=True)
    raise SystemExit(1 if found else 0)
