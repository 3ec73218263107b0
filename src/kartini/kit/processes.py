"""What processes of the house must know of each other.

A child process must not outlive its parent: a killed granian would leave a worker that serves old code. The web process
has threads for pages that no call of the edge can take.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1
#: calls of the edge that the web process works on at once: a slow answerer must not hold up the pages
HOPS = 6
WEB_THREADS = HOPS + 2


def die_with_parent(signal_number: int = signal.SIGKILL) -> None:
    """Ask Linux to end this process when its parent ends; elsewhere do nothing."""
    if sys.platform != "linux":
        return
    parent = os.getppid()
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal_number)
    if os.getppid() != parent:
        os._exit(1)
