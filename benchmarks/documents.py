"""Issuing documents: typeset, signed, sealed, registered; against typesetting the same letter alone. One core."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator

NAME = "Signed documents on one core (yardstick: the same letter typeset only)"


def run() -> Iterator[str]:
    """In a process of its own, held to one core, with a data folder and a Django of its own."""
    with tempfile.TemporaryDirectory(prefix="kartini-bench-") as folder:
        environment = os.environ | {
            "KARTINI_DATA_DIR": folder,
            "DJANGO_SETTINGS_MODULE": "kartini.site.settings",
        }
        begin = "import django; django.setup(); from benchmarks import _signer; _signer.main()"
        command = [sys.executable, "-c", begin]
        done = subprocess.run(
            command, env=environment, stdout=subprocess.PIPE, check=True, text=True
        )
        yield from done.stdout.splitlines()
