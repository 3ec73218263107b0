"""What a check of an answerer found, in words: why nothing came, which field does not fit, and what to do."""

from typing import Any

from django.utils.translation import gettext_lazy as _

FAULTS: dict[str, Any] = {
    "slow": _("No answer within the time limit. Have it made quicker, or raise the limit."),
    "cut": _("The answer ended before the length that it promised: its Content-Length is wrong."),
    "unreachable": _(
        "Nobody answers at this address. Is the system running, is the address right?"
    ),
    "no-http": _("What came is no HTTP. Something else listens at this address."),
    "certificate": _("Its certificate does not hold. Its technician renews it."),
    "too-long": _("The answer is longer than 10 MB; we stopped reading."),
}
STATUSES: dict[int, Any] = {
    401: _("It does not believe that it is us. Give it the public key of this exchange."),
    403: _("It lets us ask nothing yet. It has to allow this exchange to ask."),
    404: _("It knows nothing at this address. Look for a slip in it."),
    405: _("It wants to be asked otherwise; a question of the catalogue comes by POST."),
}
NO_JSON = _("What came is no whole JSON object: a web page, or cut off by a wrong Content-Length.")
REFUSES = _(
    "It refuses the example of the contract. Its technician sees the reason in its records."
)
BREAKS = _("It broke down over the example. Its technician sees the reason in its records.")
#: how a kind of fault that pydantic names begins
KINDS: tuple[tuple[str, Any], ...] = (
    ("missing", _("is missing")),
    ("string_pattern", _("does not have the form that the contract wants")),
    ("string_too", _("has the wrong length")),
    ("string", _("must be text")),
    ("int", _("must be a whole number")),
    ("float", _("must be a number")),
    ("decimal", _("must be a number")),
    ("bool", _("must be true or false")),
    ("list", _("must be a list")),
    ("tuple", _("must be a list")),
    ("dict", _("must be an object")),
    ("model", _("must be an object")),
    ("datetime", _("must be a day and a time with its zone")),
    ("timezone", _("must be a day and a time with its zone")),
    ("date", _("must be a day, as in 2026-11-24")),
    ("literal", _("is none of the words that the contract knows")),
    ("enum", _("is none of the words that the contract knows")),
    ("greater", _("is too small")),
    ("less", _("is too large")),
)


def why(code: str, facts: dict[str, Any]) -> Any:
    """Why this finding of a check is a no; empty where the fields that follow say it."""
    if code == "json":
        return NO_JSON
    if code != "answers":
        return ""
    if fault := facts.get("fault"):
        return FAULTS.get(fault, fault)
    status = facts.get("status", 0)
    if status < 400:
        return ""
    return STATUSES.get(status, REFUSES if status < 500 else BREAKS)


def of_field(fault: dict[str, Any]) -> Any:
    kind = fault.get("kind", "")
    return next((words for begin, words in KINDS if kind.startswith(begin)), fault["fault"])
