"""Events through the outbox: how many a second from a backlog, how soon when idle; then ten thousand deliveries to
ten subscribers of whose answers a fifth is a fault, inside and by webhook, as the faults' test judges them.
"""

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator

NAME = "Events through the outbox, handler and tick in one transaction, each logged (yardstick: publishing them)"

TEST, LONGEST = "tests/faults/test_deliveries.py", 300


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
    yield from with_faults()


def with_faults() -> Iterator[str]:
    """The test fails when one is lost, applied twice or out of order; its time is that of the deliveries."""
    command = [sys.executable, "-m", "pytest", "-q", "-m", "faults", "--durations=0", "-vv", TEST]
    done = subprocess.run(command, capture_output=True, text=True, timeout=LONGEST)
    assert done.returncode == 0, done.stdout[-3000:]
    for where in ("inside", "outside"):
        took = re.search(rf"([0-9.]+)s call .*test_{where}_the_house", done.stdout)
        assert took, done.stdout[-3000:]
        yield (
            f"10,000 deliveries {where} the house, a fifth of the tries fail: each once and in order, "
            f"{10_000 / float(took[1]):,.0f}/s with publishing and retries"
        )
