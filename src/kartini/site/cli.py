"""The command ``kartini``: the house's own verbs, and each room's under its name."""

import os
import subprocess
import sys
from importlib import import_module

import click
import django

from kartini.site import rooms

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kartini.site.settings")
os.environ.setdefault("KARTINI_STATIC_MANIFEST", "1")
if sys.argv[1:3] == ["run", "--demo"]:  # before the settings are read
    os.environ.setdefault("KARTINI_DEMO", "1")
django.setup()

from django.conf import settings  # noqa: E402
from django.core.management import call_command, execute_from_command_line  # noqa: E402
from django.core.management.base import SystemCheckError  # noqa: E402
from django.utils import timezone  # noqa: E402

from kartini.site import prepare, serve, texts  # noqa: E402

FLOORS = ("exchange", "people", "places", "office")
SHORTCUTS = {
    "boundaries": "kartini.places.commands",
    "verify-log": "kartini.exchange.commands",
    "witness": "kartini.exchange.proving",
    "log": "kartini.exchange.proving",
    "keys": "kartini.exchange.rotating",
    "backup": "kartini.site.backup",
    "restore": "kartini.site.backup",
}


class House(click.Group):
    """Finds the verbs of the installed rooms when they are needed: each ``commands.py`` has a ``group``."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted({*super().list_commands(ctx), *_groups(), *_shortcuts()})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        own = super().get_command(ctx, cmd_name)
        if own is not None:
            return own
        if cmd_name in _shortcuts():
            return _group(_shortcuts()[cmd_name]).get_command(ctx, cmd_name)
        return _group(_groups()[cmd_name]) if cmd_name in _groups() else None


def _group(module: str) -> click.Group:
    found: click.Group = import_module(module).group
    return found


def _groups() -> dict[str, str]:
    systems = {s.replace("_", "-"): f"kartini.systems.{s}.commands" for s in settings.SYSTEMS}
    rooms_ = systems | {floor: f"kartini.{floor}.commands" for floor in FLOORS}
    return {name: module for name, module in rooms_.items() if rooms.has(module)}


def _shortcuts() -> dict[str, str]:
    return {verb: module for verb, module in SHORTCUTS.items() if rooms.has(module)}


@click.group(cls=House)
def kartini() -> None:
    """Kartini: a smart regency in one program."""


kartini.add_command(texts.messages)


@kartini.command("prepare")
def prepare_command() -> None:
    """Folders, texts, static files and tables: what must stand before the house starts."""
    prepare.prepare()


@kartini.command("serve")
@click.option("--outside", is_flag=True, help="Also start the stand-ins for outside institutions.")
def serve_command(outside: bool) -> None:
    """Start and supervise web, exchange and worker."""
    ports = {"web": settings.WEB_PORT, "exchange": settings.EXCHANGE_PORT}
    try:
        children = serve.commands(ports, edges=settings.EXCHANGE_PROCESSES, outside=outside)
    except OSError as fault:
        raise click.ClickException(f"Port {settings.EXCHANGE_PORT}: {fault.strerror}.") from None
    sys.exit(serve.supervise(children, say=_say))


@kartini.command("run")
@click.option("--demo", is_flag=True, help="With a living Jepara and stand-ins for the outside.")
@click.pass_context
def run_command(ctx: click.Context, demo: bool) -> None:
    """Prepare, fill the demo once, and start everything."""
    prepare.prepare()
    if demo and prepare.unfilled_rooms():
        _say("filling a small Jepara …")
        # in a process of its own: the supervisor stays small
        filled = subprocess.run([sys.executable, "-m", "kartini.site.cli", "demo"])
        if filled.returncode:
            sys.exit(filled.returncode)
    _say("Kartini runs. Ctrl-C stops it.")
    prepare.print_addresses()
    ctx.invoke(serve_command, outside=demo)


@kartini.command("demo")
@click.option(
    "--scale", type=click.FloatRange(0.001, 1), help="1: 1.28 million residents, 5 years."
)
def demo_command(scale: float | None = None) -> None:
    """Fill a small true-to-life Jepara; with --scale, one as large as the real one."""
    if not settings.DEMO:
        raise click.ClickException("Only in a demo house: set KARTINI_DEMO=1.")
    today = prepare.demo_day(timezone.now())
    for line in prepare.fill_demo(today):
        click.echo(line)
    if scale is not None:
        prepare.fill_scale(today, scale)


@kartini.command("worker")
def worker_command() -> None:
    """Deliveries, sealing, reminders: one process."""
    import_module("kartini.exchange.worker").run()


@kartini.command("check")
@click.option("--deploy", is_flag=True, help="Refuse what a public house must not have.")
def check_command(deploy: bool) -> None:
    """Django's checks and the house's own."""
    try:
        call_command("check", deploy=deploy, fail_level="WARNING" if deploy else "ERROR")
    except SystemCheckError as refused:
        raise click.ClickException(str(refused)) from None


@kartini.command("new-system")
@click.argument("name")
def new_system_command(name: str) -> None:
    """Copy the smallest system under a new name."""
    for path in import_module("kartini.site.copying").copy_system(name, into=rooms.SRC):
        click.echo(f"  {path}")


@kartini.command(context_settings={"ignore_unknown_options": True}, add_help_option=False)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def manage(arguments: tuple[str, ...]) -> None:
    """Django's own commands: kartini manage migrate."""
    execute_from_command_line(["kartini manage", *arguments])


def _say(text: str) -> None:
    click.echo(f"[kartini] {text}", err=True)


def main() -> None:
    kartini()


if __name__ == "__main__":
    main()
