"""Decisions and money: one outcome, whoever presses what and how often."""

import shutil
import subprocess
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from unittest.mock import patch

import pytest

from kartini.contracts.joss import (
    PermitByNumber,
    PermitIssued,
    PermitRevoked,
    PermitSuspended,
)
from kartini.contracts.office import BillPaid
from kartini.exchange.testing import Post
from kartini.kit.flow import MoveRefused
from kartini.office import documents
from kartini.office.models import Bill, Document, Notice
from kartini.systems.joss import handlers, rules
from kartini.systems.joss.models import Application, Decision, Permit
from kartini.systems.joss.services import (
    advice,
    certificate,
    decisions,
    desk,
    money,
    moves,
    permits,
    verification,
)
from kartini.systems.joss.tests.conftest import Cast, accepted, at, fresh, submitted


def to_decision(cast: Cast, application: Application) -> Application:
    """A nurse's application on the desk of the head."""
    accepted(cast, application)
    advice.plan_survey(
        application=application, surveyor=cast.agus, planned_for=at(2), by=cast.ratna, at=at(1)
    )
    findings = {"room": "yes", "equipment": "yes", "waste": "yes"}
    advice.record_survey(
        application=application, findings=findings, made_at=at(2), by=cast.agus, at=at(2, 15)
    )
    advice.recommend(application=application, verdict="issue", by=cast.ratna, at=at(3))
    return fresh(application)


@pytest.fixture
def ready(nurse: Application, cast: Cast) -> Application:
    return to_decision(cast, nurse)


def test_the_head_signs_and_the_permit_is_a_fact(
    ready: Application, cast: Cast, post: Post, tmp_path: Path
) -> None:
    permit = decisions.issue(application=ready, by=cast.hendro, at=at(3, 14))
    now = fresh(ready)
    assert (now.state, now.holder, now.permit) == ("issued", "", permit)
    assert permit.number == "500.16.7/0001/SIPP/2026"
    assert permit.valid_until == date(2031, 11, 27)
    fact = next(f for f in post.published if isinstance(f, PermitIssued))
    assert (fact.working_days, fact.promised_days) == (3, 7)
    assert permit.document
    assert permit.document.signer_title == "Kepala DPMPTSP"
    assert permit.document.holder == cast.siti
    pdf = tmp_path / "permit.pdf"
    pdf.write_bytes(documents.content(permit.document))
    if shutil.which("pdfsig"):
        said = subprocess.run(["pdfsig", pdf], capture_output=True, text=True, check=False).stdout
        assert "Signature is Valid" in said
    if shutil.which("pdftotext"):
        text = subprocess.run(
            ["pdftotext", "-layout", pdf, "-"], capture_output=True, text=True, check=True
        ).stdout
        assert "SITI" not in text
        assert "Siti Nur Aisyah" in text
        assert "Praktik Perawat Siti, Jl. Mawar 3" in text
        assert "27 November 2031" in text


def test_pressing_twice_signs_once(ready: Application, cast: Cast, post: Post) -> None:
    first = decisions.issue(
        application=ready, by=cast.hendro, at=at(3, 14), revision=ready.revision
    )
    again = decisions.issue(
        application=ready, by=cast.hendro, at=at(3, 15), revision=ready.revision
    )
    assert first == again
    assert Permit.objects.count() == Document.objects.count() == 1
    assert len([f for f in post.published if isinstance(f, PermitIssued)]) == 1


def test_two_officers_at_once_have_one_outcome(ready: Application, cast: Cast) -> None:
    """While one signs, the other one refuses: the second is told, before anything is signed."""
    real = documents.issue

    def meanwhile(**what: object) -> Document:
        with pytest.raises(decisions.AlreadyDecided) as told:
            decisions.refuse(application=ready, words="Tidak layak", by=cast.wakil, at=at(3, 14))
        assert told.value.decision.by == cast.hendro
        with pytest.raises(decisions.AlreadyDecided):
            decisions.issue(application=ready, by=cast.wakil, at=at(3, 14))
        with pytest.raises(moves.BeingDecided):
            desk.withdraw(application=ready, by=cast.siti, at=at(3, 14))
        return real(**what)  # type: ignore[arg-type]

    with patch.object(documents, "issue", meanwhile):
        decisions.issue(application=ready, by=cast.hendro, at=at(3, 14))
    with pytest.raises(decisions.AlreadyDecided):
        decisions.refuse(application=ready, words="Tidak layak", by=cast.wakil, at=at(4))
    assert fresh(ready).state == "issued"
    assert Document.objects.count() == 1


