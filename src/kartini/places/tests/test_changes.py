"""Villages are renamed, merged and founded by regulation."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner
from django.test import Client

from kartini.exchange.catalogue.codes import CodesRefused
from kartini.exchange.models import Code
from kartini.exchange.testing import Post
from kartini.places import changes, load, names
from kartini.places.commands import group
from kartini.places.models import Place

pytestmark = pytest.mark.django_db
AT = datetime(2026, 11, 24, 2, tzinfo=UTC)
DAY = date(2026, 11, 24)
HEAD = "kode,nama,status,diganti_oleh,level,parent,postcode,area_km2,lat,lng,bps_code,bps_sources\n"
FOUNDED = "33.20.11.2099,Tahunan Timur,berlaku,,desa,33.20.11,59425,1.2,-6.6,110.7,3320060099,one\n"


@pytest.fixture(autouse=True)
def _jepara() -> None:
    load.load(places=load.read())


def take(text: str) -> list[str]:
    lines = changes.read((HEAD + text).encode())
    stated = changes.take(lines=lines, on=DAY, regulation="Perda 9/2026", at=AT)
    return [f"{told.change} {told.code}" for told in stated]


def test_a_village_is_renamed_and_everyone_may_hear_it(post: Post) -> None:
    assert take("33.20.11.2012,Tahunan Baru,berlaku,,,,,,,,,\n") == ["renamed 33.20.11.2012"]
    assert names.name("33.20.11.2012") == "Tahunan Baru"
    assert [event.name for event in post.published] == ["reference.code-changed.v1"]
    versions = Code.objects.filter(code_list="wilayah", code="33.20.11.2012").order_by("pk")
    assert [v.title for v in versions] == ["Tahunan", "Tahunan Baru"]


def test_a_merged_village_keeps_its_name_and_is_offered_no_more(post: Post) -> None:
    told = take("33.20.11.2012,,berakhir,33.20.11.2007,,,,,,,,\n")
    assert told == ["ended 33.20.11.2012"]
    assert names.label("33.20.11.2012").startswith("Desa Tahunan")
    assert "33.20.11.2012" not in {v.code for v in names.villages()}
    assert len(names.villages()) == 194
    old = Code.objects.get(code_list="wilayah", code="33.20.11.2012")
    assert (old.valid_until, old.replaced_by, old.ended_by) == (
        DAY,
        ["33.20.11.2007"],
        "Perda 9/2026",
    )


def test_a_founded_village_is_there_at_once(post: Post) -> None:
    assert take(FOUNDED) == ["added 33.20.11.2099"]
    assert names.label("33.20.11.2099") == "Desa Tahunan Timur, Kec. Tahunan"


@pytest.mark.parametrize(
    "text",
    [
        "33.20.11.9999,,berakhir,,,,,,,,,\n",
        "33.20.11.2012,,berlaku,,,,,,,,,\n",
        "33.20.11.2012,X,mungkin,,,,,,,,,\n",
        "33.20.11.2099,Tahunan Timur,berlaku,,desa,33.20.99,,1,1,1,1,one\n",
        "33.20.11.2099,Tahunan Timur,berlaku,,desa,33.20.11,,nol,1,1,1,one\n",
        "",
    ],
)
def test_a_faulty_line_changes_nothing(post: Post, text: str) -> None:
    with pytest.raises(load.PlacesRefused):
        take(text)
    assert post.published == []


def test_a_village_cannot_be_followed_by_one_that_does_not_exist(post: Post) -> None:
    with pytest.raises(CodesRefused):
        take("33.20.11.2012,,berakhir,33.20.11.9999,,,,,,,,\n")
    assert Place.objects.filter(ended_on=None).count() == 212
    assert post.published == []


def test_a_code_is_never_given_again(post: Post) -> None:
    take("33.20.11.2012,,berakhir,33.20.11.2007,,,,,,,,\n")
    with pytest.raises(load.PlacesRefused):
        take("33.20.11.2012,Tahunan,berlaku,,,,,,,,,\n")


def test_the_command_says_what_changed_and_waits_for_its_day(post: Post, tmp_path: Path) -> None:
    file = tmp_path / "perubahan.csv"
    file.write_text(HEAD + "33.20.11.2012,Tahunan Baru,berlaku,,,,,,,,,\n")

    def run(day: str) -> tuple[int, str]:
        told = CliRunner().invoke(
            group, ["change", str(file), "--from", day, "--regulation", "Perda 9"]
        )
        return told.exit_code, told.output

    assert run("2999-01-01")[0] == 1
    assert run("2026-01-01") == (0, "renamed: 33.20.11.2012 Tahunan Baru\n")


def test_the_list_as_it_stood_on_a_day_is_a_page_and_a_file(post: Post, client: Client) -> None:
    take("33.20.11.2012,Tahunan Baru,berlaku,,,,,,,,,\n")
    before = client.get(
        "/katalog/kode/wilayah/?pada=2026-01-01&cari=33.20.11.2012"
    ).content.decode()
    assert "Tahunan Baru" not in before.partition("Yang berubah")[0]
    assert ">agree<" not in before.replace(" ", "").replace("\n", "")
    today = client.get("/katalog/kode/wilayah.json?pada=2026-11-24").json()["kode"]
    assert "Tahunan Baru" in {code["nama"] for code in today}
    assert len(today) == 212
