"""What a stand-in keeps: JSON under a key, in one SQLite file per institution, in the order of arrival."""

import json
import os
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

TABLE = "CREATE TABLE IF NOT EXISTS thing (id INTEGER PRIMARY KEY, key TEXT UNIQUE NOT NULL, body TEXT NOT NULL)"
MOST = 2000


class Shelf:
    """One institution's memory. Keeps the last two thousand things."""

    def __init__(self, name: str) -> None:
        self.name = name

    def keep(self, key: str, thing: Mapping[str, Any]) -> bool:
        """Keep something new; false when the key was there already."""
        with self._open() as db:
            done = db.execute(
                "INSERT OR IGNORE INTO thing (key, body) VALUES (?, ?)", (key, json.dumps(thing))
            )
            db.execute("DELETE FROM thing WHERE id <= (SELECT max(id) FROM thing) - ?", (MOST,))
            return done.rowcount == 1

    def change(self, key: str, thing: Mapping[str, Any]) -> None:
        with self._open() as db:
            db.execute("UPDATE thing SET body = ? WHERE key = ?", (json.dumps(thing), key))

    def get(self, key: str) -> dict[str, Any] | None:
        with self._open() as db:
            row = db.execute("SELECT body FROM thing WHERE key = ?", (key,)).fetchone()
        return json.loads(row[0]) if row else None

    def all(self, *, newest_first: bool = False) -> list[tuple[str, dict[str, Any]]]:
        order = "DESC" if newest_first else "ASC"
        with self._open() as db:
            rows = db.execute(f"SELECT key, body FROM thing ORDER BY id {order}")  # noqa: S608
            return [(key, json.loads(body)) for key, body in rows]

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        folder = Path(os.environ.get("KARTINI_DATA_DIR", "var")) / "outside"
        folder.mkdir(parents=True, exist_ok=True)
        with closing(sqlite3.connect(folder / f"{self.name}.sqlite3", timeout=10)) as db, db:
            db.execute(TABLE)
            yield db
