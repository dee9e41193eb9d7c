"""`run.py user` and what it keeps, in both databases; passwords; and who read whose data."""

import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from argon2 import PasswordHasher, extract_parameters
from click.testing import CliRunner
from sqlalchemy import select, update
from zxcvbn import zxcvbn

from cli.context import opened
from cli.main import cli
from liveroom.accounts.credentials import PersonalTokens, WeakPassword, refuse_weak
from liveroom.accounts.sessions import Sessions
from liveroom.accounts.sources import NameTaken
from liveroom.accounts.users import NoUser, Person, Users
from liveroom.domain.complaints.intake import Report, Reporter
from liveroom.domain.requests import Role
from liveroom.log.backup import backup
from liveroom.log.event_log import database_now
from liveroom.log.schema import access, session, user
from liveroom.log.texts import accesses_of, note_access, prune_access
from liveroom.maintenance.restore import replace_room
from liveroom.projection.audit import examine
from liveroom.room.commands.users import UserActs
from liveroom.runtime.config import SessionLimits
from liveroom.runtime.language import catalogue
from tests.rooms.databases import Opener
from tests.rooms.staffed import AGENCY, PASSWORD
from tests.rooms.standing import PLACE, StandingRoom

RINA = Person(actor="Rina", name="Rina Wulandari", role=Role.DUTY)


@dataclass(frozen=True)
class Ran:
    exit_code: int
    output: str


Run = Callable[..., Ran]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Run:
    """Return `run(*words, password=...)`: run.py on a room of this test's own."""
    monkeypatch.setenv("LIVEROOM_DATA_DIR", str(tmp_path))

    def one(*words: str, password: str = PASSWORD) -> Ran:
        done = CliRunner().invoke(cli, words, env={"LIVEROOM_PASSWORD": password})
        return Ran(done.exit_code, done.output + capfd.readouterr().err)

    return one


def test_a_person_is_added_listed_changed_and_removed(run: Run) -> None:
    assert run("user", "add", "Dewi.S", "--role", "duty", "--name", "Dewi Sartika").exit_code == 0
    assert run("user", "list").output == "Dewi.S\tduty\t-\tDewi Sartika\n"
    first, second = (run("user", "token", "dewi.s").output.split()[-1] for _ in range(2))
    assert first != second
    assert len(first) >= 43
    assert run("user", "change", "dewi.s", "--role", "agency_head", "--agency", AGENCY).exit_code == 0
    assert run("user", "list").output == f"Dewi.S\tagency_head\t{AGENCY}\tDewi Sartika\n"
    assert run("user", "password", "dewi.s", password="a quite different one").exit_code == 0
    assert run("user", "remove", "DEWI.S").exit_code == 0
    assert run("user", "list").output == ""
    assert run("user", "token", "dewi.s").exit_code == 1
    assert "is, or was, somebody's" in run("user", "add", "dewi.s", "--role", "admin").output


def test_who_mixes_scripts_since_an_older_room_is_changed_and_nobody_is_added_so(run: Run) -> None:
    old = "s\N{CYRILLIC SMALL LETTER A}ri"
    assert "several scripts" in run("user", "add", old, "--role", "duty").output
    UserActs(opened(drill=False).room, "admin").add(Person(actor=old, name="Sari", role=Role.DUTY), "hash")
    assert run("user", "change", old, "--role", "admin").exit_code == 0
    assert run("user", "list").output == f"{old}\tadmin\t-\tSari\n"
    assert "--agency" in run("user", "change", old, "--role", "agency").output


def test_one_token_is_revoked_and_the_other_holds(run: Run) -> None:
    run("user", "add", "dewi", "--role", "duty")
    run("user", "add", "budi", "--role", "duty")
    for _ in range(2):
        run("user", "token", "dewi")
    first, second = (line.split("\t")[0] for line in run("user", "token", "dewi", "--revoke").output.splitlines())
    assert run("user", "token", "budi", "--revoke", first).exit_code == 1
    assert run("user", "token", "dewi", "--revoke", first).output == f"dewi may act with the token {first} no more\n"
    assert [line.split("\t")[0] for line in run("user", "token", "dewi", "--revoke").output.splitlines()] == [second]
    again = run("user", "token", "dewi", "--revoke", first)
    assert again.exit_code == 1
    assert "--revoke" in again.output


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("x y", "--role", "duty"), "NAME"),
        (("", "--role", "duty"), "NAME"),
        (("x" * 65, "--role", "duty"), "NAME"),
        (("System", "--role", "admin"), "NAME"),
        (("a", "--role", "agency"), "--agency"),
        (("a", "--role", "agency", "--agency", "nothing"), "--agency"),
        (("a", "--role", "duty", "--agency", AGENCY), "--agency"),
        (("a", "--role", "duty", "--name", "x\ny"), "--name"),
        (("a", "--role", "boss"), "--role"),
        (("a", "--role", "system"), "--role"),
        (("a",), "--role"),
    ],
)
def test_a_bad_call_names_what_is_wrong_and_adds_nobody(run: Run, words: tuple[str, ...], why: str) -> None:
    refused = run("user", "add", *words)
    assert refused.exit_code != 0
    assert why in refused.output
    assert run("user", "list").output == ""


