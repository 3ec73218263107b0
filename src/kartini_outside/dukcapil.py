"""The civil registry (Dukcapil) as a web service: one question by NIK, an API key, its own words and codes.

``POST /dukcapil/data`` with ``X-Api-Key`` and JSON ``{"nik": "…"}`` answers 200 with ``kode``:
``00`` found (``content`` holds one resident), ``13`` no such NIK. 400 with ``05`` names a malformed
question, 401 with ``03`` an unknown key. ``/dukcapil/`` is a page about its state; ``/dukcapil/faults``
makes it slow, silent or wrong, for tests and demonstrations.
"""

import hmac
import json
import os
import sqlite3
import threading
import time
from contextlib import closing
from dataclasses import dataclass
from html import escape
from typing import Any

from kartini_outside import population
from kartini_outside.named import NAMED
from kartini_outside.server import Answer, Request, html_answer, json_answer

DEMO_KEY = "peragaan"
FAULTS = {
    "none": "menjawab seperti biasa",
    "slow": "menjawab setelah beberapa detik",
    "down": "menjawab 503 tanpa isi",
    "garbage": "menjawab 200 dengan halaman HTML",
    "oversized": "menjawab 5 MB",
    "stranger": "menjawab tentang orang lain",
}
MARRIAGE = {1: "BELUM KAWIN", 2: "KAWIN", 3: "CERAI HIDUP", 4: "CERAI MATI"}
RELATION = {1: "KEPALA KELUARGA", 3: "ISTRI", 4: "ANAK", 7: "ORANG TUA"}


@dataclass
class State:
    fault: str = "none"
    seconds: float = 5.0
    asked: int = 0


state = State()
_making = threading.Lock()


def answer(request: Request) -> Answer:
    match request.method, request.path.rstrip("/"):
        case "POST", "/data":
            return _data(request)
        case "GET", "":
            return _page()
        case "GET", "/faults":
            return json_answer({"mode": state.fault, "seconds": state.seconds, "modes": FAULTS})
        case "POST", "/faults":
            return _set_fault(request)
    return json_answer({"kode": "04", "pesan": "Alamat tidak dikenal"}, 404)


def _data(request: Request) -> Answer:
    key = os.environ.get("KARTINI_DUKCAPIL_KEY", DEMO_KEY)
    if not hmac.compare_digest(request.headers.get("x-api-key", ""), key):
        return json_answer({"kode": "03", "pesan": "Kunci API tidak dikenal"}, 401)
    nik = _nik(request)
    if nik is None:
        return json_answer({"kode": "05", "pesan": "NIK harus 16 angka"}, 400)
    state.asked += 1
    return _spoiled(state.fault) or json_answer(_answer_about(nik))


def _nik(request: Request) -> int | None:
    try:
        nik = request.json()["nik"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    plain = isinstance(nik, str) and len(nik) == 16 and nik.isascii() and nik.isdigit()
    return int(nik) if plain else None


def _spoiled(fault: str) -> Answer | None:
    """The wrong answer that the fault asks for; none when a right one may follow."""
    if fault == "slow":
        time.sleep(state.seconds)
    if fault == "down":
        return Answer(503)
    if fault == "garbage":
        return html_answer("<h1>502 Bad Gateway</h1>")
    if fault == "oversized":
        return json_answer({"kode": "00", "content": ["x" * 5_000_000]})
    if fault == "stranger":
        return json_answer(_answer_about(NAMED[-1].nik))
    return None


def _answer_about(nik: int) -> dict[str, Any]:
    with closing(_open()) as db:
        row = db.execute(
            "SELECT r.*, v.name AS kel_name, v.kecamatan AS kec_name FROM resident r"
            " JOIN village v ON v.code = r.village WHERE nik = ?",
            (nik,),
        ).fetchone()
    if row is None:
        return {"kode": "13", "pesan": "Data tidak ditemukan", "content": []}
    return {"kode": "00", "pesan": "Data ditemukan", "content": [_words(row)]}


def _words(row: sqlite3.Row) -> dict[str, Any]:
    born, village = str(row["birth_on"]), str(row["village"])
    return {
        "NIK": str(row["nik"]),
        "NO_KK": str(row["family_card"]),
        "NAMA_LGKP": row["name"],
        "TMPT_LHR": row["birth_place"],
        "TGL_LHR": f"{born[:4]}-{born[4:6]}-{born[6:]}",
        "JENIS_KLMIN": "PEREMPUAN" if row["woman"] else "LAKI-LAKI",
        "STATUS_KAWIN": MARRIAGE[row["marriage"]],
        "STAT_HBKEL": RELATION[row["relation"]],
        "ALAMAT": row["street"],
        "NO_RT": row["rt"],
        "NO_RW": row["rw"],
        "NO_PROP": int(village[:2]),
        "NO_KAB": int(village[2:4]),
        "NO_KEC": int(village[4:6]),
        "NO_KEL": int(village[6:]),
        "KEL_NAME": row["kel_name"].upper(),
        "KEC_NAME": row["kec_name"].upper(),
        "STATUS": row["status"],
    }


def _open() -> sqlite3.Connection:
    path = population.default_path()
    with _making:
        if not path.exists():
            population.make(path, scale=0.001)
    db = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    db.row_factory = sqlite3.Row
    return db


def _set_fault(request: Request) -> Answer:
    """From a form (back to the page) or as JSON (the new state)."""
    as_json = request.headers.get("content-type", "").startswith("application/json")
    try:
        given = request.json() if as_json else request.form()
        mode, seconds = str(given["mode"]), float(given.get("seconds") or state.seconds)
    except (ValueError, KeyError, TypeError, AttributeError):
        mode, seconds = "", 0.0
    if mode not in FAULTS or not 0 <= seconds <= 120:
        return json_answer({"kode": "05", "pesan": f"mode: {', '.join(FAULTS)}"}, 400)
    state.fault, state.seconds = mode, seconds
    if as_json:
        return json_answer({"mode": mode, "seconds": seconds})
    return Answer(303, b"", {"Location": "/dukcapil/"})


def _page() -> Answer:
    with closing(_open()) as db:
        scale, _seed, residents = db.execute("SELECT * FROM about").fetchone()
    buttons = "".join(
        f'<p><button name="mode" value="{mode}"{" disabled" if mode == state.fault else ""}>'
        f"{mode}</button> {words}</p>"
        for mode, words in FAULTS.items()
    )
    people = "".join(
        f"<tr><td>{p.nik}<td>{escape(p.name)}<td>{p.birth_on}<td>{p.village}<td>{escape(p.part)}"
        for p in NAMED
    )
    return html_answer(
        "<!doctype html><html lang='id'><meta charset='utf-8'>"
        "<meta name='viewport' content='width=device-width'><title>Dukcapil tiruan</title>"
        "<style>body{font:1rem/1.5 system-ui;max-width:60rem;margin:2rem auto;padding:0 1rem}"
        "td{padding:.2rem .8rem .2rem 0;vertical-align:top}div{overflow-x:auto}</style>"
        "<h1>Dukcapil tiruan</h1><p>Layanan data kependudukan untuk peragaan. Semua penduduk"
        f" rekaan: {residents:,} orang (skala {json.dumps(scale)}). Ditanya {state.asked} kali.</p>"
        f"<h2>Gangguan</h2><p>Sekarang: <b>{state.fault}</b></p>"
        "<form method='post' action='/dukcapil/faults'><label>Detik (slow) "
        f"<input name='seconds' size='4' value='{state.seconds:g}'></label>{buttons}</form>"
        f"<h2>Orang dalam cerita</h2><div><table>{people}</table></div></html>"
    )
