"""What institutions outside are asked to do: done once for each key, whatever dies, dawdles or talks rubbish."""

import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest
from django.db import IntegrityError, transaction

from kartini.exchange import dispatch, log
from kartini.exchange.models import Errand, Institution
from kartini.exchange.tests.test_remote import Elsewhere
from kartini.office import documents, notices, payments, wire
from kartini.office.models import Bill, PaymentCode
from kartini.office.tests.conftest import AT, Outside
from kartini.office.tests.test_documents import issue
from kartini.office.tests.test_notices import tell
from kartini.office.tests.test_payments import write
from kartini.office.tests.test_signing import FakeBSrE, bsre, consent
from kartini.people.models import User

__all__ = ["bsre"]
pytestmark = pytest.mark.django_db
LATER = AT + dispatch.HELD
SEND = "whatsapp.send-message.v1"


class Killed(BaseException):
    """As kill -9: nothing after it runs."""


def killed_before_it_is_noted() -> Any:
    return patch.object(log, "append", side_effect=Killed)


def killed_after_it_is_logged() -> Any:
    return patch.object(dispatch, "_went", side_effect=Killed)


KILLS = pytest.mark.parametrize("killed", [killed_before_it_is_noted, killed_after_it_is_logged])


def do(carry: Any, *, key: str = "k", body: bytes = b"x", at: Any = AT, to: str = "") -> str:
    address = to or "http://127.0.0.1:9/whatsapp"
    return dispatch.do(SEND, to=address, key=key, body=body, carry=carry, at=at)


def logged(verb: str) -> list[log.Message]:
    """Messages about this verb, newest first."""
    found = log.search(method="DO", limit=200)
    return [message for _place, message in found if message.contract == verb]


def fails(fault: Exception) -> Any:
    def carry(*_what: Any) -> str:
        raise fault

    return carry


# -- the same key


def test_the_same_key_is_done_once_and_gives_the_first_answer() -> None:
    assert do(lambda _e: "first") == "first"
    assert do(lambda _e: 1 / 0) == "first"


def test_a_key_that_was_used_for_something_else_is_refused() -> None:
    do(lambda _e: "first")
    with pytest.raises(dispatch.SaidDifferently):
        do(lambda _e: "second", body=b"y")


def test_who_comes_second_does_not_call_a_second_time() -> None:
    def carry(_errand: Errand) -> str:
        with pytest.raises(dispatch.UnderWay):
            do(lambda _e: 1 / 0)
        return "first"

    assert do(carry) == "first"


def test_one_that_was_held_too_long_gives_the_answer_that_stands() -> None:
    def slow(_errand: Errand) -> str:
        assert do(lambda _e: "theirs", at=LATER) == "theirs"
        return "mine"

    assert do(slow) == "theirs"


def test_a_deed_is_not_asked_for_inside_a_transaction() -> None:
    with transaction.atomic(), pytest.raises(RuntimeError):
        do(lambda _e: "")


def test_the_database_knows_no_receipt_of_what_was_not_done() -> None:
    do(lambda _e: "")
    with pytest.raises(IntegrityError), transaction.atomic():
        Errand.objects.update(done_at=None, receipt="x")


# -- the log


def test_each_try_is_a_message_and_no_person_stands_in_it() -> None:
    before = len(logged(SEND))
    with pytest.raises(dispatch.Late):
        do(fails(dispatch.Late()), body=b"3320116204959002")
    do(lambda _e: "done", body=b"3320116204959002")
    newest, older = logged(SEND)[: len(logged(SEND)) - before]
    assert (older.status, newest.status) == (504, 200)
    assert newest.client.endswith("/diskominfo/office")
    assert newest.service.endswith(f"/COM/whatsapp/whatsapp/{SEND}")
    assert newest.purpose == "letter"
    assert "3320116204959002" not in str(newest) + str(vars(Errand.objects.get()))


def test_a_failure_that_cannot_be_logged_has_a_name_too_and_holds_nothing() -> None:
    with (
        patch.object(log, "append", side_effect=log.NotDurable),
        pytest.raises(dispatch.NotLogged),
    ):
        do(fails(dispatch.Late()))
    assert do(lambda _e: "done at last") == "done at last"


