"""The phone's side of the counter, as the server sees it: each row by itself, once, whatever it holds."""

import io
import json
import uuid
from base64 import b64encode
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest
import time_machine
from django.db import OperationalError
from django.test import Client
from django.urls import reverse
from PIL import Image

from kartini.exchange import bus
from kartini.exchange.testing import Post
from kartini.systems.bank_sampah.models import (
    Account,
    Deposit,
    Depositor,
    PhoneConsent,
    ScalePhoto,
)
from kartini.systems.bank_sampah.services import depositors
from kartini.systems.bank_sampah.services.audit import audit
from kartini.systems.bank_sampah.tests.conftest import SATURDAY, Bank


@pytest.fixture
def wati(client: Client, bank: Bank, post: Post) -> Client:
    client.force_login(bank.manager)
    return client


def row(bank: Bank, **more: Any) -> dict[str, Any]:
    return {
        "id": str(uuid.uuid4()),
        "depositor": str(bank.depositor().pk),
        "price_list": str(bank.prices.pk),
        "bags": [{"material": bank.materials["pet"].pk, "grams": 2000}],
        "weighed_at": SATURDAY.isoformat(),
    } | more


def send(client: Client, bank: Bank, *rows: Any, sent_at: Any = SATURDAY) -> list[dict[str, Any]]:
    url = reverse("bank_sampah:field-send", args=[bank.unit.code])
    body = {"sent_at": sent_at.isoformat(), "rows": list(rows)}
    with time_machine.travel(SATURDAY + timedelta(days=2), tick=False):
        answer = client.post(url, json.dumps(body), content_type="application/json")
    assert answer.status_code == 200
    found: list[dict[str, Any]] = answer.json()["rows"]
    return found


def test_a_week_old_queue_sent_three_times_in_any_order_is_saved_once(
    wati: Client, bank: Bank
) -> None:
    rows = [row(bank) for _ in range(4)]
    monday = SATURDAY + timedelta(days=2)
    for order in (rows, rows[::-1], rows[2:] + rows[:2]):
        said = send(wati, bank, *order, sent_at=monday)
        assert [one["state"] for one in said] == ["saved"] * 4
    assert Deposit.objects.count() == 4
    assert {d.booked_on for d in Deposit.objects.all()} == {SATURDAY.date()}
    assert Account.objects.get(kind="savings").balance == 20_000
    assert list(audit()) == []


def test_a_queue_that_broke_off_in_the_middle_is_sent_again_and_saved_once(
    wati: Client, bank: Bank
) -> None:
    rows, publish = [row(bank) for _ in range(25)], bus.publish
    told: list[Any] = []

    def fail_once(event: Any) -> None:
        told.append(event)
        if len(told) == 14:
            raise OperationalError("the disk is full")
        publish(event)

    with patch.object(bus, "publish", fail_once), pytest.raises(OperationalError):
        send(wati, bank, *rows)
    assert Deposit.objects.count() < 14
    assert {one["state"] for one in send(wati, bank, *rows)} == {"saved"}
    assert Deposit.objects.count() == 25
    assert list(audit()) == []


def test_what_had_arrived_before_the_passbook_was_closed_is_not_refused_when_sent_again(
    wati: Client, bank: Bank
) -> None:
    sent = row(bank)
    send(wati, bank, sent)
    Depositor.objects.filter(pk=bank.depositor().pk).update(left_on=SATURDAY.date())
    assert send(wati, bank, sent)[0]["state"] == "saved"
    assert send(wati, bank, row(bank))[0]["why"] == "NoLongerSaving"