def refuse_to_sign(**_what: object) -> Document:
    raise documents.SigningRefused("passphrase")


def test_a_wrong_passphrase_decides_nothing_and_the_number_is_kept(
    ready: Application, cast: Cast
) -> None:
    with (
        patch.object(documents, "issue", refuse_to_sign),
        pytest.raises(documents.SigningRefused),
    ):
        decisions.issue(application=ready, by=cast.hendro, at=at(3, 14))
    assert fresh(ready).state == "decision"
    permit = decisions.issue(application=ready, by=cast.wakil, at=at(3, 14))
    assert permit.number == "500.16.7/0001/SIPP/2026"


@pytest.mark.parametrize("after_signing", [False, True])
def test_a_signing_that_was_interrupted_can_be_finished(
    ready: Application, cast: Cast, after_signing: bool
) -> None:
    where = (decisions, "_finish_issue") if after_signing else (documents, "issue")
    stop: Callable[..., object] = lambda *_a, **_w: (_ for _ in ()).throw(SystemExit())  # noqa: E731
    with patch.object(*where, stop), pytest.raises(SystemExit):
        decisions.issue(application=ready, by=cast.hendro, at=at(3, 14))
    later = at(3, 14) + moves.LEASE + timedelta(seconds=1)
    if after_signing:
        with pytest.raises(decisions.AlreadyDecided):
            decisions.refuse(application=ready, words="Tidak", by=cast.wakil, at=later)
    decisions.issue(application=ready, by=cast.wakil, at=later)
    assert Permit.objects.count() == Document.objects.count() == 1
    assert fresh(ready).state == "issued"


def test_only_the_head_signs_and_only_what_is_ready(
    nurse: Application, ready: Application, cast: Cast
) -> None:
    with pytest.raises(rules.NotAllowed):
        decisions.issue(application=ready, by=cast.bambang, at=at(3))
    other = submitted(cast.budi)
    with pytest.raises(MoveRefused):
        decisions.issue(application=other, by=cast.hendro, at=at(3))
    assert not Decision.objects.exists()


def test_an_acting_head_signs_as_such(ready: Application, cast: Cast) -> None:
    cast.hendro.roles.update(acting="plt", until_on=date(2027, 1, 31), title="Kepala Dinas")
    permit = decisions.issue(application=ready, by=cast.hendro, at=at(3))
    assert permit.document
    assert permit.document.signer_title == "Plt. Kepala Dinas"


def test_a_refusal_is_signed_and_says_how_to_object(
    ready: Application, cast: Cast, tmp_path: Path
) -> None:
    with pytest.raises(decisions.ReasonMissing):
        decisions.refuse(application=ready, words=" ", by=cast.hendro, at=at(3))
    words = "Ruang praktik tidak terpisah dari dapur."
    decision = decisions.refuse(application=ready, words=words, by=cast.hendro, at=at(3))
    assert (fresh(ready).state, decision.permit_number) == ("refused", None)
    assert decision.letter
    pdf = tmp_path / "letter.pdf"
    pdf.write_bytes(documents.content(decision.letter))
    if shutil.which("pdftotext"):
        text = subprocess.run(
            ["pdftotext", pdf, "-"], capture_output=True, text=True, check=True
        ).stdout
        flat = " ".join(text.split())
        assert words in flat
        assert "Keberatan tertulis" in flat
        assert "belum diverifikasi" in flat
    assert words in Notice.objects.filter(to=cast.siti).latest("told_at", "pk").body


def test_the_preview_is_not_signed_and_has_no_number(ready: Application) -> None:
    assert certificate.preview(ready, at=at(3)).startswith(b"%PDF")
    assert not Document.objects.exists()


