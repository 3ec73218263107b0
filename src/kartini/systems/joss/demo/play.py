"""One application, played forward through the real verbs until it is finished or today is reached."""

import random
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from django.utils import timezone

from kartini.office import calendar, papers, payments
from kartini.office.models import Bill, PaymentCode
from kartini.office.payments.qris import Received
from kartini.people.models import User
from kartini.systems.joss.demo.cast import ADVERTS, CODES, FAULTS, RESEARCH, sheet
from kartini.systems.joss.engine.definition import Definition
from kartini.systems.joss.models import Application, Assessment
from kartini.systems.joss.services import (
    advice,
    decisions,
    desk,
    drafts,
    money,
    types,
    verification,
)
from kartini.systems.joss.services.identity import Identity


@dataclass
class Play:
    """One application on its way: who, what, and the moment it has reached."""

    chance: random.Random
    staff: dict[str, User]
    applicant: User
    code: str
    now: datetime
    end: datetime

    def later(self, least: int, most: int) -> bool:
        """Go on by some working days, to an hour in the office; false when that is not yet."""
        day = calendar.add_working_days(
            timezone.localdate(self.now), self.chance.randint(least, most)
        )
        hour = time(self.chance.randint(8, 14), self.chance.randrange(60))
        moment = timezone.make_aware(datetime.combine(day, hour))
        self.now = max(moment, self.now + timedelta(minutes=7))
        return self.now < self.end


def live(play: Play, *, refuse: bool, fault: bool, leave: bool, stuck: bool) -> Application | None:
    """Play one application until it is finished or today is reached; a ``stuck`` one is forgotten on a desk."""
    application = hand_in(play)
    _take(play, application, play.chance.choice(("bambang", "dewi", "")))
    if leave:
        if play.later(1, 3):
            desk.withdraw(
                application=application, words="Rencana berubah", by=play.applicant, at=play.now
            )
        return application
    if fault and not there_and_back(play, application):
        return application
    if not play.later(0, 1):
        return application
    verification.accept(application=application, by=play.staff["bambang"], at=play.now)
    if stuck:
        return application
    middle = {CODES[0]: _survey, CODES[1]: _advise, CODES[2]: _tax}[play.code]
    if middle(play, application, refuse) and play.later(0, 2):
        _decide(play, application, refuse)
    return application


def hand_in(play: Play) -> Application:
    person = play.applicant.person
    definition = types.offer(play.code)
    village = person.village_code if person else ""
    identity = Identity(
        name=str(play.applicant),
        birth_place="Jepara",
        birth_on=person.birth_on.isoformat() if person and person.birth_on else "",
        address=person.address if person else "",
        village_code=village,
        source="dukcapil",
        verified_at=play.now,
    )
    draft = drafts.start_draft(
        definition=definition, identity=identity, by=play.applicant, at=play.now
    )
    answers = _answers(play, village)
    drafts.save_step(application=draft, answers=answers, by=play.applicant, at=play.now)
    for spec in definition.papers:
        if spec.required and (spec.when is None or spec.when.holds(answers)):
            _attach(play, draft, spec.code, definition)
    pin = f"{play.chance.randrange(1_000_000):06}"
    at = play.now + timedelta(minutes=12)
    return drafts.submit(application=draft, pin=pin, by=play.applicant, at=at).application


def _attach(play: Play, application: Application, code: str, definition: Definition) -> None:
    spec = definition.paper(code)
    if spec is None:
        return
    kind = "PDF" if "application/pdf" in spec.kinds else "PNG"
    version = application.papers.filter(code=code).count() + 1
    paper = papers.receive(
        upload=sheet(spec.title.id, str(play.applicant), kind, version),
        owner=play.applicant,
        label=spec.title.id,
        at=play.now,
    )
    drafts.attach_paper(
        application=application, code=code, paper=paper, by=play.applicant, at=play.now
    )


def _answers(play: Play, village: str) -> dict[str, Any]:
    """What every kind of permit asks; a draft keeps of it what its own pages ask."""
    return _practice(play, village) | _study(play, village) | _banner(play, village)


def _practice(play: Play, village: str) -> dict[str, Any]:
    chance, day = play.chance, timezone.localdate(play.now)
    return {
        "str_number": f"18{chance.randrange(10**14):014}",
        "str_issued_on": f"{day.year - chance.randint(1, 4)}-03-12",
        "other_licences": chance.choice(("none", "one")),
        "practice_name": f"Praktik Perawat {str(play.applicant).split()[0]}",
        "practice_address": f"Jl. Melati {chance.randint(1, 90)}, RT 02 RW 01",
        "practice_village": village,
        "opens_at": "16:00",
        "closes_at": "20:00",
    }


