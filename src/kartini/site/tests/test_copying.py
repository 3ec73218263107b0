import os
import shutil
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import pytest

from kartini.site import rooms
from kartini.site.copying import NameRefused, copy_system

ROOT = rooms.SRC.parent
UNTRANSLATED = """
from kartini.site.cli import rooms, texts
raise SystemExit("\\n".join(texts.faults(rooms.SRC / "kartini/systems/parkir_tepi")) or 0)
"""


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A copy of the house's sources, to build in."""
    for name in ("pyproject.toml", "conftest.py"):
        shutil.copy(ROOT / name, tmp_path / name)
    for name in ("src", "tests", "requirements"):
        shutil.copytree(
            ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__", "*.mo")
        )
    return tmp_path


def _state(tree: Path) -> dict[Path, str]:
    return {p: sha256(p.read_bytes()).hexdigest() for p in tree.rglob("*") if p.is_file()}


def _run(tree: Path, *command: str, systems: str = "parkir_tepi") -> None:
    environment = {
        **os.environ,
        "KARTINI_SYSTEMS": systems,
        "KARTINI_DATA_DIR": str(tree / "var"),
        "PYTHONPATH": str(tree / "src"),
    }
    environment.pop("KARTINI_DATABASE_URL", None)
    done = subprocess.run(
        [sys.executable, *command], cwd=tree, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]


def test_a_copied_system_passes_its_tests_at_once_and_touches_no_other(tree: Path) -> None:
    before = _state(tree)

    written = copy_system("parkir-tepi", into=tree / "src")

    after = _state(tree)
    assert set(after) - set(before) == set(written)
    assert {path: after[path] for path in before} == before
    left = [p for p in written if "engumuman" in str(p) or "engumuman" in p.read_text()]
    assert {p.suffix for p in left} == {".po"}
    _run(tree, "-m", "ruff", "check", "src/kartini/systems/parkir_tepi", "src/kartini/contracts")
    _run(tree, "-m", "django", "makemigrations", "--check", "--settings=kartini.site.settings")
    _run(tree, "-m", "pytest", "-q", "src/kartini/systems/parkir_tepi")
    _run(tree, "-c", UNTRANSLATED)
    _run(tree, "-m", "pytest", "-q", "tests/architecture", systems="parkir_tepi,pengumuman")


@pytest.mark.parametrize(
    "name",
    ["", "Parkir", "parkir 2", "../parkir", "parkir.py", "x" * 21, "_parkir", "match", "import",
     "pengumuman", "joss", "dukcapil", "people", "sessions", "purposes"],
)  # fmt: skip
def test_a_name_that_cannot_be_is_refused_and_nothing_is_written(name: str, tree: Path) -> None:
    before = _state(tree)

    with pytest.raises(NameRefused):
        copy_system(name, into=tree / "src")

    assert _state(tree) == before
