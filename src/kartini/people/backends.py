"""Signing in with a NIK, besides user name, phone and e-mail."""

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend

from kartini.people import nik, persons


class AccountBackend(AuthenticationBackend):
    """allauth's own, which also knows the account of a NIK. Wrong ones take as long as right ones."""

    def _authenticate_by_username(self, username: str, password: str) -> Any:
        found = super()._authenticate_by_username(username, password)
        return found or self._check_password(account_of_nik(username), password)


def account_of_nik(typed: str) -> Any:
    """The account of the person with this NIK; None for anything else."""
    try:
        digits = nik.clean(typed)
    except nik.NikMalformed:
        return None
    person = persons.find_by_nik(digits)
    return getattr(person, "account", None)