def test_there_is_no_default_password(run: Run) -> None:
    refused = run("user", "add", "rina", "--role", "duty", password="")
    assert "set LIVEROOM_PASSWORD" in refused.output
    assert run("user", "list").output == ""


@pytest.mark.parametrize(
    ("weak", "why"),
    [
        ("pendek", "length"),
        ("x" * 257, "length"),
        ("abababababab", "variety"),
        ("rina-2026-pass", "name"),
        ("kuda Wulandari lari", "name"),
        ("Tangerang2026!", "place"),
        ("Liveroom2026", "place"),
        ("password123", "common"),
        ("P@ssw0rd123", "common"),
        ("qwertyuiop12", "common"),
        ("abcdefghijkl", "guessable"),
        ("agustus1945", "guessable"),
        ("katasandi123", "guessable"),
        ("petugasjaga1", "guessable"),
        ("abcdef" * 40, "guessable"),
    ],
)
def test_each_refusal_names_its_rule_in_both_languages(weak: str, why: str) -> None:
    with pytest.raises(WeakPassword) as refused:
        refuse_weak(weak, "rina", "Rina Wulandari", places=("Kota Tangerang", "Ruang Kendali Kota Tangerang"))
    assert refused.value.why == why
    said = {language: refused.value.message(language) for language in catalogue().languages}
    assert len(set(said.values())) == len(said) and all(said.values())
    assert str(refused.value) == f"{said['en']} (rule: {why})"


@pytest.mark.parametrize(
    "good",
    [
        "kata sandi yang panjang",
        "tangerang kuda baterai jepit",
        "correct horse battery",
        "x9!fK2#qLw",
        "é" * 5 + "kuda jepit",
    ],
)
def test_no_rule_asks_for_kinds_of_characters(good: str) -> None:
    refuse_weak(good, "rina", "Rina Wulandari", places=("Kota Tangerang",))


def test_the_command_line_says_which_rule_a_password_broke(run: Run) -> None:
    for password, why in (("pendek", "length"), ("password123", "common"), ("dewi kuda jepit", "name")):
        refused = run("user", "add", "dewi", "--role", "duty", password=password)
        assert (refused.exit_code, f"(rule: {why})" in refused.output) == (1, True)
    assert run("user", "list").output == ""


def test_the_estimator_is_loaded_by_whoever_looks_at_a_password_alone() -> None:
    script = "import sys, cli.main; print([n for n in ('zxcvbn', 'segno', 'pyotp') if n in sys.modules])"
    told = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"


@pytest.mark.parametrize("weak", ["", "short", "x" * 40, "1212121212", "rina-2026-pass", "WULANDARI sandi", "ab" * 150])
def test_a_weak_password_is_refused(weak: str) -> None:
    with pytest.raises(WeakPassword):
        refuse_weak(weak, "Rina", "Wulandari")
    refuse_weak("kata sandi yang panjang", "rina", "Rina Wulandari")


