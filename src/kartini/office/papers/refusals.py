"""Why a paper is refused: a code and facts; the words for people stand beside them."""

from collections.abc import Callable
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from kartini.kit.formats import file_size


class PaperRefused(Exception):
    """``reason`` is one of the codes below; ``facts`` are what the words need."""

    def __init__(self, reason: str, **facts: Any) -> None:
        super().__init__(reason)
        self.reason = reason
        self.facts = facts


def words(refusal: PaperRefused) -> str:
    """The refusal as a person reads it: what is wrong and what to do."""
    return _WORDS[refusal.reason](refusal.facts)


def _size(size: int) -> str:
    return file_size(size, language=get_language() or "id")


def _named(name: str) -> str:
    return {
        "jpeg": "JPG",
        "": _("of an unknown kind"),
    }.get(name, name.upper())


_WORDS: dict[str, Callable[[dict[str, Any]], str]] = {
    "empty": lambda _f: _("The file is empty. Choose another file."),
    "too-large": lambda f: (
        _(
            "The file is %(size)s; at most %(most)s is possible. Make it smaller, for example by photographing at a lower quality."
        )
        % {"size": _size(f["size"]), "most": _size(f["most"])}
    ),
    "wrong-type": lambda f: (
        _("The content is not PDF, JPG or PNG but %(found)s. Save it as PDF and upload it again.")
        % {"found": _named(f["found"])}
    ),
    "misnamed": lambda f: (
        _("The name says %(said)s, but the content is %(found)s. Upload it under its right name.")
        % {"said": _named(f["said"]), "found": _named(f["found"])}
    ),
    "broken": lambda _f: _(
        "The file is damaged and cannot be opened. Save or photograph it again."
    ),
    "encrypted": lambda _f: _(
        "The PDF is locked with a password. Upload a copy that opens without one."
    ),
    "active": lambda _f: _("The PDF holds a program. Print it to PDF and upload that copy."),
    "two-in-one": lambda _f: _(
        "The file holds a second file inside. Save it again as PDF or JPG and upload that."
    ),
    "too-many-pixels": lambda f: (
        _("The picture is too large: %(width)s × %(height)s dots. Make it smaller.") % f
    ),
    "too-many-pages": lambda f: (
        _("The PDF has %(pages)s pages; at most %(most)s are possible. Split it.") % f
    ),
    "infected": lambda _f: _(
        "Our virus scanner refused this file. Check your device and choose another file."
    ),
    "not-scanned": lambda _f: _(
        "The file could not be checked for viruses just now. Try again in a few minutes."
    ),
    "vault-full": lambda f: (
        _("Your papers take up %(most)s already. Delete papers that you no longer need.")
        % {"most": _size(f["most"])}
    ),
}
REASONS = tuple(_WORDS)
