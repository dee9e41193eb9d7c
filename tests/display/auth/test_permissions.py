"""The table of permissions against the real app: every route, every method, every kind of visitor."""

from collections.abc import Callable

import pytest
from werkzeug.test import TestResponse

from display.auth.permissions import PERMISSIONS
from display.auth.visitor import PrincipalKind, host_name
from display.feed.cards import USUAL_ROOM_FIELDS
from liveroom.accounts.credentials import Followers
from liveroom.domain.alarms.commands import ALARM_SPECS
from liveroom.domain.complaints.commands import SPECS
from liveroom.domain.outbox import OUTBOX_SPECS
from liveroom.domain.requests import OF_PEOPLE
from liveroom.domain.room import HANDOVER_SPECS, ROOM_SPECS
from liveroom.domain.screens import screen_specs
from liveroom.domain.users import user_specs
from tests.display.auth import permissions_page
from tests.display.auth.doors import MACHINES, path_of, refused
from tests.display.auth.permissions_page import routes
from tests.rooms.staffed import AGENCY, House, with_all_doors

# Who logs in or out, offers a screen for pairing, comes by the link of an e-mail, or is a citizen, is nobody here.
CITIZENS = {"lapor.area", "lapor.send", "lapor.act", "lapor.file", "lapor.file_patch", "lapor.file_delete"}
LOGGING_IN = {
    "log_in.enter",
    "second_step.enter",
    "second_step.enrol",
    "session.leave",
    "password.choose",
    "setup.make",
}
OPEN_TO_NOBODY = LOGGING_IN | {"practice.enter", "pairing.offer", "agency_link.act", "open311.refuse"} | CITIZENS
READING = ("GET", "HEAD", "OPTIONS")
PEOPLE = {role.value for role in OF_PEOPLE}
AUDIENCES = ("wall", "visit", "desk", f"agency:{AGENCY}", "lead")
Ask = Callable[[PrincipalKind, str, str], TestResponse]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> House:
    return with_all_doors(tmp_path_factory.mktemp("house"))


@pytest.fixture(scope="module")
def ask(house: House, tmp_path_factory: pytest.TempPathFactory) -> Ask:
    """Return `ask(kind, method, path)` as somebody of that kind, each with a credential of their own."""
    bearers = house.one_of_each()
    bearers |= {"screen": house.screens.add("dinding", "wall"), "source": house.opened.sources.add("lapor", None)}
    bearers["room"] = Followers(house.log).add("provinsi", USUAL_ROOM_FIELDS)
    afar, here = house.browser(), House(tmp_path_factory.mktemp("test"), kind="test").here()

    def one(kind: PrincipalKind, method: str, path: str) -> TestResponse:
        if kind is PrincipalKind.LOOPBACK:
            return here.ask(method, path)
        headers = {"Authorization": f"Bearer {bearers[kind.value]}"} if kind.value in bearers else {}
        return afar.ask(method, path, headers=headers)

    return one


def test_every_route_has_a_row_and_every_row_a_route(house: House) -> None:
    assert {rule.endpoint for _, rule in routes(house.app)} == set(PERMISSIONS)


@pytest.mark.parametrize("kind", PrincipalKind)
def test_every_route_is_open_to_exactly_those_of_its_row(house: House, ask: Ask, kind: PrincipalKind) -> None:
    wrong = []
    for method, rule in routes(house.app):
        row = PERMISSIONS[rule.endpoint]
        # A door that looks itself has tests of its own; here it must only not let in whom the table does not name.
        if row.own and (method == "GET" or kind in row.kinds):
            continue
        answer = ask(kind, method, path_of(rule))
        if refused(row, kind, answer) == (kind in row.kinds):
            wrong.append(f"{method} {rule.rule}: {answer.status_code} for {kind}")
    assert wrong == []


@pytest.mark.parametrize("kind", MACHINES)
def test_no_machine_acts(house: House, ask: Ask, kind: PrincipalKind) -> None:
    """But for a page's word about itself, and the intake."""
    writing = [(m, rule) for m, rule in routes(house.app) if m not in READING and rule.endpoint not in OPEN_TO_NOBODY]
    open_to = {rule.endpoint for m, rule in writing if ask(kind, m, path_of(rule)).status_code not in (401, 403)}
    own = {
        PrincipalKind.SCREEN: {name for name, row in PERMISSIONS.items() if row.no_csrf},
        PrincipalKind.SOURCE: {"intake.complaints", "open311.write"},
        PrincipalKind.ROOM: set(),
    }
    assert open_to == own[kind]
    assert {rule.endpoint for _, rule in writing if PrincipalKind.NOBODY in PERMISSIONS[rule.endpoint].kinds} == set()


