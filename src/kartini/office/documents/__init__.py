"""Documents: issued, signed, registered, checked, suspended, revoked."""

from kartini.office.documents.check import Finding, inspect_file
from kartini.office.documents.register import (
    StateRefused,
    content,
    issue,
    render,
    resume,
    revoke,
    suspend,
    url_of,
)
from kartini.office.signing import Consent, SigningRefused, signer


def needs_consent() -> bool:
    """Must the signatory give a passphrase for each document? (True with BSrE.)"""
    return signer().needs_consent


__all__ = [
    "Consent",
    "Finding",
    "SigningRefused",
    "StateRefused",
    "content",
    "inspect_file",
    "issue",
    "needs_consent",
    "render",
    "resume",
    "revoke",
    "suspend",
    "url_of",
]
