"""Asking through the exchange: grant, handler, durable log; against one bare row committed to the same disk."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator

NAME = "ask, built in, with grant and durable log (yardstick: one row a commit, synchronous, same disk)"


def run() -> Iterator[str]:
    """In a process of its own, so that it has a data folder and a Django of its own."""
    with tempfile.TemporaryDirectory(prefix="kartini-bench-") as folder:
        environment = os.environ | {
            "KARTINI_DATA_DIR": folder,
            "DJANGO_SETTINGS_MODULE": "kartini.site.settings",
        }
        begin = "import django; django.setup(); from benchmarks import _asker; _asker.main()"
        command = [sys.executable, "-c", begin]
        done = subprocess.run(
            command, env=environment, stdout=subprocess.PIPE, check=True, text=True
        )
        yield from done.stdout.splitlines()