def test_a_class_brings_and_a_photo_of_the_scale_stays_beside_the_deposit(
    wati: Client, bank: Bank, settings: Any, tmp_path: Any
) -> None:
    settings.DATA_DIR = tmp_path
    part = depositors.add_part(group=bank.depositor(), name="4A", by=bank.manager, at=SATURDAY)
    picture = io.BytesIO()
    Image.new("RGB", (60, 40), (90, 90, 90)).save(picture, "JPEG")
    photo = b64encode(picture.getvalue()).decode()
    said = send(wati, bank, row(bank, part=part.pk, photo=photo), row(bank, photo="###"), row(bank, part=10**6))  # fmt: skip
    assert [one["state"] for one in said] == ["saved", "saved", "refused"]
    made = Deposit.objects.get(part=part)
    url = reverse("bank_sampah:photo", args=[bank.unit.code, made.pk])
    assert wati.get(url)["Content-Type"] == "image/jpeg"
    receipt = reverse("bank_sampah:receipt", args=[bank.unit.code, made.pk])
    assert url in wati.get(receipt).content.decode()
    assert ScalePhoto.objects.count() == 1
    people = wati.get(reverse("bank_sampah:field-data", args=[bank.unit.code])).json()["people"]
    assert people[0][4] == [[part.pk, "4A"]]


def test_one_bad_row_spoils_only_itself_and_says_what_to_do(wati: Client, bank: Bank) -> None:
    pet = bank.materials["pet"].pk
    taken = row(bank)
    bad = [
        row(bank, bags=[{"material": pet, "grams": -3000}]),
        row(bank, bags=[{"material": pet, "grams": 9_000_000}]),
        row(bank, depositor=str(uuid.uuid4())),
        row(bank, price_list=str(uuid.uuid4())),
        row(bank, bags=[{"material": 10**6, "grams": 5}]),
        {"id": "x", "evil": "<script>"},
        taken | {"bags": [{"material": pet, "grams": 1}]},
    ]
    said = send(wati, bank, taken, *bad)
    assert [one["state"] for one in said] == ["saved", *["refused"] * 7]
    assert all(one["said"] for one in said[1:])
    assert Deposit.objects.get().total_grams == 2000


def test_a_clock_two_years_slow_is_put_right(wati: Client, bank: Bank) -> None:
    slow = timedelta(days=731)
    sent_at = SATURDAY + timedelta(days=2) - slow
    send(wati, bank, row(bank, weighed_at=(SATURDAY - slow).isoformat()), sent_at=sent_at)
    assert Deposit.objects.get().booked_on == SATURDAY.date()


CORRECTED = timedelta(days=731)


@pytest.mark.parametrize("heard", [True, False])
def test_a_clock_put_right_between_weighing_and_sending_spoils_nothing(
    wati: Client, bank: Bank, heard: bool
) -> None:
    """The signal that carries the row away also sets the phone's clock."""
    said = (SATURDAY - CORRECTED).isoformat()
    known = {"heard": {"at": (SATURDAY - timedelta(hours=1)).isoformat(), "seconds": 3600}}
    one = row(bank, weighed_at=said, **(known if heard else {}))
    assert send(wati, bank, one, sent_at=SATURDAY + timedelta(days=2))[0]["state"] == "saved"
    made = Deposit.objects.get()
    assert made.weighed_at == SATURDAY + timedelta(days=0 if heard else 2)
    assert made.clock_off_seconds == (made.weighed_at - SATURDAY + CORRECTED).total_seconds()
    receipt = reverse("bank_sampah:receipt", args=[bank.unit.code, made.pk])
    assert "Jam HP keliru" in wati.get(receipt).content.decode()
    with_right_clock = send(wati, bank, row(bank, heard=known["heard"]), sent_at=SATURDAY + timedelta(days=2))  # fmt: skip
    assert with_right_clock[0]["state"] == "saved"
    assert Deposit.objects.filter(clock_off_seconds=0, weighed_at=SATURDAY).count() == 1


@pytest.mark.parametrize("year", [1, 1970, 9999])
def test_a_clock_out_of_all_reason_is_taken_for_now(wati: Client, bank: Bank, year: int) -> None:
    said = SATURDAY.replace(year=year).isoformat()
    for sent_at in (SATURDAY, SATURDAY.replace(year=year)):
        assert send(wati, bank, row(bank, weighed_at=said), sent_at=sent_at)[0]["state"] == "saved"
    assert {d.booked_on.year for d in Deposit.objects.all()} == {2026}


def newcomer(name: str, **more: Any) -> dict[str, Any]:
    return {"id": str(uuid.uuid4()), "opens": {"name": name, "consent": True} | more}


