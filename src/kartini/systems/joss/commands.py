"""``kartini joss``: the permit types on the command line."""

import json
from pathlib import Path

import click

from kartini.systems.joss.engine import loader


@click.group()
def group() -> None:
    """Permits: the types and their files."""


@group.command()
@click.option("--json", "as_json", is_flag=True, help="Everything, for programs.")
def types(as_json: bool) -> None:
    """List the permit types: code, version, working days, stages, title."""
    shipped = loader.shipped()
    if as_json:
        click.echo(json.dumps([d.dump() | {"digest": d.digest} for d in shipped.values()]))
        return
    for d in shipped.values():
        stages = " → ".join(f"{stage.kind} ({stage.agency})" for stage in d.stages)
        click.echo(f"{d.code}  v{d.version}  {d.promise.working_days} working days  {d.title.id}")
        click.echo(f"    {stages}  [{d.digest[:12]}]")


@group.command()
@click.argument("files", nargs=-1, type=click.Path(path_type=Path))
def lint(files: tuple[Path, ...]) -> None:
    """Name every fault of these type files (of all shipped ones) with file and key."""
    chosen = files or tuple(loader.TYPES.glob("*.toml"))
    faults = loader.lint_files(chosen)
    for fault in faults:
        click.echo(str(fault), err=True)
    if faults:
        raise SystemExit(1)
    click.echo(f"{len(chosen)} type files, no fault")
