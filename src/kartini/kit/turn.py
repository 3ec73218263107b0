"""A mark that all processes of one machine see at once: it changes when somebody wrote something.

Eight bytes in a file under ``KARTINI_DATA_DIR``, mapped into each process: reading them costs no
system call. A machine where the file cannot be made, and another machine, see no change; whoever
relies on the mark must therefore be content with waiting for a time limit instead.
"""

import mmap
import os
import threading
from pathlib import Path

SIZE = 8


class Turn:
    """The mark in the file at ``path``; opened at first use, and again after a fork."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._map: mmap.mmap | None = None
        self._broken = False
        self._lock = threading.Lock()

    def now(self) -> bytes:
        """The mark as it stands; equal marks mean that nobody moved it in between."""
        shared = self._map or self._open()
        return shared[:SIZE] if shared else b""

    def move(self) -> None:
        """Somebody wrote: no mark that was read before equals any that is read from now on."""
        shared = self._map or self._open()
        if shared:
            shared[:SIZE] = os.urandom(SIZE)

    def _open(self) -> mmap.mmap | None:
        with self._lock:
            if self._map is None and not self._broken:
                try:
                    self._map = _mapped(self.path)
                except OSError:
                    self._broken = True
            return self._map


def _mapped(path: Path) -> mmap.mmap:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        if os.fstat(handle).st_size < SIZE:
            os.ftruncate(handle, SIZE)
        return mmap.mmap(handle, SIZE)
    finally:
        os.close(handle)
