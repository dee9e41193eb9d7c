"""Everything that can happen in a room, one step at a time: between them the steps log every type of event."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

from ingest.hazards.cap_document import read_alert
from liveroom.accounts.credentials import PersonalTokens
from liveroom.accounts.second_factor import Seal, new_recovery_codes
from liveroom.accounts.users import Person
from liveroom.domain.complaints.proof import Facts, FileForm
from liveroom.domain.events.room_payloads import ReportMade
from liveroom.domain.requests import Role
from liveroom.domain.room import about_room
from liveroom.domain.timestamps import to_text
from liveroom.log.erasure import Erasure, ErasureScope
from liveroom.log.uploads import Uploads, UploadState
from liveroom.maintenance.erasure import carry_out
from liveroom.room.commands.users import UserActs, renew_recovery, set_factor, use_code
from tests.rooms.cap_documents import document, info
from tests.rooms.city import wib
from tests.rooms.screens import StandingScreens
from tests.rooms.standing import StandingRoom
from tests.rooms.standing_office import StandingOffice

Step = Callable[[], object]


class Journey:
    """Complaints by letter; ``steps`` yields (name, act) pairs that are to be acted in order."""

    def __init__(self, room: StandingRoom) -> None:
        self.room = room
        self.ids: dict[str, str] = {}

    def steps(self) -> Iterator[tuple[str, Step]]:
        yield from self._arrivals()
        yield from self._handling()
        yield from self._pauses()
        yield from self._grouping()
        yield from self._endings()
        yield from self._alarms()
        yield from self._desk()
        yield from self._screens()
        yield from self._crowds()
        yield from self._outbox()
        yield from self._staff()
        yield from self._policies()
        yield from self._hazards()
        yield "a report is printed", self._report
        yield from self._time()

    def _receive(self, letter: str, **said: object) -> None:
        self.ids[letter] = self.room.receive(f"J-{letter}", **said)

    def _do(self, name: str, letter: str, **given: object) -> tuple[str, Step]:
        return name, lambda: self.room.execute(name, self.ids[letter], **given)

    def _agency(self, name: str, letter: str, **given: object) -> tuple[str, Step]:
        return self._do(name, letter, by="agency", **given)

    def _arrivals(self) -> Iterator[tuple[str, Step]]:
        yield "a day and a source", lambda: (self.room.sources.add("Lapor", 3600), self.room.tick())
        for letter in "abcdefg":
            yield f"receive {letter}", lambda letter=letter: self._receive(letter)
        yield "a private one", lambda: self._receive("p", category="kekerasan", person=None, description="rahasia")
        yield "an unknown one", lambda: self._receive("u", category="Bapak Joko, 081234567890")
        yield "amend", lambda: self.room.accept("J-a", category="banjir", channel="telepon")
        yield self._do("triage", "a", by="duty", category="jalan_rusak", priority="urgent")
        yield self._do("claim", "a", by="duty")
        yield self._do("release", "a", by="duty")
        yield self._do("claim", "a", by="duty")
        yield self._do("comment", "a", text="sudah ditelepon")
        soon = (self.room.now + timedelta(hours=4)).isoformat()
        for letter in "ag":
            yield self._do("comment", letter, by="leadership", text="mengapa lama?", answer_by=soon)
        yield self._do("comment", "a", by="duty", text="alat rusak")
        yield self._do("reply", "a", by="duty", text="sedang dikerjakan")

    def _handling(self) -> Iterator[tuple[str, Step]]:
        yield self._do("forward", "a", by="duty", agency="dpupr", agencies=["dlh"])
        yield self._agency("decline", "a", of="dpupr", reason="bukan kami")
        yield self._do("forward", "a", by="duty", agency="dpupr", agencies=["dlh"])
        yield self._agency("accept", "a")
        yield self._agency("start", "a")
        yield self._do("coordinate", "a", by="duty", agencies=["dishub"])
        later = wib("12-30 12:00").isoformat()
        yield self._do("extend", "a", due_at=later, reason="alat berat")
        yield self._agency("submit_proof", "a", note="ditambal", media=["https://foto.example/1.jpg"])
        yield self._do("send_back", "a", by="duty", reason="foto kabur")
        yield "a photo proves", lambda: self._prove("a")
        yield self._do("validate", "a", by="duty")
        yield self._do("rate", "a", by="system", score="4")
        yield self._do("release_proof", "a", by="supervisor")
        yield self._do("withdraw_proof", "a", by="supervisor")

    def _prove(self, letter: str) -> None:
        """A photo that was looked into, and the proof that names it."""
        uploads, of = Uploads(self.room.log), self.ids[letter]
        one = uploads.begin(subject=of, kind="proof", by="agency", length=1, most=9)
        uploads.move(one.id, UploadState.CHECKING, frm=UploadState.OPEN)
        facts = Facts(form=FileForm.JPEG, width=4, height=3, hashes=("0" * 64,))
        uploads.ready(one.id, facts, (), dict.fromkeys(("original", "clean", "thumb"), "0" * 64))
        self.room.execute("submit_proof", of, by="agency", media=[f"upload:{one.id}"])

    def _pauses(self) -> Iterator[tuple[str, Step]]:
        yield self._do("ask", "b", by="duty", text="di mana?")
        yield self._do("answer", "b", by="duty", text="di depan sekolah")
        until = (self.room.now + timedelta(hours=2)).isoformat()
        yield self._do("hold", "b", reason="menunggu alat", until=until)
        yield self._do("resume", "b", by="duty")
        yield self._do("hold", "b", reason="menunggu lagi", until=until)

    def _grouping(self) -> Iterator[tuple[str, Step]]:
        yield "merge", lambda: self.room.execute("merge", self.ids["c"], by="duty", into=self.ids["d"])
        yield "split", lambda: self.room.execute("split", self.ids["c"], by="duty")
        yield "merge again", lambda: self.room.execute("merge", self.ids["c"], by="duty", into=self.ids["d"])
        yield self._do("close", "d", reason="selesai menurut telepon")

    def _endings(self) -> Iterator[tuple[str, Step]]:
        yield self._do("refer_outside", "e", by="duty", outside="bbws", reason="sungai balai")
        yield self._do("reject", "f", by="duty", reason="laporan palsu")
        yield self._do("reopen", "a", by="duty", reason="berlubang lagi")
        yield self._do("reopen", "f", by="duty", reason="ternyata benar")

    def _alarm(self, name: str, kind: str, letter: str, **given: object) -> tuple[str, Step]:
        order = {"by": "supervisor", "about": "alarm", **given}
        return f"{name} {kind}", lambda: self.room.execute(name, f"{kind}:{self.ids[letter]}", **order)

    def _alarms(self) -> Iterator[tuple[str, Step]]:
        yield "an emergency", lambda: self._receive("k", category="kebakaran")
        yield "nobody answers", lambda: self.room.later(seconds=100).tick()
        yield self._alarm("acknowledge", "critical", "k")
        yield "it is late", lambda: self.room.later(seconds=30).tick()
        yield self._alarm("acknowledge", "passed", "k", owner="sari")
        soon = {"reason": "tim di jalan", "until": (self.room.now + timedelta(minutes=20)).isoformat()}
        yield self._alarm("shelve", "critical", "k", **soon)
        yield self._do("forward", "k", by="duty", agency="bpbd")
        yield self._agency("decline", "k", of="bpbd", reason="bukan kami")
        yield self._alarm("unshelve", "critical", "k")
        yield self._alarm("suppress", "critical", "k", rule="maintenance", **soon)
        yield self._alarm("unsuppress", "critical", "k")
        review = {"reason": "rusak", "review_at": (self.room.now + timedelta(hours=20)).isoformat()}
        yield self._alarm("out_of_service", "critical", "k", **review)
        yield self._alarm("in_service", "critical", "k")
        yield self._do("reject", "k", by="duty", reason="palsu")

    def _desk(self) -> Iterator[tuple[str, Step]]:
        yield self._order("silence")
        yield self._order("freeze")
        yield self._order("unfreeze")
        yield self._order("hold_scene", scene="board")
        yield self._order("release_scene")
        yield self._order("test_sound")
        yield self._order("confirm_sound")
        yield self._order("handover", to="budi", note="kabel belum aman")
        yield self._order("confirm_handover", actor="budi")
        yield "a callout", lambda: self._lead("show", complaint=self.ids["b"])

    def _lead(self, name: str, **given: str) -> None:
        self.room.execute(name, "room", about="room", by="supervisor", **given)

    def _order(self, name: str, **given: str) -> tuple[str, Step]:
        return name, lambda: self.room.execute(name, "room", about="room", by="duty", **given)

    def _screens(self) -> Iterator[tuple[str, Step]]:
        screens = StandingScreens(self.room)
        yield "a screen is paired", lambda: screens.pair("Dinding")
        yield "it is set", lambda: screens.order("change", "dinding", place="Ruang kendali")
        yield "it stands still", lambda: screens.order("freeze", "dinding")
        yield "it flashes again", lambda: screens.order("unfreeze", "dinding")
        yield "it is seen", lambda: (screens.hear("dinding"), self.room.tick())
        yield "it is dark", lambda: (screens.later(20), self.room.tick())
        yield "it was cut off", lambda: screens.outage("dinding", 19, 2)
        yield "all were", lambda: screens.outage("dinding", 18, 1, starved=True)
        yield "it is taken away", lambda: screens.order("revoke", "dinding")

    def _crowds(self) -> Iterator[tuple[str, Step]]:
        yield "many of one kind", lambda: [self.room.receive(category="pohon_tumbang") for _ in range(12)]
        yield "a surge", lambda: self.room.later(seconds=1).tick()
        yield "a larger one", lambda: (self.room.receive(category="pohon_tumbang"), self.room.tick())
        yield "many ordinary ones", lambda: [self.room.receive(category="sampah") for _ in range(8)]
        yield "many warnings", lambda: self.room.later(minutes=25).tick()
        yield "it is over", lambda: self.room.later(minutes=40).tick()

    def _outbox(self) -> Iterator[tuple[str, Step]]:
        office = StandingOffice(self.room)
        yield "two letters", lambda: (office.forwarded(), office.forwarded())
        yield "they do not get through", lambda: office.go_round(away=True, minutes=20)
        yield "a third one neither", lambda: (office.forwarded(), office.go_round(away=True, minutes=20))
        yield "somebody knows of one", lambda: office.order("know", reason="mati lampu", hours=2)
        yield "it is sent again by hand", lambda: office.order("resend")
        yield "a restored log is let go", office.release
        yield "all are through", lambda: office.go_round(away=False, minutes=20)

    def _staff(self) -> Iterator[tuple[str, Step]]:
        staff = UserActs(self.room.room, "command-line")
        who = Person(actor="sari", name="Sari", role=Role.DUTY)
        yield "somebody may log in", lambda: staff.add(who, "a hash")
        yield "as a supervisor", lambda: staff.change(replace(who, role=Role.SUPERVISOR))
        yield "with another password", lambda: staff.set_password("sari", "another hash")
        yield "with a program", lambda: staff.revoke_token("sari", self._token(staff.give_token("sari")))
        codes, unit = new_recovery_codes(), self.room.room.unit
        yield "with a second step", lambda: unit(lambda work: set_factor(work, "sari", "sealed", 1, codes))
        yield "by paper", lambda: unit(lambda work: use_code(work, "sari", codes[0], Seal("k" * 40)))
        yield "with new paper", lambda: unit(lambda work: renew_recovery(work, "sari", new_recovery_codes()))
        for act in ("reset_factor", "reset", "log_out", "disable", "enable"):
            yield f"{act} sari", lambda act=act: self._admin(act, "sari")
        yield "no more", lambda: staff.remove("sari")

    def _token(self, _token: str) -> str:
        return PersonalTokens(self.room.log).of("sari")[0][0]

    def _admin(self, name: str, subject: str) -> None:
        self.room.room.execute(self.room.order(name, subject, by="admin", about="user"))

    def _policies(self) -> Iterator[tuple[str, Step]]:
        yield "another promise", lambda: self.room.replan({"biasa": 1, "sedang": 1})
        yield "and the first again", lambda: self.room.replan({})
        yield "erased, at their request", lambda: self._erase("u")

    def _erase(self, letter: str) -> None:
        one = Erasure(at=0, complaint=self.ids[letter], what=ErasureScope.ALL, by="command-line")
        self.room.room.unit(lambda work: carry_out(work, one, self.room.room.city.policy.categories))

    def _report(self) -> None:
        made = ReportMade(
            id="r",
            entry="brief",
            report="daily",
            first="2026-11-23",
            last="2026-11-23",
            language="id",
            position=1,
            fingerprint="0123",
            file="r.pdf",
            due=to_text(self.room.room.now()),
            to=[],
        )
        self.room.room.unit(lambda work: work.append((about_room(made, at=work.transaction.now),), actor="clock"))

    def _hazards(self) -> Iterator[tuple[str, Step]]:
        now = self.room.now
        first = document("A", sent=now, infos=[info(expires=to_text(now + timedelta(hours=3)))])
        soon = [info(expires=to_text(now + timedelta(minutes=1)))]
        second = document("B", "Update", sent=now + timedelta(seconds=1), refers=[("A", now)], infos=soon)
        yield "a warning", lambda: self._hear(first)
        yield "its update", lambda: self._hear(second)
        yield "its end", lambda: self.room.later(minutes=1).tick()
        later = [info(expires=to_text(now + timedelta(hours=3)))]
        third, cancel = document("C", sent=now, infos=later), document("D", "Cancel", sent=now, refers=[("C", now)])
        yield "a warning that is cancelled", lambda: (self._hear(third), self._hear(cancel))
        staying = [info(expires=to_text(now + timedelta(days=5)), onset=to_text(now), instruction="Tetap di dalam.")]
        yield "one that stays", lambda: self._hear(document("E", sent=now, infos=staying))

    def _hear(self, body: bytes) -> object:
        return self.room.room.hear_many([read_alert(body)], source="bmkg")

    def _time(self) -> Iterator[tuple[str, Step]]:
        yield "some hours", lambda: self.room.later(hours=4).tick()
        yield "midnight", lambda: self.room.at(wib("25 00:00")).tick()
        yield "a done one of the new day", lambda: self.room.until_done()
        yield "the night after", lambda: self.room.at(wib("26 00:01")).tick()


def walk(room: StandingRoom) -> Journey:
    """The whole journey at once."""
    journey = Journey(room)
    for _, act in journey.steps():
        act()
    return journey
