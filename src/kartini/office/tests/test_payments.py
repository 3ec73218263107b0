"""Payments: a bill is settled once, whatever the provider says and how often."""

import json
import threading
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection
from django.test import Client
from django.utils import timezone
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from kartini.contracts.office import BillPaid
from kartini.exchange.testing import Post
from kartini.office import payments
from kartini.office.models import Bill, Notice, Payment, PaymentCode
from kartini.office.payments import qris
from kartini.office.payments.qris import Received
from kartini.office.tests.conftest import AT, Outside
from kartini.people.models import User

CALLBACK = "/tagihan/qris-callback/"


def write(payer: User, **more: Any) -> Bill:
    facts: dict[str, Any] = {
        "reference": "joss:JOSS-2026-000124:tax",
        "payer": payer,
        "payee": "BPKAD",
        "description": "Pajak reklame insidentil",
        "amount_rupiah": 1_250_000,
        "due_on": date(2026, 12, 1),
        "at": AT,
    }
    return payments.bill(**{**facts, **more})


@pytest.fixture
def bill(siti: User) -> Bill:
    return write(siti)


@pytest.fixture
def code(bill: Bill) -> PaymentCode:
    return PaymentCode.objects.create(
        reference="K1", bill=bill, content="0002", made_at=AT, until=AT + timedelta(minutes=30)
    )


def money(**more: Any) -> Received:
    return replace(Received("K1", "Q1", 1_250_000, AT), **more)


def test_the_same_reference_is_the_same_bill(bill: Bill, siti: User) -> None:
    assert write(siti) == bill


@pytest.mark.parametrize("amount", [0, -1])
def test_a_bill_over_nothing_cannot_be_written(siti: User, amount: int) -> None:
    with pytest.raises(IntegrityError):
        write(siti, amount_rupiah=amount)


def test_money_settles_the_bill_and_says_so_once(code: PaymentCode, post: Post) -> None:
    first = payments.hear(received=money(), at=AT)
    again = payments.hear(received=money(), at=AT + timedelta(hours=1))
    assert first == again
    code.bill.refresh_from_db()
    assert (code.bill.state, code.bill.paid_at) == ("paid", AT)
    (fact,) = post.published
    assert isinstance(fact, BillPaid)
    assert fact.reference == code.bill.reference
    assert not Notice.objects.exists(), "the billing system tells what it means"


def test_a_wrong_amount_leaves_the_bill_open(code: PaymentCode, post: Post) -> None:
    payment = payments.hear(received=money(amount_rupiah=1_249_000), at=AT)
    code.bill.refresh_from_db()
    assert (payment.outcome, code.bill.state, post.published) == ("wrong-amount", "open", [])


def test_paying_twice_is_a_surplus(code: PaymentCode, post: Post) -> None:
    payments.hear(received=money(), at=AT)
    assert payments.hear(received=money(provider_reference="Q2"), at=AT).outcome == "surplus"
    assert len(post.published) == 1


def test_late_money_is_recorded_as_late_and_may_be_accepted(
    code: PaymentCode, post: Post, budi: User
) -> None:
    late = AT + timedelta(days=20)
    assert payments.expire_overdue(today=late.date()) == 1
    payment = payments.hear(received=money(paid_at=late), at=late)
    code.bill.refresh_from_db()
    assert (payment.outcome, code.bill.state, post.published) == ("late", "expired", [])
    payments.accept_late(bill=code.bill, by=budi, at=late)
    code.bill.refresh_from_db()
    assert (code.bill.state, len(post.published)) == ("paid", 1)
    with pytest.raises(payments.NotLate):
        payments.accept_late(bill=code.bill, by=budi, at=late)


def test_money_paid_in_time_but_heard_late_still_settles(code: PaymentCode, post: Post) -> None:
    late = AT + timedelta(days=20)
    payments.expire_overdue(today=late.date())
    assert payments.hear(received=money(), at=late).outcome == "settled"


def test_a_paid_bill_cannot_be_cancelled(code: PaymentCode, post: Post, siti: User) -> None:
    payments.hear(received=money(), at=AT)
    with pytest.raises(payments.NotVoidable):
        payments.void(bill=code.bill, reason="Keliru", by=siti, at=AT)


def test_money_for_a_cancelled_bill_is_a_surplus(code: PaymentCode, post: Post, siti: User) -> None:
    payments.void(bill=code.bill, reason="Permohonan ditarik", by=siti, at=AT)
    assert payments.hear(received=money(), at=AT).outcome == "surplus"


def test_money_for_an_unknown_code_is_refused(db: None) -> None:
    with pytest.raises(payments.UnknownCode):
        payments.hear(received=money(), at=AT)


