import re
from datetime import date

import pytest
from django import forms
from django.template import Context, Template
from django.utils.translation import override

from kartini.kit.forms import Affixed, Choice, DatePartsField, Menu, NikField, RupiahField


class Application(forms.Form):
    phone = forms.CharField(
        label="Nomor WhatsApp", help_text="Kabar dikirim ke sini.", widget=Affixed("+62")
    )
    email = forms.EmailField(label="Surel", required=False)
    nik = NikField(label="NIK")
    issued_on = DatePartsField(label="Tanggal terbit")
    fee = RupiahField(label="Nilai")
    where = forms.ChoiceField(
        label="Di mana?",
        widget=forms.RadioSelect,
        choices=[("home", Choice("Di rumah", "RT 03")), ("else", "Di tempat lain")],
    )
    paper = forms.FileField(label="Surat", help_text="PDF atau JPG.")
    agree = forms.BooleanField(label="Saya setuju")


GOOD = {
    "phone": "81234567890",
    "nik": "3320 1162 0495 9002",
    "issued_on_day": "12",
    "issued_on_month": "maret",
    "issued_on_year": "2024",
    "fee": "Rp 1.250.000",
    "where": "home",
    "agree": "on",
}


def page(form: forms.Form, words: str = "{{ form }}") -> str:
    with override("en"):
        return Template(words).render(Context({"form": form}))


def test_a_field_says_label_hint_and_error_in_this_order() -> None:
    html = page(Application(GOOD | {"phone": ""}), "{% field form.phone %}")
    order = ['for="phone"', 'id="phone-petunjuk"', 'id="phone-galat"', '<span class="affix__part">']
    assert sorted(order, key=html.index) == order
    assert 'aria-describedby="phone-petunjuk phone-galat"' in html
    assert 'aria-invalid="true"' in html
    assert 'data-tone="bad"' in html


def test_only_optional_fields_say_so() -> None:
    html = page(Application())
    assert html.count("(may stay empty)") == 1
    assert " required" not in html


def test_a_field_that_is_needed_at_times_says_when() -> None:
    form = Application()
    form.fields["email"].needed_when = "without a phone"  # type: ignore[attr-defined]
    html = page(form)
    assert "(without a phone)" in html
    assert "(may stay empty)" not in html


def test_the_summary_has_the_focus_without_javascript() -> None:
    assert re.search('class="error-summary"[^>]* autofocus', page(Application({})))
    assert "autofocus" not in page(Application())


def test_the_summary_links_each_error_to_its_input() -> None:
    html = page(Application({}))
    assert html.count("error-summary") == 1
    for target in ("phone", "nik", "issued_on", "fee", "where_0", "paper", "agree"):
        assert f'<a href="#{target}">' in html
        assert f'id="{target}"' in html
    assert "There are 7 things to mend" in html


def test_a_page_that_shows_the_summary_itself_shows_it_once() -> None:
    html = page(Application({}), "{% error_summary form %}<h1>Data diri</h1>{{ form }}")
    assert html.count("error-summary") == 1
    assert html.index("error-summary") < html.index("<h1>")


def test_choices_are_one_question_with_a_second_line() -> None:
    html = page(Application(), "{% field form.where %}")
    assert "<legend" in html
    assert "<small>RT 03</small>" in html
    assert html.count('class="choice"') == 2


def test_a_date_is_read_from_three_parts_and_shown_again() -> None:
    form = Application(GOOD)
    form.full_clean()
    assert form.cleaned_data["issued_on"] == date(2024, 3, 12)
    html = page(Application(GOOD | {"issued_on_day": "31", "issued_on_month": "2"}))
    assert 'name="issued_on_day" inputmode="numeric" autocomplete="off" value="31"' in html
    assert "Enter a date that exists" in html
    shown = Application(initial={"issued_on": date(2024, 3, 12)})
    assert 'value="12"' in page(shown, "{% field form.issued_on %}")


@pytest.mark.parametrize("typed", ["0", "-1", "x", "99999999999999999999", "<b>", "२"])
def test_a_date_that_cannot_be_is_refused_in_words(typed: str) -> None:
    form = Application(GOOD | {"issued_on_day": typed})
    assert "issued_on" in form.errors


@pytest.mark.parametrize("typed", ["1250000", "1.250.000", "Rp 1.250.000,00", "rp1.250.000,-"])
def test_money_is_read_as_people_type_it(typed: str) -> None:
    form = Application(GOOD | {"fee": typed})
    form.full_clean()
    assert form.cleaned_data["fee"] == 1_250_000


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("3320 1162 0495 90", "this one has 14"),
        ("3320110013959002", "cannot be right"),
        ("3320118101959002", "cannot be right"),
        ("332011620495900X", "this one has 15"),
    ],
)
def test_a_nik_that_cannot_be_is_refused_with_the_reason(typed: str, said: str) -> None:
    with override("en"):
        assert said in str(Application(GOOD | {"nik": typed}).errors["nik"])


def test_a_nik_may_be_typed_with_spaces() -> None:
    form = Application(GOOD)
    form.full_clean()
    assert form.cleaned_data["nik"] == "3320116204959002"


def test_what_was_typed_is_escaped() -> None:
    html = page(Application(GOOD | {"phone": '"><script>', "issued_on_day": '"><script>'}))
    assert "<script>" not in html


def test_a_menu_is_written_like_djangos_own_select() -> None:
    choices = [("", "–"), ("Mlonggo", [("a&b", "Jambu <Timur>"), ("2", "Sekuro")]), (3, "Bangsri")]
    for value in ("a&b", "3", 3, "", None, "nowhere"):
        ours = Menu({"class": "short"}, choices).render("desa", value, {"id": "x"})
        theirs = forms.Select({"class": "short"}, choices).render("desa", value, {"id": "x"})
        assert ours.startswith('<select class="short" id="x" name="desa">')
        assert "".join(ours.split()).partition(">")[2] == "".join(theirs.split()).partition(">")[2]
