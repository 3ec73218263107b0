"""Bring the house to the state in which its processes can start: folders, texts, static files, tables, demo."""

import hashlib
from collections.abc import Callable
from datetime import date, datetime, timedelta
from importlib import import_module
from pathlib import Path

import click
from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import transaction
from django.utils import timezone

from kartini.contracts.portal import RegisterTakenIn
from kartini.exchange import bus
from kartini.kit import inserts
from kartini.site import rooms, texts

FLOORS = ("places", "people", "office", "exchange")
MORNING = timedelta(hours=7, minutes=30)


def prepare() -> None:
    """Everything that may be done again at each start; quick when nothing changed."""
    settings.DATA_DIR.mkdir(parents=True, exist_ok=True, mode=0o700)
    texts.compile_all()
    _collect_static()
    call_command("migrate", interactive=False, verbosity=0)


def _collect_static() -> None:
    """Copy and hash the static files when one of them changed."""
    stamp, now = settings.STATIC_ROOT / ".stamp", _static_state()
    if stamp.exists() and stamp.read_text() == now:
        return
    settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)
    call_command("collectstatic", interactive=False, verbosity=0, clear=False)
    stamp.write_text(now)


def _static_state() -> str:
    seen = hashlib.sha256(
        (rooms.SRC.parent / "requirements/base.txt").read_bytes() if _in_tree() else b""
    )
    for path in sorted((rooms.SRC / "kartini").glob("**/static/**/*")):
        if path.is_file():
            seen.update(f"{path}{path.stat().st_mtime_ns}".encode())
    return seen.hexdigest()


def _in_tree() -> bool:
    return (rooms.SRC.parent / "requirements/base.txt").is_file()


def demo_day(now: datetime) -> date:
    """The day on whose morning the demo's story ends: before half past seven, yesterday. So nothing lies in the future."""
    return timezone.localdate(now - MORNING)


def fill_demo(today: date) -> list[str]:
    """Let each floor and each system that has not yet done so put its small true-to-life Jepara in place.

    Returns the story. Each room has a mark of its own, so that a system added later is filled too.
    """
    story: list[str] = []
    for module in unfilled_rooms():
        told = import_module(module).fill(today)
        _mark(module).parent.mkdir(exist_ok=True)
        _mark(module).write_text("\n".join(told) + "\n")
        story += told
    if story:
        inserts.recount()
    return story


def demo_rooms() -> list[str]:
    names = [f"kartini.{floor}.demo" for floor in FLOORS]
    names += [f"kartini.systems.{name}.demo" for name in settings.SYSTEMS]
    return [name for name in names if rooms.has(name)]


def unfilled_rooms() -> list[str]:
    return [module for module in demo_rooms() if not _mark(module).exists()]


def _mark(module: str) -> Path:
    return Path(settings.DATA_DIR) / "demo" / f"{module.split('.')[-2]}.txt"


def print_addresses() -> None:
    """What a person needs to begin."""
    rows = [
        ("Portal", f"http://localhost:{settings.WEB_PORT}/"),
        ("Sign in (demo logins listed)", f"http://localhost:{settings.WEB_PORT}/masuk/"),
        ("Exchange", f"http://localhost:{settings.EXCHANGE_PORT}/ready"),
        ("Outside world: e-mail", f"http://localhost:{settings.OUTSIDE_PORT}/mailbox/"),
        ("Outside world: WhatsApp", f"http://localhost:{settings.OUTSIDE_PORT}/whatsapp/"),
        ("Data folder", str(settings.DATA_DIR)),
    ]
    for label, value in rows:
        click.echo(f"  {label:<30} {value}")


def fill_scale(today: date, scale: float) -> None:
    """Grow the demo: each system that can, and the population of the outside registry, with progress.

    What was taken in is stated once, under one label; the exchange's log keeps and seals that statement.
    """
    began_at, before = timezone.now(), _counted()
    for module in demo_rooms():
        room = import_module(module)
        if hasattr(room, "fill_scale"):
            with click.progressbar(length=1000, label=module.removeprefix("kartini.")) as bar:
                room.fill_scale(today, scale, _progress(bar))
    inserts.recount()
    after = _counted()
    gained = {table: after[table] - before[table] for table in after}
    rows = {table: many for table, many in gained.items() if many}
    label = f"demo {scale}, {today}"
    said = RegisterTakenIn(label=label, rows=rows, began_at=began_at, ended_at=timezone.now())
    with transaction.atomic():
        bus.publish(said)
    click.echo(f"Taken in as {label}: {sum(rows.values())} rows")


def _counted() -> dict[str, int]:
    """The rows of each table of the systems."""
    rooms_ = {f"kartini.systems.{name}" for name in settings.SYSTEMS}
    configs = [one for one in apps.get_app_configs() if one.name in rooms_]
    models = [model for one in configs for model in one.get_models()]
    return {model._meta.label_lower: model._default_manager.count() for model in models}  # noqa: SLF001


def _progress(bar: "click._termui_impl.ProgressBar[int]") -> Callable[[float], None]:
    shown = 0

    def to(part: float) -> None:
        nonlocal shown
        bar.update(int(part * 1000) - shown)
        shown = int(part * 1000)

    return to
