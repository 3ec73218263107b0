"""Logs: one JSON object a line, with the id of the request. No NIK, no body, no PIN."""

import json
import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from kartini.kit.ids import new_name

current_request: ContextVar[str] = ContextVar("current_request", default="")
_WELL_FORMED = re.compile(r"[A-Za-z0-9-]{8,64}")
_SIXTEEN_DIGITS = re.compile(r"(?<![0-9])[0-9]{16}(?![0-9])")


@contextmanager
def request(given: str = "") -> Iterator[str]:
    """Within: every log line bears this request id."""
    token = current_request.set(given if _WELL_FORMED.fullmatch(given) else new_name())
    try:
        yield current_request.get()
    finally:
        current_request.reset(token)


def blotted(text: str) -> str:
    """The text without anything that looks like a NIK."""
    return _SIXTEEN_DIGITS.sub("[16 digits]", text)


class JsonFormatter(logging.Formatter):
    """Time, level, logger, message, request id; anything that looks like a NIK is blotted out."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": self.formatTime(record, "%Y-%m-%dT%H:%M:%S%z"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if current_request.get():
            line["request"] = current_request.get()
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return blotted(json.dumps(line, ensure_ascii=False))
