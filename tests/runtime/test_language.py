"""A text is found in its language, in the right form of its number; what a language lacks is seen at once."""

import json
import logging
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from liveroom.city.pack import load_city
from liveroom.courier.content import moment_in
from liveroom.runtime.errors import ConfigError
from liveroom.runtime.language import Catalogue, MissingText, text, written_day, written_moment, written_number
from liveroom.runtime.language import catalogue as real_catalogue
from tests.rooms.packs import broken, city

TEXTS: dict[str, dict[str, object]] = {
    "id": {"page.left": "{n} menit lagi", "page.hello": "Halo, {name}", "page.bye": "Dah"},
    "en": {"page.left": {"one": "{n} minute left", "other": "{n} minutes left"}, "page.hello": "Hello, {name}"},
    # Polish has four forms.
    "pl": {"page.left": {"one": "{n} minuta", "few": "{n} minuty", "many": "{n} minut", "other": "{n} minuty"}},
}


@pytest.fixture
def catalogue(tmp_path: Path) -> Catalogue:
    for language, texts in TEXTS.items():
        (tmp_path / f"{language}.json").write_text(json.dumps(texts), "utf-8")
    return Catalogue(tmp_path)


def test_a_file_more_is_a_language_more(catalogue: Catalogue) -> None:
    assert catalogue.languages == ("en", "id", "pl")


@pytest.mark.parametrize(
    ("language", "n", "said"),
    [
        ("id", 1, "1 menit lagi"),
        ("en", 1, "1 minute left"),
        ("en", 0, "0 minutes left"),
        ("en", 5, "5 minutes left"),
        ("pl", 1, "1 minuta"),
        ("pl", 3, "3 minuty"),
        ("pl", 12, "12 minut"),
    ],
)
def test_a_number_chooses_the_form_that_its_language_has(
    catalogue: Catalogue, language: str, n: int, said: str
) -> None:
    assert catalogue.text("page.left", language, n=n) == said


def test_a_placeholder_is_filled_with_what_is_given_and_not_read_again(catalogue: Catalogue) -> None:
    assert catalogue.text("page.hello", "en", name="{name} {0}") == "Hello, {name} {0}"


def test_a_text_that_a_language_lacks_is_said_in_the_citys_first_and_noted(
    catalogue: Catalogue, caplog: pytest.LogCaptureFixture
) -> None:
    catalogue.first = "id"
    with caplog.at_level(logging.ERROR):
        assert catalogue.text("page.bye", "en") == "Dah"
        assert catalogue.text("page.hello", "pl", name="Ola") == "Halo, Ola"
        assert catalogue.text("page.nowhere", "en") == "page.nowhere"
        assert catalogue.text("page.bye", "en") == "Dah"
    assert [record.getMessage().split(" is missing")[0] for record in caplog.records] == [
        "the text page.bye", "the text page.hello", "the text page.nowhere",
    ]  # fmt: skip


def test_in_tests_it_is_a_fault(catalogue: Catalogue) -> None:
    catalogue.strict = True
    with pytest.raises(MissingText, match=r"page\.bye in 'en'"):
        catalogue.text("page.bye", "en")
    assert real_catalogue().strict


def test_dates_and_numbers_are_written_as_each_language_does() -> None:
    at = datetime(2026, 8, 6, 16, 5, tzinfo=ZoneInfo("Asia/Jakarta"))
    assert written_moment(at, "id") == "Kamis 6 Agu 2026 16.05"
    assert written_moment(at, "en") == "Thursday 6 Aug 2026 16:05"
    assert [written_day(date(2026, 5, 1), language) for language in ("id", "en")] == ["1 Mei 2026", "1 May 2026"]
    assert [written_number(1234.56, language) for language in ("id", "en")] == ["1.234,6", "1,234.6"]
    assert written_number(-0.004, "id", 2) == "-0,00"
    assert (written_moment(at, "es"), written_number(1234.56, "es")) == ("jueves 6 ago 2026 16:05", "1,234.6")


def test_a_city_writes_its_own_language_as_its_country_does(catalogue: Catalogue) -> None:
    catalogue.home = "es-AR"
    assert catalogue.locale("es") == "es-AR"
    assert catalogue.locale("en") == "en"
    assert real_catalogue().locale("es") == "es-419"


def test_a_city_may_speak_any_language_that_has_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    pack = broken(
        tmp_path, "newyork", ("city.yaml", "[en, es, id]", "[en, pl]"),
        *(("words.yaml", f"id: {word}", f"pl: {word}") for word in ("Dinas", "Kawasan", "Distrik", '"311"')),
    )  # fmt: skip
    with pytest.raises(ConfigError, match="unknown language 'pl'"):
        load_city(pack, years=(2026, 2026))
    polish = {
        **real_catalogue().texts["en"],
        "letter.field.due": "Termin",
        "ui.locale": "pl-PL",
        "page.moment": "EEEE d MMM y, HH:mm",
    }
    monkeypatch.setattr(real_catalogue(), "texts", {**real_catalogue().texts, "pl": polish})
    polish_city = load_city(pack, years=(2026, 2026))
    assert polish_city.languages == ("en", "pl")
    assert text("letter.field.due", "pl") == "Termin"
    assert moment_in(polish_city, datetime(2026, 8, 6, 20, 5, tzinfo=UTC), "pl").startswith(
        "czwartek 6 sie 2026, 16:05 "
    )
    assert polish_city.client_data("pl")["words"]["term.agency"] == "Dinas"


def test_a_pack_names_its_things_in_a_language_if_it_can_and_else_in_its_first() -> None:
    category = next(iter(city("tangerang").categories.values()))
    assert category.label_in("en") == category.labels["en"] != category.label
    assert category.label_in("xx") == category.label_in("es") == category.label_in("id") == category.label
    rodents = city("newyork").categories["rodent"]
    assert (rodents.label_in("es"), rodents.label_in("id")) == ("Roedores", "Rodents")
