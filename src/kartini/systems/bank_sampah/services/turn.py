"""Whose turn it is to write on SQLite. Its own wait sleeps and wakes nobody; a file lock wakes the next at once.

Every verb of Bank Sampah is ``@turn.writing()`` where another system's is ``@transaction.atomic``: with a queue
at eight counters the slowest waited three seconds without the turn, and half a second with it.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db import connection, transaction


@contextmanager
def together() -> Iterator[None]:
    """Several writings in one turn where the database has a single writer; elsewhere each for itself.

    A phone's queue waited for its turn five hundred times behind the worker. Each writing within is still
    taken or refused by itself.
    """
    if connection.vendor == "sqlite":
        with writing():
            yield
    else:
        yield


@contextmanager
def writing() -> Iterator[None]:
    """A transaction, entered one after the other where the database has a single writer.

    Inside another transaction no lock is taken: whoever holds the database already has the turn. The lock is
    always taken before the database, never the other way round, so that nobody waits in a circle.
    """
    if connection.vendor != "sqlite" or connection.in_atomic_block:
        with transaction.atomic():
            yield
        return
    turn = os.open(f"{settings.DATA_DIR}/bank-sampah.turn", os.O_WRONLY | os.O_CREAT, 0o600)
    try:
        fcntl.flock(turn, fcntl.LOCK_EX)  # a process that dies lets go of it
        with transaction.atomic():
            yield
    finally:
        os.close(turn)
