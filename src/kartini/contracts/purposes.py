"""Why a system may ask about a person (UU 27/2022 on personal data, art. 20: a stated purpose).

The words that a citizen reads for each purpose stand in ``kartini.people.words``.
"""

from enum import StrEnum


class Purpose(StrEnum):
    """A purpose is part of every question, every grant and every line of the message log."""

    PERMIT_IDENTITY = "permit-identity"
    ACCOUNT_IDENTITY = "account-identity"
    SAVINGS_IDENTITY = "savings-identity"
    PERMIT_DECISION = "permit-decision"
    PERMIT_VERIFICATION = "permit-verification"
    PUBLIC_INFORMATION = "public-information"
    GOVERNANCE = "governance"
    # for systems of agencies that are connected from outside; their legal basis stands in each grant
    HEALTH_SERVICE = "health-service"
    SOCIAL_PROTECTION = "social-protection"
    CIVIL_REGISTRATION = "civil-registration"
    SERVICE_ENTITLEMENT = "service-entitlement"
    STATISTICS = "statistics"
