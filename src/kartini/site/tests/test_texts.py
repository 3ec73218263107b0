"""Two apps may not give one English text two Indonesian ones: the order of installing would decide."""

from babel.messages import Catalog

from kartini.site import texts


def catalogue(text: str, translation: str, context: str | None = None) -> Catalog:
    made = Catalog(locale="id")
    made.add(text, translation, context=context)
    return made


def test_two_words_for_one_text_are_named_with_their_apps() -> None:
    found = texts.clashes(
        {"joss": catalogue("Paid", "Lunas"), "bank": catalogue("Paid", "Dibayar")}
    )

    (said,) = found
    assert "'Paid'" in said
    assert "joss: 'Lunas'" in said
    assert "bank: 'Dibayar'" in said


def test_a_context_keeps_two_meanings_apart() -> None:
    known = {
        "joss": catalogue("Paid", "Lunas"),
        "bank": catalogue("Paid", "Dibayar", "withdrawal"),
        "office": catalogue("Paid", "Lunas"),
    }

    assert list(texts.clashes(known)) == []


def test_the_house_speaks_with_one_voice() -> None:
    assert list(texts.clashes({app.name: texts.read(app) for app in texts.apps()})) == []