def test_what_cannot_be_logged_is_not_told_as_done() -> None:
    with (
        patch.object(log, "append", side_effect=log.NotDurable),
        pytest.raises(dispatch.NotLogged),
    ):
        do(lambda _e: "done")
    assert do(lambda _e: "done at last") == "done at last"


# -- the breaker


def test_a_clock_that_ran_ahead_and_is_set_back_holds_nothing_up() -> None:
    far = AT + timedelta(days=1500)
    Errand.objects.create(
        key="far", verb=SEND, address="http://127.0.0.1:9", digest="0:x",
        begun_at=far, tried_at=far, held_until=far,
    )  # fmt: skip
    Institution.objects.create(
        address="http://127.0.0.1:9", code="whatsapp", failures=9, rests_until=far, fault="away"
    )
    assert do(lambda _e: "done", key="far") == "done"


def test_who_fails_too_often_is_left_alone_and_tried_by_one() -> None:
    calls = []

    def away(_errand: Errand) -> str:
        calls.append(1)
        raise dispatch.Away

    for number in range(dispatch.FAILURES):
        with pytest.raises(dispatch.Away):
            do(away, key=f"k{number}")
    for number in range(9):
        with pytest.raises(dispatch.LeftAlone):
            do(away, key=f"l{number}")
    assert len(calls) == dispatch.FAILURES
    assert do(lambda _e: "elsewhere", key="m", to="http://127.0.0.1:10/") == "elsewhere"
    rested = AT + dispatch.REST
    with pytest.raises(dispatch.Away):
        do(away, key="n", at=rested)
    with pytest.raises(dispatch.LeftAlone):
        do(away, key="o", at=rested)
    assert do(lambda _e: "back", key="p", at=rested + 2 * dispatch.REST) == "back"
    row = Institution.objects.get(address="http://127.0.0.1:9")
    assert (row.failures, row.fault, row.rests_until) == (0, "", None)


def test_a_refusal_is_an_answer() -> None:
    for number in range(2 * dispatch.FAILURES):
        with pytest.raises(dispatch.Refused):
            do(fails(dispatch.Refused("no")), key=f"k{number}")


# -- what the wire brings


@pytest.fixture
def elsewhere(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Elsewhere]:
    other = Elsewhere()
    monkeypatch.setattr(wire, "SECONDS", 0.5)
    settings.WHATSAPP_URL = settings.QRIS_URL = settings.BSRE_URL = other.url.partition("?")[0]
    yield other
    other.close()


HEAD = b"HTTP/1.1 202 Accepted\r\nContent-Length: 12\r\n\r\n"
GOOD = HEAD + b'{"id": "w1"}'


def drip(line: Any, _number: int) -> bool:
    for byte in HEAD[:-1] + b" " * 80:
        line.sendall(bytes([byte]))
        time.sleep(0.05)
    return False


@pytest.mark.parametrize(
    ("behaviour", "fault"),
    [
        (lambda _line, _n: time.sleep(1), "Late"),
        (drip, "Late"),
        (lambda line, _n: line.sendall(b"SSH-2.0-x\r\n") and False, "Rubbish"),
        (lambda line, _n: line.sendall(HEAD + b"<html></html>"), "Rubbish"),
        (lambda line, _n: line.sendall(HEAD + b'{"id'), "Late"),
        (lambda _line, _n: False, "Away"),
        (lambda line, _n: line.sendall(b"HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n"), "Away"),
    ],
)
def test_silence_and_rubbish_have_names_and_the_letter_waits(
    siti: User, elsewhere: Elsewhere, behaviour: Any, fault: str
) -> None:
    elsewhere.behaviour = behaviour
    begun = time.monotonic()
    notice = tell(siti)
    notices.carry(now=AT)
    one = notice.parcels.get(channel="whatsapp")
    assert (one.state, one.fault.partition(":")[0]) == ("waiting", fault)
    assert one.next_at > AT
    assert time.monotonic() - begun < 2.5, "a drip every 50 ms would go on for five seconds"