def test_an_act_of_a_log_in_is_refused_without_the_value_of_its_page(house: House) -> None:
    house.add("kepala")
    browser = house.browser()
    assert browser.log_in("kepala").status_code == 303
    wrong = []
    for method, rule in routes(house.app):
        row = PERMISSIONS[rule.endpoint]
        if method in READING or row.no_csrf or row.own or PrincipalKind.DUTY not in row.kinds:
            continue
        answer = browser.ask(method, path_of(rule))
        if (answer.status_code, (answer.json or {}).get("code")) != (403, "csrf"):
            wrong.append(f"{method} {rule.rule}: {answer.status_code}")
    assert wrong == []


def test_a_route_without_a_row_is_closed_to_all(house: House, ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(PERMISSIONS, "pages.index")  # type: ignore[arg-type]
    assert {
        kind: ask(kind, "GET", "/").status_code
        for kind in (PrincipalKind.ADMIN, PrincipalKind.NOBODY, PrincipalKind.LOOPBACK)
    } == {
        PrincipalKind.ADMIN: 403,
        PrincipalKind.NOBODY: 401,
        PrincipalKind.LOOPBACK: 403,
    }


def test_whoever_may_order_something_finds_the_door_open() -> None:
    """The domain's tables say what each role may order; the doors keep none of them out."""
    tables = {
        "commands.complaint": SPECS,
        "commands.alarm": ALARM_SPECS,
        "commands.room": {**ROOM_SPECS, **HANDOVER_SPECS},
        "commands.screen": screen_specs({}),
        "commands.outbox": OUTBOX_SPECS,
        "commands.user": user_specs(()),
    }
    for endpoint, specs in tables.items():
        may = {role.value for spec in specs.values() for role in spec.roles} & PEOPLE  # type: ignore[attr-defined]
        assert may == {kind.value for kind in PERMISSIONS[endpoint].kinds} & PEOPLE, endpoint


def test_trusted_loopback_of_a_real_room_looks_like_a_screen_once_somebody_can_log_in(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    house = House(tmp_path_factory.mktemp("real"))
    here = house.here()
    order = {"command_id": "c", "seen_seq": 0, "text": "tes", "actor": "rina", "role": "duty"}
    assert here.get("/desk/alarms").status_code == 200
    assert here.post("/api/v1/complaints/none/comment", json=order).status_code == 404
    as_room = here.post("/api/v1/complaints/none/comment", json={**order, "role": "system"})
    assert (as_room.status_code, as_room.json["field"]) == (422, "role")
    house.add("rina")
    assert here.get("/desk/alarms").status_code == 303
    assert here.post("/api/v1/complaints/none/comment", json=order).status_code == 401
    assert here.get("/wall").status_code == 200
    assert here.get("/feed/snapshot").status_code == 200


@pytest.mark.parametrize("somebody", [False, True], ids=["nobody can log in", "somebody can"])
def test_a_real_room_trusts_no_address_unless_told_to(tmp_path_factory: pytest.TempPathFactory, somebody: bool) -> None:
    house = House(tmp_path_factory.mktemp("untrusting"))
    if somebody:
        house.add("rina")
    here, order = house.here(trusted=False), {"command_id": "c", "seen_seq": 0, "actor": "rina", "role": "duty"}
    assert here.get("/wall").status_code == 401
    assert here.get("/desk").headers["Location"].startswith("/login?next=")
    assert {here.get(f"/feed/snapshot?audience={audience}").status_code for audience in AUDIENCES} == {401}
    assert here.post("/api/v1/complaints/none/accept", json=order).status_code == 401
    assert (
        here.get(
            "/feed/snapshot", headers={"Authorization": f"Bearer {house.screens.add('dinding', 'wall')}"}
        ).status_code
        == 200
    )


def test_the_page_says_what_the_table_says(house: House) -> None:
    assert permissions_page.PAGE.read_text() == permissions_page.written(house.app)


@pytest.mark.parametrize("path", ["/api/v1/complaints/%00", "/api/v1/media/%00/thumb", "/lapor/s/%00"])
def test_nothing_is_at_an_address_with_a_nul(ask: Ask, path: str) -> None:
    answer = ask(PrincipalKind.ADMIN, "GET", path)
    assert (answer.status_code, answer.json["code"]) == (404, "unknown")


def test_a_parameter_with_a_nul_is_named(ask: Ask) -> None:
    answer = ask(PrincipalKind.ADMIN, "GET", "/api/v1/names?of=%00")
    assert (answer.status_code, answer.json["field"]) == (422, "of")


# A Host header is a name and perhaps a port: what has more in it is nobody's name.
@pytest.mark.parametrize(
    ("host", "name"),
    [
        ("ruang.example", "ruang.example"),
        ("127.0.0.1:8000", "127.0.0.1"),
        ("[::1]:8000", "::1"),
        ("[::1]evil", ""),
        ("[::1", ""),
        ("127.0.0.1:xevil", ""),
        ("127.0.0.1:80:90", ""),
        ("sari@127.0.0.1", ""),
        ("127.0.0.1 evil", ""),
        ("", ""),
    ],
)
def test_a_host_is_a_name_and_perhaps_a_port(host: str, name: str) -> None:
    assert host_name(host) == name
