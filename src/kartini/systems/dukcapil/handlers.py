"""All ties to other systems: it answers who a resident is. It hears nothing and asks nobody in the house."""

import logging
import re

from kartini.contracts.dukcapil import Resident, ResidentByNik
from kartini.exchange import bus
from kartini.exchange.registry import answers, subsystem
from kartini.places import names
from kartini.systems.dukcapil import client

subsystem("dukcapil", member="disdukcapil", title="Dukcapil")

log = logging.getLogger(__name__)

SEX = {"LAKI-LAKI": "M", "PEREMPUAN": "F"}
STATUS = {"HIDUP": "alive", "MENINGGAL": "dead", "PINDAH": "moved"}
EMPTY = {"", "-", "--"}


@answers(ResidentByNik)
def resident_by_nik(query: ResidentByNik) -> Resident:
    try:
        row = client.resident(query.nik)
    except client.NoAnswer as error:
        log.warning("dukcapil gave no answer: %s %s", type(error).__name__, error)
        raise bus.Unanswered(f"dukcapil: {type(error).__name__}") from error
    return Resident(found=False) if row is None else _in_our_words(row)


def _in_our_words(row: client.Row) -> Resident:
    return Resident(
        found=True,
        name=_calm(row.NAMA_LGKP),
        birth_place=_calm(row.TMPT_LHR),
        birth_on=row.birth_on,
        sex=SEX[row.JENIS_KLMIN],
        address=_address(row),
        village_code=row.village_code,
        status=STATUS[row.STATUS],
    )


def _address(row: client.Row) -> str:
    kind = "Kelurahan" if row.NO_KEL < 2000 else "Desa"
    known = names.name(row.village_code)
    village = _calm(row.KEL_NAME) if known == row.village_code else known
    parts = [_calm(row.ALAMAT), f"RT {row.NO_RT:02} RW {row.NO_RW:02}", f"{kind} {village}"]
    return ", ".join(part for part in parts if part not in EMPTY)


def _calm(words: str) -> str:
    """SITI MA'RIFATUN is Siti Ma'rifatun: the registry shouts."""
    calm = re.sub(r"[^\W\d_]+(?:['’][^\W\d_]+)*", lambda word: word[0].capitalize(), words)
    return " ".join(calm.split())
