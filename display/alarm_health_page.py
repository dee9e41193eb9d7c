"""The page of alarm health in words: each figure with its target, its window and how it stands."""

from collections.abc import Mapping
from dataclasses import dataclass

from display.alarm_health import ANSWER, FORWARD, Health
from liveroom.city.city import City
from liveroom.domain.alarms import metrics as alarm_metrics
from liveroom.domain.alarms.metrics import Light, Promptness
from liveroom.domain.alarms.records import RECORDS

WORDS = {
    "id": {
        "title": "Kesehatan alarm", "rate": "Alarm per jam dan posisi", "shift": "giliran terakhir, 8 jam",
        "window": "30 hari terakhir", "flood": "Waktu dalam banjir alarm", "stale": "Aktif lebih dari 24 jam",
        "shares": "P3 / P2 / P1", "chattering": "Gemeretak, 7 hari", "answered": "P1 diakui",
        "forwarded": "Darurat diteruskan", "top": "Sepuluh asal tersering", "owner": "penanggung jawab",
        "none": "tidak ada", "green": "baik", "amber": "perlu dilihat", "red": "melewati batas",
        "info": "belum cukup data", "figure": "Angka", "value": "Nilai", "target": "Batas",
        "state": "Keadaan", "rule": "Aturan", "since": "sejak", "share": "bagian", "nobody": "belum ada",
        "sound": "Uji suara tidak dipastikan", "last": "terakhir",
        "drill": "LATIHAN, bukan kejadian nyata", "minutes": "mnt", "seconds": "dtk",
    },
    "en": {
        "title": "Alarm health", "rate": "Alarms an hour and position", "shift": "last shift, 8 hours",
        "window": "last 30 days", "flood": "Time in alarm flood", "stale": "Active for more than 24 hours",
        "shares": "P3 / P2 / P1", "chattering": "Chattering, 7 days", "answered": "P1 acknowledged",
        "forwarded": "Emergencies forwarded", "top": "Ten most frequent origins", "owner": "owner",
        "none": "none", "green": "good", "amber": "look at it", "red": "beyond its limit",
        "info": "too little data", "figure": "Figure", "value": "Value", "target": "Target",
        "state": "State", "rule": "Rule", "since": "since", "share": "share", "nobody": "nobody yet",
        "sound": "Sound test not confirmed", "last": "last",
        "drill": "DRILL, not a real event", "minutes": "min", "seconds": "s",
    },
}  # fmt: skip


PROMPT = {"answered": ("CR-89", ANSWER), "forwarded": ("CR-90", FORWARD)}


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the page: ``value`` with its ``target`` and window, and the rule it comes from."""

    name: str
    value: str
    target: str
    light: Light
    rule: str


def lines_of(health: Health, city: City, language: str) -> tuple[Line, ...]:
    """The figures that have a target, in the order of the rules."""
    words = WORDS[language]
    p1, p2, p3 = (_number(100 * health.shares[priority], language, 0) for priority in (1, 2, 3))
    minutes = _number(health.flood.total_seconds() / 60, language, 0)
    flood = f"{_number(100 * health.flood_share, language, 2)}% ({minutes} {words['minutes']})"
    shares = alarm_metrics.shares_light(dict(health.shares), health.count)
    return (
        _rate("window", health.rate, language),
        _rate("shift", health.shift_rate, language),
        Line(words["flood"], flood, "< 1%", alarm_metrics.flood_light(health.flood_share), "CR-28"),
        _count(words["stale"], len(health.stale), 5, "CR-30"),
        Line(words["shares"], f"{p3} / {p2} / {p1} %", "80 / 15 / 5 %", shares, "CR-32"),
        _count(words["chattering"], len(health.chattering), 1, "CR-32"),
        _prompt("answered", health.answered, language),
        _prompt("forwarded", health.forwarded, language),
        _sound(health, city, language),
    )


def _number(value: float, language: str, digits: int = 1) -> str:
    text = f"{value:,.{digits}f}"
    return text if language == "en" else text.translate(str.maketrans(",.", ".,"))


def _rate(name: str, value: float | None, language: str) -> Line:
    words = WORDS[language]
    shown = "–" if value is None else _number(value, language)
    return Line(f"{words['rate']}, {words[name]}", shown, "≤ 6, ≤ 12", alarm_metrics.rate_light(value), "CR-27")


def _prompt(name: str, found: Promptness, language: str) -> Line:
    words = WORDS[language]
    rule, targets = PROMPT[name]
    within = ", ".join(f"{seconds} {words['seconds']} {100 * share:.0f}%" for seconds, share in found.within)
    asked = ", ".join(f"{seconds} {words['seconds']} {100 * share:.0f}%" for seconds, share in targets)
    return Line(words[name], f"{within} (n {found.n})" if found.n else "– (n 0)", asked, found.light, rule)


def _sound(health: Health, city: City, language: str) -> Line:
    """How many shifts began without a confirmed sound test, and when the last one was confirmed. Rule: CR-96."""
    words, sound = WORDS[language], health.sound
    at = sound.confirmed_at
    last = "–" if at is None else f"{at.astimezone(city.zone):%d.%m. %H.%M}"
    light = alarm_metrics.count_light(sound.missed, 1) if sound.asked else Light.INFO
    return Line(words["sound"], f"{sound.missed} / {sound.asked} ({words['last']} {last})", "0", light, "CR-96")


def _count(name: str, n: int, fewer_than: int, rule: str) -> Line:
    return Line(name, str(n), f"< {fewer_than}", alarm_metrics.count_light(n, fewer_than), rule)


def origin_rows(health: Health, city: City, language: str) -> tuple[Mapping[str, str], ...]:
    """The ten most frequent (kind, agency or source), with their number and share."""
    named = {**city.agencies, **city.outside}

    def kind(key: str) -> str:
        name = RECORDS[key].name
        return name.en if language == "en" else name.id

    return tuple(
        {
            "kind": kind(kind_),
            "origin": named[origin].short if origin in named else origin,
            "n": str(n),
            "share": f"{100 * n / max(1, health.count):.0f}%",
        }
        for (kind_, origin), n in health.top
    )
