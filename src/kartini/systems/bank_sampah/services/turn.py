"""Whose turn it is to write on SQLite. Its own wait sleeps and wakes nobody; a file lock wakes the next at once."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction


@contextmanager
def writing() -> Iterator[None]:
    """A transaction, entered one after the other where the database has a single writer.

    Inside another transaction no lock is taken: whoever holds the database already has the turn.
    """
    if connection.vendor != "sqlite" or connection.in_atomic_block:
        with transaction.atomic():
            yield
        return
    with (Path(settings.DATA_DIR) / "bank-sampah.turn").open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)  # a process that dies lets go of it
        with transaction.atomic():
            yield
