"""The invented population lives in the stand-in, outside the house; it is made there, over its own command."""

import os
import re
import subprocess
import sys
from collections.abc import Callable
from datetime import date

from django.conf import settings

RESIDENTS = 1_283_687


def fill(today: date) -> list[str]:
    """Nothing to fill: the stand-in makes its small population when it is first asked."""
    return [
        f"Dukcapil: an invented population answers; with --scale 1 it has {RESIDENTS} residents"
    ]


def fill_scale(today: date, scale: float, progress: Callable[[float], None]) -> None:
    """Have the stand-in's population made anew, as large as asked."""
    command = [sys.executable, "-m", "kartini_outside.population", "--scale", str(scale)]
    environment = {
        **os.environ,
        "KARTINI_DATA_DIR": str(settings.DATA_DIR),
        "PYTHONUNBUFFERED": "1",
    }
    with subprocess.Popen(  # noqa: S603 — our own command
        command, env=environment, stdout=subprocess.PIPE, text=True
    ) as making:
        for line in making.stdout or ():
            done = re.search(r": ([0-9]+) residents", line)
            if done:
                progress(min(1.0, int(done[1]) / (RESIDENTS * scale)))
    if making.returncode:
        raise subprocess.CalledProcessError(making.returncode, command)
    progress(1.0)
