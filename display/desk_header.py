"""What stands above every desk: the ways to the others that this visitor may go, who is logged in, and the way out."""

from collections.abc import Mapping
from contextlib import suppress

from flask import Flask, request
from markupsafe import Markup
from werkzeug.exceptions import HTTPException

from display.pages import in_script
from display.permissions import PERMISSIONS
from display.session_cookie import csrf_of
from display.standing import Standing
from display.trust import Visitors
from liveroom.accounts.users import plain

LINKS: tuple[tuple[str, Mapping[str, str]], ...] = (
    ("/desk", {"id": "Antrean", "en": "Queue"}),
    ("/desk/alarms", {"id": "Alarm", "en": "Alarms"}),
    ("/desk/alarms/health", {"id": "Kesehatan alarm", "en": "Alarm health"}),
    ("/desk/outbox", {"id": "Penerusan", "en": "Outbox"}),
    ("/desk/screens", {"id": "Layar", "en": "Screens"}),
    ("/desk/people", {"id": "Pengguna", "en": "People"}),
    ("/agency", {"id": "Pekerjaan", "en": "Work"}),
    ("/lead", {"id": "Pimpinan", "en": "Leadership"}),
)
WORDS: Mapping[str, Mapping[str, str]] = {
    "id": {
        "nav": "Halaman",
        "log_in": "Masuk",
        "log_out": "Keluar",
        "trusts": "Loopback dipercaya tanpa masuk",
        "account": "Akun Anda",
        "duty": "petugas jaga",
        "supervisor": "kepala regu",
        "agency": "petugas OPD",
        "agency_head": "kepala OPD",
        "leadership": "pimpinan",
        "admin": "admin",
    },
    "en": {
        "nav": "Pages",
        "log_in": "Log in",
        "log_out": "Log out",
        "trusts": "Loopback is trusted without a log-in",
        "account": "Your account",
        "duty": "duty officer",
        "supervisor": "supervisor",
        "agency": "agency officer",
        "agency_head": "agency head",
        "leadership": "leadership",
        "admin": "admin",
    },
}


def offer_header(app: Flask, visitors: Visitors) -> None:
    """Let templates include ``_desk_header.html``, and scripts read who acts from its ``#who``."""

    def header(lang: str) -> Mapping[str, object]:
        standing = visitors.standing(request, {})
        spoken = "en" if lang == "en" else "id"
        words = WORDS[spoken]
        told = who_told(standing)
        return {
            "words": words,
            "links": [(path, names[spoken]) for path, names in LINKS if _open(app, path, standing)],
            "here": request.path,
            "who": told,
            "role": words[standing.who.role.value] if standing.who else "",
            "who_json": Markup(in_script(told)),
            "session": standing.session is not None,
            "trusts": visitors.trusts_by_address,
        }

    app.context_processor(lambda: {"desk_header": header})


def who_told(standing: Standing) -> dict[str, str | None] | None:
    """``{actor, name, role, agency, csrf}`` of whoever is logged in, for a page's script; None without."""
    who = standing.who
    if who is None:
        return None
    csrf = csrf_of(standing.session) if standing.session is not None else ""
    return {**plain(who), "csrf": csrf}


def _open(app: Flask, path: str, standing: Standing) -> bool:
    """Whether there is such a page, and for this visitor."""
    with suppress(HTTPException):
        endpoint, _ = app.url_map.bind("").match(path, "GET")
        return endpoint in PERMISSIONS and standing.among(PERMISSIONS[endpoint].kinds)
    return False
