"""The phone's side of the counter, as the server sees it: each row by itself, once, whatever it holds."""

import io
import json
import uuid
from base64 import b64encode
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import OperationalError
from django.test import Client
from django.urls import reverse
from PIL import Image

from kartini.exchange import bus
from kartini.exchange.testing import Post
from kartini.systems.bank_sampah.models import Account, Deposit, Depositor, ScalePhoto
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
    wati: Client, bank: Bank, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows, publish = [row(bank) for _ in range(25)], bus.publish
    told: list[Any] = []

    def fail_once(event: Any) -> None:
        told.append(event)
        if len(told) == 14:
            raise OperationalError("the disk is full")
        publish(event)

    monkeypatch.setattr(bus, "publish", fail_once)
    with pytest.raises(OperationalError):
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
