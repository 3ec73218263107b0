"""A pytest plug-in: each test process has a data folder of its own, and the texts are compiled.

Loaded by ``-p kartini.site.testing`` before the settings are read.
"""

import atexit
import os
import shutil
import tempfile

_folder = tempfile.mkdtemp(prefix="kartini-test-")
os.environ["KARTINI_DATA_DIR"] = _folder
os.environ["KARTINI_STATIC_MANIFEST"] = "0"
os.environ.pop("KARTINI_DEMO", None)
os.environ["KARTINI_LOG_IN"] = "file"
os.environ.setdefault("KARTINI_LOG_LEVEL", "ERROR")
os.makedirs(f"{_folder}/static")  # noqa: PTH103 — before pathlib is worth importing
_owner = os.getpid()


@atexit.register
def _clean() -> None:
    if os.getpid() == _owner:
        shutil.rmtree(_folder, ignore_errors=True)


def pytest_sessionstart() -> None:
    from kartini.site import texts  # noqa: PLC0415 — Django is ready only now

    texts.compile_all()
