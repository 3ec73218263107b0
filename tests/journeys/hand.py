"""The other end of ``nodes.Hand``: runs what comes in, one JSON string a line, and answers with what it printed."""

import contextlib
import io
import json
import sys
import traceback
from typing import Any

from click.testing import CliRunner

from kartini.site.cli import kartini


def command(words: tuple[str, ...]) -> str:
    """A command of the command line: exit code and words, as JSON."""
    done = CliRunner().invoke(kartini, list(words))
    return json.dumps(
        [done.exit_code, done.output + (repr(done.exception) if done.exit_code else "")]
    )


def main() -> None:
    names: dict[str, Any] = {"command": command}
    for line in sys.stdin:
        said = io.StringIO()
        try:
            with contextlib.redirect_stdout(said):
                exec(json.loads(line), names)
            answer = {"said": said.getvalue()}
        except Exception:  # noqa: BLE001 — the test that gave the order judges
            answer = {"fault": traceback.format_exc()}
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
