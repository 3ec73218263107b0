from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError
from django.test import Client
from django.urls import reverse
from pydantic import ValidationError

from kartini.contracts.pengumuman import (
    AnnouncementPublished,
    AnnouncementWithdrawn,
    LatestAnnouncements,
)
from kartini.exchange.testing import Post
from kartini.people import demo as people
from kartini.people.models import Organisation, Role, TrailLine, User
from kartini.systems.pengumuman import demo, handlers, rules, services
from kartini.systems.pengumuman.models import Announcement

pytestmark = pytest.mark.django_db

NINE = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
LIST = reverse("pengumuman:index")
WRITE = reverse("pengumuman:write")


@pytest.fixture
def agency() -> Organisation:
    return Organisation.objects.create(code="dinkes", name="Dinas Kesehatan", short_name="Dinkes")


@pytest.fixture
def editor(agency: Organisation) -> User:
    user = User.objects.create_user("laila")
    Role.objects.create(user=user, kind=rules.EDITOR, organisation=agency, from_on=date(2026, 1, 1))
    return user


@pytest.fixture
def words(agency: Organisation) -> dict[str, Any]:
    return {
        "agency": agency,
        "title": "Imunisasi kejar sampai 19 Desember",
        "summary": "Di semua Puskesmas, gratis.",
        "body": "Bawa buku KIA.\n\nTanya Puskesmas <terdekat>.",
    }


def test_everyone_reads_what_an_editor_publishes_and_the_neighbours_hear_of_it(
    client: Client, editor: User, words: dict[str, Any], post: Post
) -> None:
    client.force_login(editor)
    answer = client.post(WRITE, {**words, "agency": words["agency"].code})
    client.logout()

    page = client.get(answer["Location"]).content.decode()
    assert "<p>Tanya Puskesmas &lt;terdekat&gt;.</p>" in page
    assert words["title"] in client.get(LIST).content.decode()
    [fact] = post.published
    assert isinstance(fact, AnnouncementPublished)
    assert (fact.title, fact.agency) == (words["title"], "dinkes")
    assert TrailLine.objects.get().verb == "pengumuman.publish"


def test_the_same_words_sent_twice_are_one_announcement(
    editor: User, words: dict[str, Any], post: Post
) -> None:
    first = services.publish(**words, by=editor, at=NINE)
    second = services.publish(**words, by=editor, at=NINE + timedelta(seconds=1))

    assert first == second
    assert len(post.published) == 1


def test_another_text_under_a_taken_title_is_refused_and_nothing_typed_is_lost(
    client: Client, editor: User, words: dict[str, Any], post: Post
) -> None:
    services.publish(**words, by=editor, at=NINE)
    client.force_login(editor)

    answer = client.post(WRITE, {**words, "agency": "dinkes", "body": "Bawa kartu."})

    assert answer.context["form"].errors.keys() == {"title"}
    assert "Bawa kartu." in answer.content.decode()
    assert len(post.published) == 1


@pytest.mark.parametrize(
    ("field", "value"),
    [("title", "!!!"), ("title", "x" * 121), ("body", ""), ("body", "a\0"), ("agency", "dlh")],
)
def test_bad_words_and_foreign_agencies_stop_at_the_form(
    client: Client, editor: User, words: dict[str, Any], post: Post, field: str, value: str
) -> None:
    Organisation.objects.create(code="dlh", name="Dinas Lingkungan Hidup", short_name="DLH")
    client.force_login(editor)

    answer = client.post(WRITE, {**words, "agency": "dinkes", field: value})

    assert answer.context["form"].errors.keys() == {field}
    assert not Announcement.objects.exists()


def test_a_withdrawn_announcement_leaves_the_lists_and_its_page_says_so(
    client: Client, editor: User, words: dict[str, Any], post: Post
) -> None:
    announcement = services.publish(**words, by=editor, at=NINE)
    client.force_login(editor)

    assert client.get(reverse("pengumuman:withdraw", args=[announcement.slug])).status_code == 200
    for _again in range(2):
        client.post(reverse("pengumuman:withdraw", args=[announcement.slug]))

    assert [type(fact) for fact in post.published] == [AnnouncementPublished, AnnouncementWithdrawn]
    assert client.get(reverse("pengumuman:detail", args=[announcement.slug])).status_code == 410
    assert handlers.latest(LatestAnnouncements()).announcements == []
    with pytest.raises(services.TitleTaken):
        services.publish(**words, by=editor, at=NINE)


def test_nobody_withdraws_what_another_agency_said(
    client: Client, editor: User, words: dict[str, Any], post: Post
) -> None:
    announcement = services.publish(**words, by=editor, at=NINE)
    elsewhere = Organisation.objects.create(code="dlh", name="DLH", short_name="DLH")
    Role.objects.filter(user=editor).update(organisation=elsewhere)
    client.force_login(editor)

    answer = client.post(reverse("pengumuman:withdraw", args=[announcement.slug]))

    assert answer.status_code == 403
    assert Announcement.objects.public().get() == announcement


def test_the_newest_come_first_ten_a_page_at_a_steady_price(
    client: Client, agency: Organisation, django_assert_max_num_queries: Any
) -> None:
    for day in range(23):
        Announcement.objects.create(
            slug=f"kabar-{day}", title=f"Kabar {day}", agency=agency,
            published_at=NINE + timedelta(days=day),
        )  # fmt: skip

    with django_assert_max_num_queries(4):
        last = client.get(LIST, {"halaman": "3"}).context["page"]
    assert [one.title for one in last] == ["Kabar 2", "Kabar 1", "Kabar 0"]
    assert client.get(LIST, {"halaman": "-1; drop"}).context["page"].number == 1
    [newest] = handlers.latest(LatestAnnouncements(limit=1)).announcements or []
    assert newest.title == "Kabar 22"


def test_nobody_can_ask_for_more_than_twenty() -> None:
    with pytest.raises(ValidationError):
        LatestAnnouncements(limit=21)


def test_the_database_itself_refuses_an_end_before_the_beginning(agency: Organisation) -> None:
    with pytest.raises(IntegrityError):
        Announcement.objects.create(
            slug="x", agency=agency, published_at=NINE, withdrawn_at=NINE - timedelta(days=1)
        )


def test_the_demo_can_be_filled_again(post: Post) -> None:
    people.fill(NINE.date())
    story = demo.fill(NINE.date())

    assert demo.fill(NINE.date()) == story
    assert Announcement.objects.count() == len(post.published) == 8