@pytest.mark.django_db(transaction=True)
def test_four_messages_at_once_settle_once(code: PaymentCode, post: Post) -> None:
    def hear() -> None:
        try:
            payments.hear(received=money(), at=AT)
        finally:
            connection.close()

    threads = [threading.Thread(target=hear) for _n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Payment.objects.count() == 1
    assert len(post.published) == 1


# -- the provider, over the wire


def test_a_code_is_made_once_and_paid_on_the_phone(
    bill: Bill, post: Post, outside: Outside
) -> None:
    now = timezone.now()
    code = payments.show_code(bill=bill, now=now)
    assert code
    assert payments.show_code(bill=bill, now=now) == code
    assert payments.refresh(bill=bill, now=now).state == "open"
    assert "Terbayar" in outside.read(f"/qris/bayar/{code.reference}", {"cara": "diam"})
    bill.due_on = timezone.localdate(now)
    bill.save()
    assert payments.refresh(bill=bill, now=now).state == "paid"
    assert payments.show_code(bill=bill, now=now) is None


def test_the_code_is_a_sound_qris_code(bill: Bill, outside: Outside) -> None:
    code = payments.show_code(bill=bill, now=timezone.now())
    assert code
    fields = dict(tags(code.content))
    assert (fields["01"], fields["53"], fields["54"], fields["58"]) == (
        "12",
        "360",
        "1250000",
        "ID",
    )


def tags(content: str) -> list[tuple[str, str]]:
    found = []
    while content:
        size = int(content[2:4])
        found.append((content[:2], content[4 : 4 + size]))
        content = content[4 + size :]
    return found


def test_a_spent_code_is_made_anew_and_the_old_one_still_counts(
    bill: Bill, post: Post, outside: Outside
) -> None:
    now = timezone.now()
    bill.due_on = timezone.localdate(now) + timedelta(days=3)
    bill.save()
    old = payments.show_code(bill=bill, now=now)
    new = payments.show_code(bill=bill, now=now + timedelta(minutes=31))
    assert old
    assert new
    assert old != new
    outside.read(f"/qris/bayar/{old.reference}", {"cara": "diam"})
    assert payments.refresh(bill=bill, now=now).state == "paid"


def test_a_provider_that_is_away_is_named(bill: Bill, settings: Any) -> None:
    settings.QRIS_URL = "http://127.0.0.1:1/qris"
    with pytest.raises(payments.ProviderAway):
        payments.show_code(bill=bill, now=AT)


# -- the provider's messages


def news(**more: Any) -> dict[str, Any]:
    return {
        "originalPartnerReferenceNo": "K1",
        "originalReferenceNo": "Q1",
        "latestTransactionStatus": "00",
        "amount": {"value": "1250000.00", "currency": "IDR"},
        "paidTime": timezone.now().isoformat(),
        **more,
    }


def told(client: Client, body: bytes, *, moment: str = "", sign: str = "") -> int:
    moment = moment or timezone.now().isoformat()
    headers = {
        "X-TIMESTAMP": moment,
        "X-SIGNATURE": sign or qris.signature("POST", CALLBACK, body, moment),
    }
    answer = client.post(CALLBACK, body, content_type="application/json", headers=headers)
    return int(answer.status_code)


@pytest.fixture
def payable(code: PaymentCode) -> PaymentCode:
    code.bill.due_on = timezone.localdate() + timedelta(days=1)
    code.bill.save()
    return code


def test_a_signed_message_settles_and_its_repetition_does_nothing(
    client: Client, payable: PaymentCode, post: Post
) -> None:
    body = json.dumps(news()).encode()
    assert [told(client, body) for _time in range(3)] == [200, 200, 200]
    assert len(post.published) == 1


def test_a_forged_message_is_refused(client: Client, payable: PaymentCode, post: Post) -> None:
    body = json.dumps(news()).encode()
    assert told(client, body, sign="AAAA") == 401
    assert told(client, body, sign="é") == 401
    signed_for_other = qris.signature("POST", CALLBACK, body, timezone.now().isoformat())
    assert told(client, body + b" ", sign=signed_for_other) == 401
    assert not Payment.objects.exists()


def test_an_old_message_played_again_is_refused(
    client: Client, payable: PaymentCode, post: Post
) -> None:
    body, moment = json.dumps(news()).encode(), (timezone.now() - timedelta(hours=1)).isoformat()
    assert told(client, body, moment=moment) == 401


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"null",
        b"{}",
        b"\xff",
        json.dumps(news(amount={"value": "1e9", "currency": "IDR"})).encode(),
        json.dumps(news(amount={"value": "1250000.50", "currency": "IDR"})).encode(),
        json.dumps(news(amount={"value": "1250000.00", "currency": "USD"})).encode(),
        json.dumps(news(paidTime="2026-11-24")).encode(),
        json.dumps(news(amount=None)).encode(),
    ],
)
def test_a_signed_message_without_sense_is_refused(
    client: Client, payable: PaymentCode, post: Post, body: bytes
) -> None:
    assert told(client, body) == 400
    assert not Payment.objects.exists()


def test_a_signed_message_for_a_strange_code_is_not_found(
    client: Client, payable: PaymentCode, post: Post
) -> None:
    assert told(client, json.dumps(news(originalPartnerReferenceNo="K9")).encode()) == 404


def test_other_news_than_payment_changes_nothing(
    client: Client, payable: PaymentCode, post: Post
) -> None:
    assert told(client, json.dumps(news(latestTransactionStatus="03")).encode()) == 200
    assert not Payment.objects.exists()


@hypothesis_settings(deadline=None)
@given(st.binary(max_size=200))
def test_no_body_makes_the_reader_stumble(body: bytes) -> None:
    moment = AT.isoformat()
    headers = {
        "X-TIMESTAMP": moment,
        "X-SIGNATURE": qris.signature("POST", CALLBACK, body, moment),
    }
    with pytest.raises(ValueError, match="notification"):
        qris.read_notification(body, headers, CALLBACK, now=AT)
