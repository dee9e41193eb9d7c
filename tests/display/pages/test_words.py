"""The words that a page takes along for its scripts."""

import json

from display.pages.page import page_words

INDONESIAN = {"desk.open": "Buka", "desk_lists.none": "Kosong", "ui.late": "terlambat </script>"}
ENGLISH = {"desk.open": "Open", "ui.days": {"one": "{n} day", "other": "{n} days"}}


TEXTS = {"id": INDONESIAN, "en": ENGLISH}


def test_a_page_takes_the_texts_of_its_subjects() -> None:
    words = page_words("id", TEXTS)
    assert json.loads(words("id", "desk")) == {"desk.open": "Buka"}
    assert json.loads(words("en", "desk")) == {"desk.open": "Open"}
    assert json.loads(words("en", "desk", "ui"))["ui.days"] == {"one": "{n} day", "other": "{n} days"}
    assert words("en", "nothing") == "{}"


def test_what_a_language_lacks_is_said_in_the_city_s_own() -> None:
    assert json.loads(page_words("id", TEXTS)("en", "ui"))["ui.late"] == "terlambat </script>"
    assert json.loads(page_words("id", TEXTS)("nl", "desk")) == {"desk.open": "Buka"}


def test_no_text_ends_the_script_element_that_holds_it() -> None:
    assert "<" not in page_words("id", TEXTS)("id", "ui")