def test_a_long_password_of_leet_signs_costs_the_estimator_no_more_than_a_short_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Each sign that may stand for several letters multiplies its work, which holds the interpreter all the while."""
    asked: list[str] = []

    def spy(password: str, **given: object) -> dict[str, object]:
        asked.append(password)
        return zxcvbn(password, **given)

    monkeypatch.setattr("zxcvbn.zxcvbn", spy)
    refuse_weak("4@8({[<369&6!|170$5+7%2" * 11, "rina")
    assert [len(one) for one in asked] == [24]


def test_passwords_are_kept_as_costly_argon2id(dear_hasher: PasswordHasher) -> None:
    parameters = extract_parameters(dear_hasher.hash("x"))
    assert parameters.type.name == "ID"
    assert parameters.memory_cost >= 64 * 1024
    assert parameters.time_cost >= 3


def test_a_name_means_one_person_for_ever(standing: StandingRoom) -> None:
    users, staff = Users(standing.log), UserActs(standing.room, "admin")
    staff.add(RINA, "hash")
    with pytest.raises(NameTaken):
        staff.add(Person(actor="rINA", name="Another", role=Role.ADMIN), "hash")
    staff.remove("rina")
    assert users.by_name("rina") is None
    assert users.any()
    with pytest.raises(NameTaken):
        staff.add(RINA, "hash")
    for act in (staff.remove, staff.give_token):
        with pytest.raises(NoUser):
            act("Rina")


def test_nobody_is_called_by_a_name_with_a_nul(standing: StandingRoom) -> None:
    assert [Users(standing.log).by_name(name) for name in ("\x00", "Rina\x00", "\ufffd")] == [None] * 3


def test_sessions_and_tokens_in_both_databases(standing: StandingRoom) -> None:
    log = standing.log
    staff = UserActs(standing.room, "admin")
    staff.add(RINA, "hash")
    limits = SessionLimits(idle=timedelta(minutes=10), longest=timedelta(hours=1))
    sessions, tokens = Sessions(log, limits), PersonalTokens(log)
    one, two, token = sessions.begin("Rina"), sessions.begin("Rina"), staff.give_token("rina")
    found = sessions.of(one)
    assert found is not None
    assert (found.who, found.more) == (RINA, True)
    assert timedelta(minutes=9) < found.left <= timedelta(minutes=10)
    assert tokens.who(token) == RINA
    hashes = {row for row in log.read(lambda c: c.execute(select(session.c.id)).scalars().all())}
    assert set(sessions.people(hashes)) == hashes
    sessions.end(one)
    assert (sessions.of(one), sessions.of(two) is not None) == (None, True)
    assert len(sessions.people(hashes)) == 1
    assert sessions.extend(one) is None
    assert sessions.of("unknown") is None
    # What has ended is swept away by the next log-in.
    log.touch(lambda c: c.execute(update(session).values(seen_at=1)))
    sessions.begin("Rina")
    assert len(log.read(lambda c: c.execute(select(session.c.id)).all())) == 1


def test_a_backup_carries_people_and_tokens_but_no_log_in(
    standing: StandingRoom, open_standing: Opener, tmp_path: Path
) -> None:
    staff = UserActs(standing.room, "admin")
    staff.add(RINA, "hash")
    token, log_in = staff.give_token("rina"), Sessions(standing.log, SessionLimits()).begin("Rina")
    note_access(standing.log, actor="Rina", role="duty", subject_id="c-1", fields=("phone", "name"))
    backup(standing.log, tmp_path / "room.backup")
    fresh = open_standing()
    UserActs(fresh.room, "admin").add(Person(actor="old", name="Old", role=Role.ADMIN), "hash")
    old = Sessions(fresh.log, SessionLimits()).begin("old")
    fresh.log.touch(
        lambda c: replace_room(c, tmp_path / "room.backup", kind="test", city="tangerang", note=lambda _: None)
    )
    assert PersonalTokens(fresh.log).who(token) == RINA
    assert [Sessions(fresh.log, SessionLimits()).of(one) for one in (log_in, old)] == [None, None]
    assert [one.who.actor for one in Users(fresh.log).everybody()] == ["Rina"]
    assert [(read.actor, read.fields) for read in accesses_of(fresh.log, "c-1")] == [("Rina", ("name", "phone"))]
    assert examine(fresh.log, sample=10) == []


def test_who_read_what_is_known_for_as_long_as_the_settings_say(standing: StandingRoom) -> None:
    for actor in ("rina", "budi"):
        note_access(standing.log, actor=actor, role="duty", subject_id="c-1", fields={"name"})
    note_access(standing.log, actor="rina", role="duty", subject_id="c-2", fields=())
    assert {read.actor for read in accesses_of(standing.log, "c-1")} == {"rina", "budi"}
    assert accesses_of(standing.log, "c-2") == []
    year = timedelta(days=365) // timedelta(microseconds=1)
    old = update(access).where(access.c.actor == "budi").values(at=access.c.at - year)
    standing.log.touch(lambda c: c.execute(old))
    assert prune_access(standing.log, timedelta(days=364)) == 1
    assert {read.actor for read in accesses_of(standing.log, "c-1")} == {"rina"}


def test_who_was_shown_a_reporters_data_is_listed_by_a_command(run: Run) -> None:
    room = opened(drill=False).room
    report = Report(source_id="L-1", category="drainase", person=Reporter(name="Siti", phone="0811"), **PLACE)
    room.accept(report, source="lapor")
    (complaint,) = room.open_of("lapor")
    assert run("accesses", complaint.id) == Ran(0, "")
    note_access(room.log, actor="rina", role="duty", subject_id=complaint.id, fields=("phone", "name"))
    note_access(room.log, actor="budi", role="supervisor", subject_id=complaint.id, fields=("name",))
    note_access(room.log, actor="dewi", role="duty", subject_id="another", fields=("name",))
    listed = [line.split("\t") for line in run("accesses", complaint.id).output.splitlines()]
    assert [line[1:] for line in listed] == [["budi", "supervisor", "name"], ["rina", "duty", "name,phone"]]
    shown = datetime.strptime(listed[0][0], "%Y-%m-%d %H:%M:%S").replace(tzinfo=room.city.zone)
    assert abs(shown - room.log.read(database_now)) < timedelta(minutes=5)
    assert (run("accesses", "nothing").exit_code, "Siti" in run("accesses", complaint.id).output) == (1, False)


def test_no_hash_is_ever_shown(standing: StandingRoom) -> None:
    UserActs(standing.room, "admin").add(RINA, "a-hash")
    assert "a-hash" not in repr(Users(standing.log).by_name("rina"))
    assert standing.log.read(lambda c: c.execute(select(user.c.password_hash)).scalar_one()) == "a-hash"
