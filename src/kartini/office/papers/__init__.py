"""Papers: received, examined, kept, given out, removed."""

from kartini.office.papers.desk import (
    PaperInUse,
    PaperRefused,
    receive,
    remove,
    response,
    words,
)

__all__ = ["PaperInUse", "PaperRefused", "receive", "remove", "response", "words"]
