"""Events through the outbox: how many a second from a backlog, how soon when idle."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator

NAME = "Events through the outbox, handler and tick in one transaction, each logged (yardstick: publishing them)"


def run() -> Iterator[str]:
    with tempfile.TemporaryDirectory(prefix="kartini-bench-") as folder:
        environment = os.environ | {
            "KARTINI_DATA_DIR": folder,
            "DJANGO_SETTINGS_MODULE": "kartini.site.settings",
        }
        begin = (
            "import django; django.setup(); from benchmarks import _deliverer; _deliverer.main()"
        )
        command = [sys.executable, "-c", begin]
        done = subprocess.run(
            command, env=environment, stdout=subprocess.PIPE, check=True, text=True
        )
        yield from done.stdout.splitlines()
