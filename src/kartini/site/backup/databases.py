"""Snapshots of databases while the house runs, and their way back."""

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg

SQLITE_HEAD, WRITES_AHEAD = b"SQLite format 3\x00", b"\x02\x02"


class ToolMissing(Exception):
    """PostgreSQL's own pg_dump or pg_restore is not on this machine (apt-get install postgresql-client)."""


class ToolFailed(Exception):
    """pg_dump or pg_restore said no; what it said is the message."""


class DatabaseDamaged(Exception):
    """SQLite's own check found a fault in this database."""


def kind(path: Path) -> str:
    """``live``: a SQLite database that is in use (all of ours write ahead). ``rest``: one that nobody writes to, such as an
    archive of the log, of which every byte counts. Empty: no database."""
    with path.open("rb") as file:
        head = file.read(20)
    if not head.startswith(SQLITE_HEAD):
        return ""
    return "live" if head[18:20] == WRITES_AHEAD else "rest"


def snapshot(source: Path, target: Path) -> None:
    """A whole, checked copy of a SQLite database, whoever is writing to it meanwhile."""
    with (
        closing(sqlite3.connect(source, timeout=30)) as live,
        closing(sqlite3.connect(target)) as copy,
    ):
        live.backup(copy)
        copy.execute(
            "PRAGMA ignore_check_constraints=ON"
        )  # some call functions that only Django has
        [[verdict]] = copy.execute("PRAGMA quick_check(1)").fetchall()
    if verdict != "ok":
        raise DatabaseDamaged(f"{source.name}: {verdict}")


def dump(database: Mapping[str, Any], target: Path) -> None:
    """All schemas of a PostgreSQL database, in one snapshot."""
    _run("pg_dump", database, ["--format=custom", "--no-owner", f"--file={target}"])


def is_empty(database: Mapping[str, Any]) -> bool:
    return not _schemas_with_tables(database)


def empty(database: Mapping[str, Any]) -> None:
    """Drop everything that is not PostgreSQL's own."""
    with psycopg.connect(**_where(database)) as connection:
        for schema in {*_schemas_with_tables(database), "public"}:
            name = psycopg.sql.Identifier(schema)
            connection.execute(psycopg.sql.SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(name))
        connection.execute("CREATE SCHEMA public")


def load(database: Mapping[str, Any], source: Path) -> None:
    """Bring a dump into an empty database: wholly or not at all."""
    how = ["--no-owner", "--exit-on-error", "--single-transaction", "--clean", "--if-exists"]
    _run("pg_restore", database, [*how, f"--dbname={database['NAME']}", str(source)])


def _schemas_with_tables(database: Mapping[str, Any]) -> list[str]:
    sql = """SELECT DISTINCT table_schema FROM information_schema.tables
             WHERE table_schema NOT IN ('pg_catalog', 'information_schema')"""
    with psycopg.connect(**_where(database)) as connection:
        return [str(row[0]) for row in connection.execute(sql)]


def _where(database: Mapping[str, Any]) -> dict[str, Any]:
    names = {
        "dbname": "NAME",
        "user": "USER",
        "password": "PASSWORD",
        "host": "HOST",
        "port": "PORT",
    }
    return {name: database[key] for name, key in names.items() if database.get(key)}


def _run(tool: str, database: Mapping[str, Any], arguments: Sequence[str]) -> None:
    """The password goes by the environment, never by the command line that others can list."""
    found = shutil.which(tool)
    if found is None:
        raise ToolMissing(tool)
    environment = {
        **os.environ,
        **{
            f"PG{key}": str(value)
            for key, value in {
                "HOST": database.get("HOST"),
                "PORT": database.get("PORT"),
                "USER": database.get("USER"),
                "PASSWORD": database.get("PASSWORD"),
                "DATABASE": database.get("NAME"),
            }.items()
            if value
        },
    }
    done = subprocess.run(  # noqa: S603 — a fixed tool, our own arguments
        [found, *arguments], env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise ToolFailed(f"{tool}: {done.stderr.strip()}")
