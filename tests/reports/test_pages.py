"""The printed pages read back: one page a brief, nothing asked of anybody, and what a hostile name becomes."""

import re
import sys
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from cli.main import cli
from liveroom.city.city import City
from liveroom.reports.printer import CannotPrint, font_file, printed
from liveroom.reports.situation_map import read_situation, situation_html
from tests.reports.conftest import HOSTILE, MONDAY, made_of
from tests.rooms.standing import StandingRoom
from tests.services.pdf_pages import pages


def named(city: City, name: str) -> City:
    """The city with this for the name of everything."""

    def all_of(things: Mapping[str, Any], field: str) -> dict[str, Any]:
        return {key: replace(one, **{field: name}) for key, one in things.items()}

    return replace(
        city, name=name, room_name=name, attribution=name, attributions={}, agencies=all_of(city.agencies, "short"),
        areas=all_of(city.areas, "name"), districts=all_of(city.districts, "name"),
        categories={key: replace(one, label=name, labels={}) for key, one in city.categories.items()},
    )  # fmt: skip


def test_a_brief_is_one_page_and_says_its_numbers_where_a_person_reads_them(lived: StandingRoom) -> None:
    (page,) = pages(made_of(lived, "pdf"))
    text = " ".join(page.split())
    assert "Laporan harian, Kota Tangerang" in text
    assert "menunggu Anda" in text
    assert "= 6" in text
    assert f"log 1–{lived.head().seq}" in text
    assert "1 dari 1" in text
    assert "RUANG UJI" in text


def test_a_room_younger_than_the_week_before_says_a_dash_of_it_and_nothing_twice(lived: StandingRoom) -> None:
    first = made_of(lived, "html", report="weekly").decode()
    assert set(re.findall(r'<span class="note">\((.*?)\)</span>', first)) == {"–"}
    lived.at("12-07 06:00")
    later = made_of(lived, "html", report="weekly", day=MONDAY + timedelta(days=7)).decode()
    assert "–" not in re.findall(r'<span class="note">\((.*?)\)</span>', later)
    nothing = made_of(lived, "html", report="weekly", agency="dinkes").decode()
    assert nothing.count("Tidak ada yang jatuh tempo.") == 1


def test_a_hostile_name_stays_text_and_no_page_asks_for_anything(lived: StandingRoom) -> None:
    lived.room.city = named(lived.room.city, HOSTILE)
    page = made_of(lived, "html").decode()
    assert "<script" not in page
    assert re.findall(r"<(?:img|link|iframe|object|embed|base)\b", page) == []
    with lived.log.slices() as slices:
        whole = situation_html(read_situation(slices, lived.room.city), lived.room.city, "id")
    assert "<img" not in whole.replace("\\u003cimg", "")
    assert whole.count("<script>") == 2
    assert "default-src 'none'" in whole
    said = re.findall(r"bindTooltip\(\s*`(.*?)`,", whole, re.DOTALL)
    assert said
    assert [one for one in said if re.search(r"[$\\]|<(?!/?(?:b|span|br|div)\b)", one)] == []
    assert not re.search(r'(?:src|href)=["\']?(?:https?:)?//', whole.split("</style>", 1)[1].split("<script>")[0])


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "http://evil.example/a.woff2", "font:../../run.py", "font:x.woff2"]
)
def test_the_printer_reads_its_own_fonts_and_nothing_else(url: str) -> None:
    with pytest.raises(ValueError, match="nothing but its own fonts"):
        font_file(url)


def test_a_page_that_names_other_files_is_printed_without_them(tmp_path: Path) -> None:
    secret = tmp_path / "secret.css"
    secret.write_text("p::after { content: 'leaked' }")
    html = f'<link rel="stylesheet" href="{secret.as_uri()}"><p>plain</p>'
    (page,) = pages(printed(lambda: html))
    assert page.split() == ["plain"]


def test_a_machine_without_pango_says_which_packages_it_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    class Missing:
        """Where Pango is not there, the import of what calls it ends so."""

        @staticmethod
        def find_spec(name: str, *_: object) -> None:
            if name == "weasyprint":
                raise OSError("cannot load library 'libpango-1.0-0': not found\nAdditionally, ...")

    monkeypatch.delitem(sys.modules, "weasyprint", raising=False)
    monkeypatch.setattr(sys, "meta_path", [Missing(), *sys.meta_path])
    with pytest.raises(CannotPrint, match=r"libpango-1.0-0'.*apt-get install libpango-1.0-0 libpangoft2"):
        printed(lambda: "<p>")


def test_the_command_writes_each_form_and_names_the_option_that_is_wrong(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    time_file = tmp_path / "time"
    time_file.write_text("2026-11-24T06:00:00+07:00\n")
    monkeypatch.setenv("LIVEROOM_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("LIVEROOM_TIME_FILE", str(time_file))

    def run(*words: str) -> tuple[int, str]:
        result = CliRunner().invoke(cli, ["report", *words])
        return result.exit_code, result.output

    for form in ("html", "csv", "xlsx"):
        out = tmp_path / f"brief.{form}"
        code, said = run("daily", "--date", str(MONDAY), "--out", str(out))
        assert (code, out.stat().st_size > 500) == (0, True), said
        assert re.search(r"daily report of 2026-11-23, log 1-\d+, fingerprint [0-9a-f]{64}", said)
    code, said = run("map", "--out", str(tmp_path / "map.html"))
    assert (code, (tmp_path / "map.html").read_text().count("<script>")) == (0, 2), said
    wrong = {
        "--date": ("daily", "--date", "23-11-2026", "--out", "a.pdf"),
        "--out": ("daily", "--out", str(tmp_path / "a.docx")),
        "--language": ("daily", "--language", "xx", "--out", str(tmp_path / "a.pdf")),
        "--agency": ("weekly", "--agency", "dpurp", "--out", str(tmp_path / "a.pdf")),
    }
    for option, words in wrong.items():
        code, said = run(*words)
        assert (code, option in said) == (2, True), said
    assert run("daily", "--date", "2026-11-25", "--out", str(tmp_path / "a.pdf"))[0] == 2
    assert not list(tmp_path.glob("*.part"))
