"""Take a case into hand: an owner and a deadline."""

from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.urls import reverse

from kartini.office import notices
from kartini.people import trail
from kartini.people.models import Organisation, Role, User
from kartini.systems.command_center import rules
from kartini.systems.command_center.models import Assignment, Case


class CaseClosed(Exception):
    """It was decided meanwhile; nobody needs to be asked any more."""


class AssignedMeanwhile(Exception):
    """Somebody else was quicker. ``assignment`` is what stands now."""

    def __init__(self, assignment: Assignment) -> None:
        super().__init__(str(assignment))
        self.assignment = assignment


@transaction.atomic
def assign(
    *,
    case: Case,
    owner: Organisation,
    due_on: date,
    note: str,
    seen: int,
    by: User,
    at: datetime,
) -> Assignment:
    """Put the case into an agency's hands until a day. ``seen`` is the number of the last assignment
    that ``by`` saw; the same words sent twice are one assignment. The agency's heads are told."""
    current = Case.objects.select_for_update().get(pk=case.pk)
    if current.closed_at:
        raise CaseClosed(current.pk)
    words = {"owner": owner, "due_on": due_on, "note": note, "by": by}
    try:
        with transaction.atomic():
            made, is_new = Assignment.objects.get_or_create(
                case=current, number=seen + 1, defaults={**words, "at": at}
            )
    except IntegrityError:
        made, is_new = Assignment.objects.get(case=current, number=seen + 1), False
    if not is_new:
        if any(getattr(made, name) != value for name, value in words.items()):
            raise AssignedMeanwhile(current.assignments.order_by("-number")[0])
        return made
    trail.did(by=by, verb="command-center.assign", thing=f"command_center.case:{case.pk}", at=at)
    _tell(made, at)
    return made


def _tell(made: Assignment, at: datetime) -> None:
    heads = Role.objects.filter(kind=rules.VIEWER, organisation=made.owner).select_related("user")
    for user in {role.user for role in heads if role.holds_on(at.date())} - {made.by}:
        notices.tell(
            to=user,
            template="command_center/assigned",
            words={"assignment": made, "case": made.case},
            at=at,
            link=reverse("command_center:case", args=[made.case_id]),
        )
