"""Every page of a city that speaks a third language, in it: its words, its city's names, no key and no gap."""

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest
from flask import template_rendered
from jinja2 import Template

from display.citizens import report
from liveroom.runtime.config import PublicSettings
from liveroom.runtime.language import catalogue
from tests.rooms.citizen import SAID, Citizen
from tests.rooms.staffed import House
from tests.services.browser import WatchedPage
from tests.services.server import Server
from tests.services.wait import until

LANGUAGE = "es"
CITY = "newyork"
# What a page must say besides, by path: a word of the language, and where it names one, of the city in it.
PAGES = {
    "/?": "Mesa de guardia",
    "/wall?": '"label_es":"Roedores"',
    "/wall?seq=1": '"recorded.back_short":"vuelve en {span}"',
    "/desk?seq=1": "Línea de tiempo del día",
    "/province?": '"province.back":"Volver a todas"',
    "/wall?scene=visit": '"wall.visit_question"',
    "/desk?": '"term.agency":"Agencia"',
    "/desk/alarms?": "Mesa de alarmas",
    "/desk/alarms/health?": "Salud de alarmas",
    "/desk/handover?": "Relevo",
    "/desk/outbox?": "Bandeja de salida",
    "/desk/people?": "Personas",
    "/desk/screens?": "Pantallas",
    "/desk/sources?": "Fuentes",
    "/desk/import?": "Importar",
    "/api?": "Credenciales",
    "/lead?": "Todas las dependencias",
    "/evaluation?": "Evaluación",
    "/open-data?": "Datos abiertos",
    "/agency?": "Departamento de Policía",
    "/agency?as=nypd": "Trabajo",
    "/agency/c/none?": "Abra el enlace del correo.",
    "/login?": "Contraseña",
    "/login/password?": "Este enlace ya no abre nada",
    "/setup?": "Esta sala ya está configurada",
    "/lapor?": "Ruido residencial",
    "/lapor/peta?": "Vecindario",
    "/lapor/peta?area=MN-1": "Toda la ciudad",
    "/lapor/s/none?": "Este enlace no abre nada.",
}
READY = "¿Está bien la sala?"
OF_AN_ACCOUNT = {
    "/account?": "Su cuenta",
    "/account/factor?": "Configurar el segundo paso",
    "/account/password?": "Cambiar contraseña",
}
SUBJECTS = "|".join(sorted({key.partition(".")[0] for key in catalogue().texts[LANGUAGE]}))
# A key instead of its text, or a placeholder that nothing filled; not the address of a stylesheet.
UNSAID = re.compile(rf">\s*(?:{SUBJECTS})(?:\.[a-z_0-9]+)+\s*<|>[^<{{]*\{{\w+\}}")
SCRIPT = re.compile(r"<(script|style).*?</\1>", re.DOTALL)


TEMPLATES = Path(__file__).resolve().parents[3] / "templates"
# They stand behind a mail, or behind a half log-in, whose tests walk them in two languages; a drill's day is a file.
FURTHER_IN = {"agency_link.html", "drill_day.html", "login_code.html", "recovery_codes.html"}


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> House:
    one = House(tmp_path_factory.mktemp("third"), kind="test", city=CITY)
    one.add("ana")
    token = "env:LIVEROOM_SECRET_ALBANY"
    followed = {"kind": "room", "name": "Albany", "url": "https://albany.example", "token": token}
    one.config = msgspec.structs.replace(
        one.config, public=PublicSettings(map=True, open_data=True), sources=(followed,)
    )
    return one


def in_it(path: str) -> str:
    return f"{path}lang={LANGUAGE}" if path.endswith("?") else f"{path}&lang={LANGUAGE}"


def spoken(page: str, said: str) -> None:
    assert f'<html lang="{LANGUAGE}"' in page
    assert said in page
    assert UNSAID.findall(SCRIPT.sub("", page)) == []


def test_every_page_is_in_the_third_language(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report, "LEAST", timedelta(0))
    seen: set[str | None] = set()

    def note(_sender: object, template: Template, **_more: object) -> None:
        seen.add(template.name)

    with template_rendered.connected_to(note):
        for path, said in PAGES.items():
            spoken(house.here().get(in_it(path)).text, said)
        spoken(house.here().get(in_it("/readyz?"), headers={"Accept": "text/html"}).text, READY)
        ana = house.browser()
        ana.log_in("ana")
        for path, said in OF_AN_ACCOUNT.items():
            spoken(ana.get(in_it(path)).text, said)
        citizen = Citizen(house)
        rats = {**SAID, "category": "rodent", "area": next(iter(house.opened.room.city.areas))}
        citizen.send(**rats)
        spoken(citizen.page(lang=LANGUAGE), "Roedores")
        again = citizen.browser.post(in_it("/lapor?"), data={**rats, "ticket": citizen.ticket()})
        spoken(again.text, "¿Ya se reportó?")
        # Who they are for is not known yet: they speak every language of the city.
        shut = {"page.pairing.how": house.browser().get("/wall"), "page.closed.role": ana.get("/lead")}
        for key, page in shut.items():
            assert all(catalogue().text(key, one) in page.text for one in house.opened.room.city.languages)
    pages = {path.name for path in TEMPLATES.glob("*.html") if not path.name.startswith("_")}
    assert pages - seen == FURTHER_IN


@pytest.mark.server
@pytest.mark.browser
def test_a_desk_speaks_the_third_language(server: Callable[..., Server], open_page: Callable[..., WatchedPage]) -> None:
    room = server(env={"LIVEROOM_CITY": CITY})
    page = open_page(f"{room.url}{in_it('/desk?')}", viewport={"width": 1920, "height": 1080})
    until(lambda: page.state("freshness") == "live", why="the desk to be live")
    said = page.page.inner_text("body")
    for words in ("Alarmas", "Reporte nuevo", "Abiertos", "Nada espera en esta mesa", "Agencia", "Distrito"):
        assert words in said
    assert not re.search(r"\b(?:desk|ui|alarms)\.[a-z_]+|\{\w+\}", said)
    assert page.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
