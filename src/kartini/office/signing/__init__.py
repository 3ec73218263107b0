"""Signing: one interface, the local test authority, and BSrE's e-sign service."""

from kartini.office.signing.authority import TestAuthority
from kartini.office.signing.bsre import BSrE
from kartini.office.signing.signer import Consent, Signatory, Signer, SigningRefused, signer

__all__ = ["BSrE", "Consent", "Signatory", "Signer", "SigningRefused", "TestAuthority", "signer"]
