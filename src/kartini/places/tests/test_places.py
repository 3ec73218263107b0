"""The shipped places, judged by another list; their names; a file that is no list of places."""

from pathlib import Path

import pytest
from django.db import IntegrityError
from lokal import wilayah

from kartini.places import load, names
from kartini.places.models import VILLAGE_LEVELS, Place

pytestmark = pytest.mark.django_db


@pytest.fixture
def jepara() -> None:
    load.load(places=load.read())


def test_jepara_has_16_kecamatan_and_195_villages(jepara: None) -> None:
    assert Place.objects.filter(level="kecamatan").count() == 16
    assert Place.objects.filter(level="desa").count() == 184
    assert Place.objects.filter(level="kelurahan").count() == 11


def test_an_independent_list_agrees_about_every_code_and_name(jepara: None) -> None:
    def bare(name: str) -> str:
        return name.casefold().replace(" ", "").removeprefix("kabupaten").removeprefix("kab.")

    ours = {p.code: bare(p.name) for p in Place.objects.all()}
    kecamatan = {w.code: bare(w.name) for w in wilayah.list_wilayah("33.20")}
    villages = {w.code: bare(w.name) for k in kecamatan for w in wilayah.list_wilayah(k)}
    assert ours == {"33.20": bare("Jepara"), **kecamatan, **villages}


def test_loading_twice_changes_nothing_but_mends_what_was_changed(jepara: None) -> None:
    Place.objects.filter(code="33.20.11.2012").update(name="?")
    load.load(places=load.read())
    assert Place.objects.count() == 212
    assert names.label("33.20.11.2012") == "Desa Tahunan, Kec. Tahunan"


def test_every_village_bears_a_bps_code_of_its_kecamatan(jepara: None) -> None:
    parents = dict(Place.objects.values_list("code", "bps_code"))
    for village in Place.objects.filter(level__in=VILLAGE_LEVELS):
        assert village.bps_code.startswith(parents[str(village.parent_id)])
    assert parents["33.20.13"] == "3320021", "Kalinyamatan's codes differ"


def test_labels_name_the_kind_of_place_and_unknown_codes_stand_for_themselves(
    jepara: None, django_assert_num_queries: object
) -> None:
    assert names.label("33.20") == "Kabupaten Jepara"
    assert names.label("33.20.06.1008") == "Kelurahan Bulu, Kec. Jepara"
    assert names.label("31.71") == "31.71"
    with django_assert_num_queries(0):  # type: ignore[operator]
        assert names.label("33.20.15") == "Kec. Pakis Aji"
        assert len(names.village_choices()) == 16


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("33.20.99.2001,X,desa,33.20.99,,1,-6,110,1,agree", "parent"),
        ("33.20.01.2001,X,desa,33.20.01,,one,-6,110,1,agree", "not a number"),
        ("33.20.01.2001,X,desa,33.20.01,,1,-96,110,1,agree", "out of range"),
        ("33.20.01,X,desa,33.20,,1,-6,110,1,agree", "disagree"),
        ("33.20.01.2001,X", "columns missing"),
    ],
)
def test_a_file_with_one_bad_line_is_refused_and_the_line_is_named(
    tmp_path: Path, line: str, fault: str
) -> None:
    head = load.SHIPPED.read_text(encoding="utf-8").splitlines()[:3]
    file = tmp_path / "places.csv"
    file.write_text("\n".join([*head, line]), encoding="utf-8")
    with pytest.raises(load.PlacesRefused) as refused:
        load.read(file)
    assert [n for n, _ in refused.value.faults] == [4]
    assert fault in refused.value.faults[0][1]


def test_a_village_without_a_kecamatan_cannot_be_stored() -> None:
    with pytest.raises(IntegrityError):
        Place.objects.create(
            code="33.20.01.2001", name="X", level="desa", lat=-6, lng=110, area_km2=1, bps_code="1"
        )
