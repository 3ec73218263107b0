"""What is to be paid: assessed by the agency, billed by the office, heard as paid."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from kartini.office import payments
from kartini.office.models import Bill
from kartini.people.models import User
from kartini.systems.joss import rules
from kartini.systems.joss.models import Application, Assessment, State
from kartini.systems.joss.services.moves import lock, move, next_stage, tell

DAYS_TO_PAY = 14


class NothingToPay(Exception):
    """An assessment has an amount above zero and says how it came about."""


@transaction.atomic
def assess(
    *,
    application: Application,
    amount_rupiah: int,
    words: str,
    by: User,
    at: datetime,
    revision: int | None = None,
) -> Assessment:
    """Set the amount, write the bill, wait for the payment. The clock stops until it is paid."""
    current = lock(application.pk, revision)
    rules.ensure(by, "assess", current, on=timezone.localdate(at))
    if amount_rupiah <= 0 or not words.strip() or current.applicant is None:
        raise NothingToPay(current.number)
    bill = _bill(current, current.applicant, amount_rupiah, at)
    assessment = Assessment.objects.create(
        application=current,
        stage=current.stage,
        organisation=current.holder,
        amount_rupiah=amount_rupiah,
        words=words.strip(),
        reference=bill.reference,
        bill=bill.pk,
        due_on=bill.due_on,
        at=at,
        by=by,
    )
    move(current, verb="assess", to=State.PAYMENT, by=by, at=at, words=words)
    tell(current, "billed", at, amount_rupiah=amount_rupiah, pay_by=bill.due_on)
    return assessment


def _bill(current: Application, payer: User, amount_rupiah: int, at: datetime) -> Bill:
    return payments.bill(
        reference=f"joss:{current.number}:{current.stage}",
        payer=payer,
        payee=current.holder,
        description=f"{current.type.title_id}, {current.number}",
        amount_rupiah=amount_rupiah,
        due_on=timezone.localdate(at) + timedelta(days=DAYS_TO_PAY),
        at=at,
    )


@transaction.atomic
def paid(*, reference: str, amount_rupiah: int, at: datetime) -> Application | None:
    """The bill was paid: go on. A bill that is not ours, or was heard of before, changes nothing."""
    assessment = Assessment.objects.filter(reference=reference).first()
    if assessment is None:
        return None
    current = lock(assessment.application_id)
    fresh = Assessment.objects.get(pk=assessment.pk)
    if fresh.paid_at is not None or amount_rupiah != fresh.amount_rupiah:
        return None
    fresh.paid_at = at
    fresh.save(update_fields=["paid_at"])
    if current.state != State.PAYMENT:
        return None
    next_stage(current, verb="pay", by=None, at=at)
    tell(current, "paid", at, amount_rupiah=amount_rupiah)
    return current