def test_a_passbook_opened_on_the_phone_stands_once_before_its_deposits(
    wati: Client, bank: Bank
) -> None:
    new = newcomer("  Bu   Tin ", phone="0812-3456-7890", told=True)
    bags = row(bank, depositor=new["id"])
    for order in ((bags, new), (new, bags), (bags,), (new,)):
        assert {one["state"] for one in send(wati, bank, *order)} == {"saved"}
    made = Depositor.objects.get(name="Bu Tin")
    assert (str(made.pk), made.number, made.phone) == (new["id"], 4, "+6281234567890")
    assert made.cards.count() == 1
    assert PhoneConsent.objects.get().depositor == made
    assert Deposit.objects.get().depositor == made
    assert list(audit()) == []


def test_a_known_name_is_a_question_and_its_deposits_wait(wati: Client, bank: Bank) -> None:
    new = newcomer("sri rahayu")
    bags = row(bank, depositor=new["id"])
    asked, waits = send(wati, bank, new, bags)
    assert (asked["state"], asked["why"], waits["state"]) == ("refused", "SameName", "waiting")
    assert "MLT-0001" in asked["said"]
    assert Depositor.objects.count() == 3
    sure = {**new, "opens": new["opens"] | {"sure": True}}
    assert [one["state"] for one in send(wati, bank, sure, bags)] == ["saved", "saved"]
    assert Depositor.objects.filter(name__iexact="sri rahayu").count() == 2


def test_a_newcomer_that_cannot_be_is_refused_by_itself(wati: Client, bank: Bank) -> None:
    elsewhere = Depositor.objects.create(
        unit=bank.other, number=1, name="Lain", consented_at=SATURDAY, registered_at=SATURDAY
    )
    bad = [
        newcomer("A", consent=False),
        newcomer("B", phone="bukan nomor"),
        newcomer(""),
        newcomer("C", kind="x"),
        newcomer("D\x00"),
        {**newcomer("E"), "id": str(elsewhere.pk)},
    ]
    said = send(wati, bank, *bad, newcomer("Bu Tin"))
    assert [one["state"] for one in said] == [*["refused"] * 6, "saved"]
    assert all(one["said"] for one in said[:6])
    assert Depositor.objects.filter(unit=bank.unit).count() == 4


def test_a_passbook_number_does_where_the_phone_knew_no_names(wati: Client, bank: Bank) -> None:
    by_number = row(bank, number=2)
    del by_number["depositor"]
    send(wati, bank, by_number)
    assert Deposit.objects.get().depositor == bank.depositor(1)


@pytest.mark.parametrize("body", ["", "[]", "{", '{"rows": []}', '{"sent_at": "x", "rows": [1]}', json.dumps({"sent_at": SATURDAY.isoformat(), "rows": [{}] * 101})])  # fmt: skip
def test_what_cannot_be_read_is_refused_whole(wati: Client, bank: Bank, body: str) -> None:
    url = reverse("bank_sampah:field-send", args=[bank.unit.code])
    assert wati.post(url, body, content_type="application/json").status_code == 400


def test_the_shell_shows_no_person_and_the_worker_keeps_to_itself(wati: Client, bank: Bank) -> None:
    page = wati.get(reverse("bank_sampah:field-page", args=[bank.unit.code])).content.decode()
    assert "Sri Rahayu" not in page
    assert "Wati" not in page
    worker = wati.get(reverse("bank_sampah:field-worker"))
    assert worker["Content-Security-Policy"].startswith("default-src 'none'; script-src 'self'")
    assert "no-store" in worker["Cache-Control"]
    assert b"importScripts" in worker.content


def test_names_and_keys_are_for_those_who_work_here(client: Client, bank: Bank, post: Post) -> None:
    for name in ("data", "key", "page"):
        assert client.get(reverse(f"bank_sampah:field-{name}", args=[bank.unit.code])).status_code == 302  # fmt: skip
    client.force_login(bank.manager)
    assert client.get(reverse("bank_sampah:field-key", args=[bank.unit.code])).json()["key"]
    assert client.get(reverse("bank_sampah:field-data", args=[bank.other.code])).status_code == 403
