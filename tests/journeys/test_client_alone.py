"""``kartini_client`` as an agency takes it: a wheel in an empty environment, without anything of the house."""

import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import distribution
from pathlib import Path
from zipfile import ZipFile

import pytest
from packaging.requirements import Requirement

from tests.journeys.nodes import Node, running
from tests.journeys.test_connecting import PAGE, blocks

ROOT = Path(__file__).parents[2]
UV = Path(sys.executable).with_name("uv")
ASK = """
import sys
from kartini_client import Client
edge, system, secret = sys.argv[1:]
client = Client(edge, system=system, secret=tuple(secret.split(":", 1)))
found = client.ask("JPR/GOV/diskominfo/pengumuman/pengumuman.latest.v1", {"limit": 1})
print(len(found.data["announcements"]), sorted(m for m in sys.modules if m.split(".")[0] in ("kartini", "django", "kartini_verify")))
"""
pytestmark = pytest.mark.timeout(240)


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    node = Node(tmp_path_factory.mktemp("alone") / "house", "pengumuman,console")
    with running(node):
        yield node


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    build = f"import hatchling.build; print(hatchling.build.build_wheel({str(folder)!r}))"
    made = subprocess.run(
        [sys.executable, "-c", build], cwd=ROOT / "src/kartini_client",
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    return folder / made.stdout.split()[-1]


@pytest.fixture(scope="module")
def python(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment with the wheel and what it says that it needs; those are taken from this one."""
    venv = tmp_path_factory.mktemp("venv")
    subprocess.run([UV, "venv", "-q", "--python", sys.executable, "--clear", venv], check=True)
    found, wanted = set[str](), list(requirements(wheel))
    (site,) = venv.glob("lib/python*/site-packages")
    while wanted:
        name = wanted.pop()
        if name not in found:
            found.add(name)
            wanted += take(name, site)
    install: list[str | Path] = [
        UV,
        "pip",
        "install",
        "-q",
        "--offline",
        "--no-deps",
        "--python",
        venv,
        wheel,
    ]
    subprocess.run(install, check=True)
    return venv / "bin/python"


def requirements(wheel: Path) -> Iterator[str]:
    with ZipFile(wheel) as packed:
        (metadata,) = [name for name in packed.namelist() if name.endswith("/METADATA")]
        lines = packed.read(metadata).decode().splitlines()
    for line in lines:
        if line.startswith("Requires-Dist: "):
            yield Requirement(line.partition(": ")[2]).name


def take(name: str, site: Path) -> list[str]:
    """Copy a distribution; the names of what it needs itself."""
    known = distribution(name)
    for file in known.files or []:
        if file.parts[0] != ".." and file.suffix != ".pyc":
            (site / file).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(str(file.locate()), site / file)
    needed = [Requirement(line) for line in known.requires or []]
    return [one.name for one in needed if not one.marker or one.marker.evaluate({"extra": ""})]


def test_it_holds_itself_and_nothing_else(wheel: Path) -> None:
    with ZipFile(wheel) as packed:
        names = packed.namelist()
    modules = {file.name for file in (ROOT / "src/kartini_client").glob("*.py")} | {"py.typed"}
    held = {name for name in names if ".dist-info/" not in name}
    assert held == {f"kartini_client/{name}" for name in modules}


def test_it_asks_a_living_exchange_from_an_empty_environment(node: Node, python: Path) -> None:
    subprocess.run([UV, "pip", "check", "-q", "--python", python], check=True)
    said = [node.kartini(*shlex.split(line)[1:]) for line in blocks("text")[0].splitlines()]
    asked = subprocess.run(
        [python, "-I", "-c", ASK, node.edge, said[0], said[1]],
        capture_output=True, text=True, cwd=PAGE.parent, check=False,
    )  # fmt: skip
    assert asked.stdout.strip() == "1 []", asked.stderr
