"""Notices: written once, carried at least once, told in the reader's language."""

import re
from contextlib import suppress
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest
from django.core import mail
from django.db import transaction

from kartini.exchange import dispatch
from kartini.office import notices, wire
from kartini.office.models import Notice, Parcel
from kartini.office.notices.carriers import CARRIERS
from kartini.office.tests.conftest import AT, Outside
from kartini.people import messages
from kartini.people.models import User


def tell(to: User, at: Any = AT) -> Notice:
    return notices.tell(
        to=to,
        template="office/payment-surplus",
        words={
            "bill": {"description": "Pajak <reklame> & lain"},
            "payment": {"amount_rupiah": 1_250_000},
        },
        at=at,
        link="/tagihan/",
    )


def carried_by(**how: Any) -> Any:
    """Other hands for some channels; the addresses stay."""
    changed = {Parcel.Channel(name): hand for name, hand in how.items()}
    return patch.dict(
        CARRIERS, {name: CARRIERS[name]._replace(hand_over=hand) for name, hand in changed.items()}
    )


def parcel(notice: Notice, channel: str) -> Parcel:
    return notice.parcels.get(channel=channel)


def test_a_notice_is_in_the_inbox_and_on_its_way_over_each_channel(siti: User) -> None:
    notice = tell(siti)
    assert {p.channel: p.address for p in notice.parcels.all()} == {
        "email": "siti@contoh.invalid",
        "whatsapp": "+6281200009002",
    }
    assert notices.unread_count(siti) == 1


def test_it_speaks_the_readers_language_and_escapes_nothing(siti: User, budi: User) -> None:
    assert "Rp 1.250.000" in tell(siti).body
    english = tell(budi)
    assert english.subject == "You paid a bill that was already closed"
    assert "Pajak <reklame> & lain" in english.body
    assert not english.parcels.exists(), "budi gave neither e-mail nor phone"


def test_nothing_leaves_when_the_transaction_fails(siti: User) -> None:
    with suppress(RuntimeError), transaction.atomic():
        tell(siti)
        raise RuntimeError
    assert not Notice.objects.exists()
    assert not Parcel.objects.exists()


def test_the_worker_carries_what_is_due(siti: User, outside: Outside) -> None:
    notice = tell(siti)
    assert notices.carry(now=AT) == 2
    assert notices.carry(now=AT) == 0
    whatsapp = parcel(notice, "whatsapp")
    assert (whatsapp.state, whatsapp.carrier_reference) == ("sent", f"wamid.{whatsapp.pk}")
    chat, box = outside.read("/whatsapp/%2B6281200009002"), outside.read("/mailbox/")
    assert "/tagihan/" in chat
    assert notice.subject in box


def test_the_same_parcel_sent_twice_arrives_once(siti: User, outside: Outside) -> None:
    siti.phone, siti.email = "+6281200001111", "sekali@contoh.invalid"
    notice = tell(siti)
    for _time in range(3):
        for one in notice.parcels.all():
            CARRIERS[Parcel.Channel(one.channel)].hand_over(one)
    assert outside.read("/whatsapp/%2B6281200001111").count('class="bubble"') == 1
    assert outside.read("/mailbox/?untuk=sekali@contoh.invalid").count('class="card"') == 1


def test_a_message_with_hostile_words_stays_text(siti: User, outside: Outside) -> None:
    tell(siti)
    notices.carry(now=AT)
    assert "<reklame>" not in outside.read("/mailbox/")


def test_a_failure_is_tried_again_ever_later_and_dies_after_three_days(
    siti: User, settings: Any
) -> None:
    settings.WHATSAPP_URL = "http://127.0.0.1:1/whatsapp"
    notice, now, waits = tell(siti), AT, []
    for _try in range(200):
        notices.carry(now=now)
        one = parcel(notice, "whatsapp")
        if one.state == "dead":
            break
        waits.append(one.next_at - now)
        now = one.next_at
    assert waits[:4] == [timedelta(seconds=s) for s in (15, 30, 60, 120)]
    assert max(waits) == timedelta(hours=2)
    assert timedelta(days=3) <= now - AT < timedelta(days=3, hours=2)
    assert one.fault
    assert one.ended_at