def test_an_answer_that_comes_twice_and_late_is_taken_once(
    siti: User, elsewhere: Elsewhere
) -> None:
    def late_then_twice(line: Any, number: int) -> bool:
        if number == 1:
            time.sleep(0.8)
        line.sendall(GOOD + GOOD)
        return False

    elsewhere.behaviour = late_then_twice
    notice = tell(siti)
    notices.carry(now=AT)
    notices.carry(now=AT + timedelta(minutes=1))
    time.sleep(0.5)
    one = notice.parcels.get(channel="whatsapp")
    assert (one.state, one.carrier_reference, one.attempts) == ("sent", "w1", 2)
    keys = [headers["idempotency-key"] for headers, _body in elsewhere.requests]
    assert keys == [str(one.pk)] * 2


# -- killed between the call and the note


@KILLS
def test_no_second_message_leaves(siti: User, outside: Outside, killed: Any) -> None:
    siti.phone, siti.email = f"+62812{time.monotonic_ns() % 10**8:08}", ""
    notice = tell(siti)
    with killed(), pytest.raises(Killed):
        notices.carry(now=AT)
    assert notices.carry(now=AT + timedelta(minutes=3)) == 1
    assert notice.parcels.get().state == "sent"
    chat = outside.read(f"/whatsapp/%2B{siti.phone[1:]}")
    assert chat.count('class="bubble"') == 1


@KILLS
def test_no_second_code_to_pay_by_is_made(siti: User, outside: Outside, killed: Any) -> None:
    bill = write(
        siti, reference=f"joss:{time.monotonic_ns()}", description=f"B{time.monotonic_ns()}"
    )
    with killed(), pytest.raises(Killed):
        payments.show_code(bill=bill, now=AT)
    with pytest.raises(payments.ProviderAway):
        payments.show_code(bill=bill, now=AT + timedelta(seconds=1))
    code = payments.show_code(bill=bill, now=LATER)
    assert code
    assert code.until == AT + timedelta(minutes=30), "as the provider has it"
    assert code.content == PaymentCode.objects.get().content
    assert outside.read("/qris/").count(bill.description) == 1


@KILLS
def test_no_second_paper_is_signed(
    bsre: type[FakeBSrE], killed: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with killed(), pytest.raises(Killed):
        issue(consent=consent())
    with pytest.raises(documents.SigningRefused) as refused:
        issue(consent=consent())
    assert refused.value.reason == "away"
    Errand.objects.update(held_until=AT)
    document = issue(consent=consent(), at=AT + timedelta(minutes=5))
    assert len({seen["key"] for seen in bsre.seen}) == 1
    assert len({bytes(seen["file"]) for seen in bsre.seen}) == 1
    assert documents.content(document).startswith(bsre.seen[0]["file"])


def test_a_signature_that_came_and_was_not_registered_is_not_asked_for_again(
    bsre: type[FakeBSrE],
) -> None:
    with (
        patch("kartini.office.documents.register._register", side_effect=Killed),
        pytest.raises(Killed),
    ):
        issue(consent=consent())
    assert issue(consent=consent())
    assert len(bsre.seen) == 1


def test_the_page_of_a_bill_stands_while_the_provider_rests(
    siti: User, elsewhere: Elsewhere
) -> None:
    elsewhere.behaviour = lambda _line, _n: False
    for number in range(dispatch.FAILURES):
        with pytest.raises(payments.ProviderAway):
            payments.show_code(bill=write(siti, reference=f"joss:{number}"), now=AT)
    asked = len(elsewhere.requests)
    with pytest.raises(payments.ProviderAway):
        payments.show_code(bill=Bill.objects.earliest("pk"), now=AT)
    assert len(elsewhere.requests) == asked


def test_what_was_done_long_ago_is_forgotten() -> None:
    do(lambda _e: "first")
    with pytest.raises(dispatch.Away):
        do(fails(dispatch.Away()), key="other")
    assert dispatch.forget(before=AT) == []
    assert dispatch.forget(before=AT + timedelta(seconds=1), verb="bsre.sign-document.v1") == []
    assert dispatch.forget(before=AT + timedelta(seconds=1)) == ["first"]
    assert not Errand.objects.exists()
