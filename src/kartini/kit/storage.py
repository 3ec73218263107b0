"""Static files as they are served: hashed, compressed, and the kit's style sheets without blanks."""

import re
from typing import Any

from django.core.files.base import ContentFile, File
from whitenoise.storage import CompressedManifestStaticFilesStorage

_TOKENS = re.compile(r"""("[^"]*"|'[^']*')|(?:\s|/\*.*?\*/)+""", re.DOTALL)
_AROUND = re.compile(r"""("[^"]*"|'[^']*')| ?([{};,]) ?|(?<=[\w-])(: )""")


def compact(css: str) -> str:
    """The same style sheet without comments and needless blanks; strings stay as they are.

    A colon loses its blank only after a name, so ``& :is(…)`` and ``a :hover`` keep their meaning.
    """
    one_line = _TOKENS.sub(lambda found: found[1] or " ", css)
    short = _AROUND.sub(lambda found: found[1] or found[2] or ":", one_line)
    return short.replace(";}", "}").strip()


class HouseStatic(CompressedManifestStaticFilesStorage):
    """The manifest storage that compacts what the kit wrote by hand."""

    def _save(self, name: str, content: File[Any]) -> str:
        if name.startswith("kit/css/"):
            content.seek(0)
            text = content.read()
            css = text.decode() if isinstance(text, bytes) else text
            content = ContentFile(compact(css).encode())
        saved: str = super()._save(name, content)  # type: ignore[misc]  # not in the stubs
        return saved