def test_a_tax_is_assessed_paid_and_then_decided(cast: Cast, post: Post) -> None:
    banner = submitted(cast.siti, "izin-reklame-insidentil")
    accepted(cast, banner)
    assert fresh(banner).holder == "bpkad"
    with pytest.raises(money.NothingToPay):
        money.assess(application=banner, amount_rupiah=0, words="x", by=cast.tri, at=at(1))
    bill = money.assess(
        application=banner,
        amount_rupiah=1_250_000,
        words="12 m² × 15 hari",
        by=cast.tri,
        at=at(1),
    )
    promised = fresh(banner).due_on
    assert fresh(banner).state == "payment"
    assert Bill.objects.get().payer == cast.siti
    paid = BillPaid(reference=bill.reference, amount_rupiah=1_250_000, paid_at=at(6))
    short = paid.model_copy(update={"amount_rupiah": 1000})
    for event in (short, paid, paid):
        handlers.go_on_when_paid(event)
    now = fresh(banner)
    assert (now.state, now.holder) == ("verification", "dpmptsp")
    assert promised
    assert now.due_on
    assert now.due_on > promised
    with pytest.raises(rules.NotAllowed):
        verification.accept(application=banner, by=cast.bambang, at=at(7))
    verification.accept(application=banner, by=cast.dewi, at=at(7))
    permit = decisions.issue(application=fresh(banner), by=cast.hendro, at=at(8))
    assert permit.valid_until == date(2026, 12, 20)


def test_withdrawing_cancels_the_bill_and_a_late_payment_changes_nothing(cast: Cast) -> None:
    banner = submitted(cast.siti, "izin-reklame-insidentil")
    accepted(cast, banner)
    bill = money.assess(application=banner, amount_rupiah=5000, words="x", by=cast.tri, at=at(1))
    desk.withdraw(application=banner, by=cast.siti, at=at(2))
    assert Bill.objects.get().state == "voided"
    handlers.go_on_when_paid(BillPaid(reference=bill.reference, amount_rupiah=5000, paid_at=at(3)))
    assert fresh(banner).state == "withdrawn"


def test_a_permit_is_suspended_put_back_and_revoked(
    ready: Application, cast: Cast, post: Post
) -> None:
    permit = decisions.issue(application=ready, by=cast.hendro, at=at(3))
    with pytest.raises(rules.NotAllowed):
        permits.suspend(permit=permit, words="Pengaduan", by=cast.bambang, at=at(4))
    with pytest.raises(permits.ReasonMissing):
        permits.suspend(permit=permit, words="", by=cast.hendro, at=at(4))
    permits.suspend(permit=permit, words="Pengaduan", by=cast.hendro, at=at(4))
    assert handlers.permit_by_number(ask(permit)).state == "suspended"
    permits.resume(permit=permit, words="Tidak terbukti", by=cast.hendro, at=at(5))
    permits.revoke(permit=permit, words="Terbukti", by=cast.hendro, at=at(6))
    with pytest.raises(MoveRefused):
        permits.resume(permit=permit, words="x", by=cast.hendro, at=at(7))
    assert Document.objects.get().state == "revoked"
    kinds = [type(f) for f in post.published]
    assert PermitSuspended in kinds
    assert PermitRevoked in kinds
    permits.hand_over(permit=permit, how="counter", by=cast.bambang, at=at(7))
    permits.hand_over(permit=permit, how="download", by=cast.siti, at=at(8))
    assert Permit.objects.get().handed_over_how == "counter"


def ask(permit: Permit) -> PermitByNumber:
    return PermitByNumber(permit_number=permit.number)


def test_a_permit_is_answered_for_with_its_holder_masked(ready: Application, cast: Cast) -> None:
    permit = decisions.issue(application=ready, by=cast.hendro, at=at(3))
    status = handlers.permit_by_number(ask(permit))
    assert (status.found, status.holder_masked) == (True, "S*** N** A*****")
    assert not handlers.permit_by_number(PermitByNumber(permit_number="0")).found
