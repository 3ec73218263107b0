"""The exchange records the agency in whose name an officer asks."""

from datetime import date

import pytest

from kartini.exchange import registry
from kartini.people.models import Organisation, Role, User

pytestmark = pytest.mark.django_db


def test_an_officer_asks_in_the_name_of_the_agency_and_a_citizen_in_none() -> None:
    officer, citizen = User.objects.create_user("ratna"), User.objects.create_user("siti")
    dinkes = Organisation.objects.create(code="dinkes", name="Dinas Kesehatan")
    Role.objects.create(
        user=officer, kind="joss.technical", organisation=dinkes, from_on=date(2026, 1, 1)
    )
    assert registry.on_behalf_of(officer) == "dinkes"
    assert registry.on_behalf_of(citizen) == ""
    assert registry.on_behalf_of(None) == ""