def test_a_bad_address_is_given_up_at_once(siti: User, outside: Outside) -> None:
    siti.phone = "08-bukan-nomor"
    notice = tell(siti)
    notices.carry(now=AT)
    one = parcel(notice, "whatsapp")
    assert (one.state, one.attempts, one.fault) == ("dead", 1, "Refused: WhatsApp 422")


def test_a_worker_that_dies_while_sending_leaves_the_parcel_for_later(siti: User) -> None:
    notice = tell(siti)
    with (
        carried_by(email=lambda _: 1 / 0, whatsapp=lambda _: 1 / 0),
        pytest.raises(ZeroDivisionError),
    ):
        notices.carry(now=AT)
    assert notices.carry(now=AT + timedelta(minutes=1)) == 0, "still leased"
    with carried_by(email=lambda _: "ok", whatsapp=lambda _: "ok"):
        assert notices.carry(now=AT + timedelta(minutes=3)) == 2
    assert parcel(notice, "email").state == "sent"


def test_what_arrived_long_ago_is_forgotten_but_stays_in_the_inbox(siti: User) -> None:
    notice = tell(siti)
    with carried_by(whatsapp=lambda _: "ok"):
        notices.carry(now=AT)
    late = AT + notices.KEPT + timedelta(days=1)
    Parcel.objects.filter(channel="email").update(state="waiting", ended_at=None)
    assert notices.forget(before=late - notices.KEPT) == 1
    assert [p.channel for p in notice.parcels.all()] == ["email"]


def test_one_bad_parcel_does_not_hold_up_the_others(siti: User) -> None:
    tell(siti)

    def refuse(_parcel: Parcel) -> str:
        raise dispatch.Refused("no")

    with carried_by(email=refuse, whatsapp=lambda _: ""):
        assert notices.carry(now=AT) == 1


def test_a_carrier_that_is_away_is_asked_once_a_round(siti: User) -> None:
    asked = []

    def away(parcel: Parcel) -> str:
        asked.append(parcel)
        raise dispatch.Late("8 s")

    for _notice in range(5):
        tell(siti)
    with carried_by(email=away, whatsapp=lambda _: ""):
        assert notices.carry(now=AT) == 5
    assert len(asked) == 1
    assert sum(p.attempts for p in Parcel.objects.filter(channel="email")) == 1


def test_an_answer_without_end_or_sense_is_no_answer(settings: Any) -> None:
    with pytest.raises(dispatch.Away):
        wire.call("GET", "http://127.0.0.1:1/")
    with pytest.raises(dispatch.Rubbish):
        wire.Reply(200, {}, b"<html>").json()


def test_mail_bears_the_parcels_id(siti: User) -> None:
    notice = tell(siti)
    notices.carry(now=AT)
    (sent,) = [m for m in mail.outbox if m.to == ["siti@contoh.invalid"]]
    assert str(parcel(notice, "email").pk) in sent.extra_headers["Message-ID"]


def test_an_unconfirmed_phone_is_told_nothing(siti: User) -> None:
    siti.phone_verified = False
    assert [p.channel for p in tell(siti).parcels.all()] == ["email"]


def test_a_code_for_signing_in_is_carried_and_then_forgotten(outside: Outside, db: None) -> None:
    messages.send(
        messages.Letter("whatsapp", "+6281200007777", "Kode", "Kode Anda 482913", AT, True)
    )
    assert notices.carry(now=AT) == 1
    assert "482913" in outside.read("/whatsapp/%2B6281200007777")
    one = Parcel.objects.get()
    assert (one.state, one.text, one.notice) == ("sent", "", None)


def test_no_template_of_ours_names_a_nik() -> None:
    from pathlib import Path

    import kartini

    files = list(Path(kartini.__file__).parent.rglob("templates/*/notices/*.txt"))
    assert files
    assert [f for f in files if re.search(r"\bnik\b", f.read_text(), re.IGNORECASE)] == []