def _study(play: Play, village: str) -> dict[str, Any]:
    day = timezone.localdate(play.now)
    return {
        "research_title": play.chance.choice(RESEARCH),
        "researcher_kind": "lecturer",
        "institution": "Universitas Rekaan Muria",
        "research_village": village,
        "research_place": "Balai desa dan rumah warga",
        "research_starts_on": (day + timedelta(days=7)).isoformat(),
        "research_ends_on": (day + timedelta(days=97)).isoformat(),
    }


def _banner(play: Play, village: str) -> dict[str, Any]:
    chance, day = play.chance, timezone.localdate(play.now)
    return {
        "advertisement_kind": "banner",
        "advertisement_text": chance.choice(ADVERTS),
        "tobacco": "no",
        "width_centimetres": chance.choice((200, 400, 600)),
        "height_centimetres": 100,
        "pieces": chance.randint(1, 8),
        "site_address": f"Jl. Pemuda {chance.randint(1, 60)}, depan pertokoan",
        "site_village": village,
        "land": "public",
        "hangs_from_on": (day + timedelta(days=14)).isoformat(),
        "hangs_until_on": (day + timedelta(days=34)).isoformat(),
    }


def there_and_back(play: Play, application: Application) -> bool:
    """Returned with a list of faults, and mended some days later."""
    if not play.later(1, 1):
        return False
    findings = FAULTS[play.code]
    verification.return_with_faults(
        application=application, findings=findings, by=play.staff["bambang"], at=play.now
    )
    if not play.later(1, 6):
        return False
    for finding in findings:
        if finding.about == "paper":
            _attach(play, application, finding.code, application.type.rules())
    verification.mend(application=application, by=play.applicant, at=play.now)
    return True


def _take(play: Play, application: Application, username: str) -> None:
    """An officer puts a file on his own desk."""
    if username:
        officer = play.staff[username]
        desk.assign(applications=[application.pk], officer=officer, by=officer, at=play.now)


def _survey(play: Play, application: Application, refuse: bool) -> bool:
    if not play.later(0, 1):
        return False
    visit = calendar.add_working_days(timezone.localdate(play.now), play.chance.randint(1, 2))
    when = timezone.make_aware(datetime.combine(visit, time(9, 0)))
    ratna, agus = play.staff["ratna"], play.staff["agus"]
    _take(play, application, "ratna")
    advice.plan_survey(
        application=application,
        surveyor=agus,
        planned_for=when,
        note="Siapkan alat praktik dan surat pernyataan asli.",
        by=ratna,
        at=play.now,
    )
    play.now = when + timedelta(hours=2)
    if play.now >= play.end:
        return False
    findings = {"room": "no" if refuse else "yes", "equipment": "yes", "waste": "yes"}
    advice.record_survey(
        application=application, findings=findings, made_at=when, by=agus, at=play.now
    )
    return _recommend(play, application, ratna, refuse)


def _advise(play: Play, application: Application, refuse: bool) -> bool:
    return _recommend(play, application, play.staff["lina"], refuse)


def _recommend(play: Play, application: Application, by: User, refuse: bool) -> bool:
    if not play.later(0, 2):
        return False
    verdict, words = ("refuse", "Syarat tempat tidak dipenuhi.") if refuse else ("issue", "")
    advice.recommend(application=application, verdict=verdict, words=words, by=by, at=play.now)
    return True


def _tax(play: Play, application: Application, _refuse: bool) -> bool:
    if not play.later(0, 1):
        return False
    assessment = money.assess(
        application=application,
        amount_rupiah=play.chance.randint(3, 40) * 25_000,
        words="Luas × jumlah × hari × tarif",
        by=play.staff["tri"],
        at=play.now,
    )
    if not play.later(1, 4):
        return False
    _pay(assessment, play.now)
    if not play.later(0, 1):
        return False
    verification.accept(application=application, by=play.staff["dewi"], at=play.now)
    return True


def _pay(assessment: Assessment, at: datetime) -> None:
    """Money came in by QRIS; what the exchange delivers later finds it already known."""
    code = PaymentCode.objects.create(
        reference=f"K{assessment.reference[-12:]}",
        bill=Bill.objects.get(reference=assessment.reference),
        content="peragaan",
        made_at=at,
        until=at + timedelta(minutes=30),
    )
    received = Received(
        qr_reference=code.reference,
        provider_reference=f"P{assessment.reference[-12:]}",
        amount_rupiah=assessment.amount_rupiah,
        paid_at=at,
    )
    payments.hear(received=received, at=at)
    money.paid(reference=assessment.reference, amount_rupiah=received.amount_rupiah, at=at)


def _decide(play: Play, application: Application, refuse: bool) -> None:
    head = play.staff["hendro"]
    if refuse and application.type.code != CODES[2]:
        words = "Syarat tempat tidak dipenuhi menurut hasil pemeriksaan."
        decisions.refuse(application=application, words=words, by=head, at=play.now)
    else:
        decisions.issue(application=application, by=head, at=play.now)
