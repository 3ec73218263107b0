"""The command ``kartini``: the house's own verbs, and each system's under its name."""

import os
import sys
from importlib import import_module

import click
import django

from kartini.site import rooms

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kartini.site.settings")


class House(click.Group):
    """Finds the verbs of the installed systems and shared floors when they are needed."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted({*super().list_commands(ctx), *_rooms()})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        own = super().get_command(ctx, cmd_name)
        module = _rooms().get(cmd_name)
        if own is not None or module is None:
            return own
        found: click.Command = import_module(module).group
        return found


def _rooms() -> dict[str, str]:
    from django.conf import settings  # noqa: PLC0415 — settings are read when asked

    names = {
        name.replace("_", "-"): f"kartini.systems.{name}.commands" for name in settings.SYSTEMS
    }
    floors = {
        name: f"kartini.{name}.commands" for name in ("exchange", "people", "places", "office")
    }
    return {name: module for name, module in {**names, **floors}.items() if rooms.has(module)}


@click.group(cls=House)
def kartini() -> None:
    """Kartini: a smart regency in one program."""


@kartini.command(context_settings={"ignore_unknown_options": True}, add_help_option=False)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def manage(arguments: tuple[str, ...]) -> None:
    """Django's own commands: kartini manage migrate."""
    from django.core.management import execute_from_command_line  # noqa: PLC0415

    execute_from_command_line(["kartini manage", *arguments])


def main() -> None:
    sys.exit(_run())


def _run() -> int:
    django.setup()
    kartini()
    return 0


if __name__ == "__main__":
    main()
