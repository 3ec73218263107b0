"""What signs documents, whoever it is."""

from dataclasses import dataclass, field
from typing import Protocol, cast

from django.conf import settings
from django.utils.module_loading import import_string

from kartini.office.typesetting import Spot


class SigningRefused(Exception):
    """The document was not signed. ``reason`` is ``passphrase``, ``certificate``, ``away`` or ``rejected``."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.detail = detail


@dataclass(frozen=True)
class Signatory:
    """Who signs, as the document names them."""

    name: str
    title: str


@dataclass(frozen=True)
class Consent:
    """What a signatory gives for this one signature. It is passed on and forgotten, never kept or logged."""

    nik: str = field(repr=False)
    passphrase: str = field(repr=False)


class Signer(Protocol):
    """``certified``: its signatures are certified ones in the sense of PP 71/2019.

    ``needs_consent``: each signature needs the signatory's own passphrase.
    """

    certified: bool
    needs_consent: bool

    def sign(
        self,
        pdf: bytes,
        *,
        signatory: Signatory,
        spot: Spot | None,
        picture: bytes,
        link: str,
        consent: Consent | None,
    ) -> bytes:
        """The signed PDF. Raises ``SigningRefused``.

        ``picture`` is a one-page PDF for ``spot``; a service that draws its own is given ``link`` for its QR.
        """


def signer() -> Signer:
    """The house's signer (``KARTINI_SIGNER``)."""
    return cast("Signer", import_string(settings.SIGNER)())
