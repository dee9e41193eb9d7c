"""A draft in the words of a citizen: everybody here is invented, and the surnames and numbers say so."""

from random import Random

from ingest.drill.chance import chance
from ingest.drill.places import Places
from ingest.drill.programme import Draft
from ingest.drill.script import Channel, Script
from liveroom.city.city import City
from liveroom.domain.complaints.intake import Person, Report

ADDS_SHARE = 0.8


class Teller:
    """Tells the drafts of one drill; the same draft is always told alike."""

    def __init__(self, script: Script, city: City, places: Places, seed: int) -> None:
        """Remember the words."""
        self._script, self._city, self._places, self._seed = script, city, places, seed
        self._channels = {channel.name: channel for channel in script.channels}

    def report(self, draft: Draft) -> Report:
        """The report of a draft; those of one cluster tell one case in one street."""
        rng = chance(self._seed, draft.source_id, "told")
        matter = chance(self._seed, draft.cluster, draft.category) if draft.cluster and not draft.burst else rng
        street = matter.choice(self._script.vocabulary.streets)
        if draft.centre is None:
            lat, lon = self._places.point(rng, draft.area)
        else:
            lat, lon = self._places.near(rng, draft.area, draft.centre, draft.radius)
        return Report(
            source_id=draft.source_id,
            category=draft.category,
            description=self._said(draft, street, rng, matter=matter),
            address=self._address(draft, street, rng),
            lat=lat,
            lon=lon,
            area=draft.area,
            channel=draft.channel,
            person=self._person(draft, rng),
            drill=True,
            received_at=draft.at,
        )

    def _said(self, draft: Draft, street: str, rng: Random, *, matter: Random) -> str:
        """One case, mostly a second sentence, opened and closed as the channel does."""
        words, telling = self._script.vocabulary, self._script.categories[draft.category]
        slots = {
            "landmark": matter.choice(words.landmarks),
            "since": matter.choice(words.since),
            "just": rng.choice(words.just),
            "n": str(matter.randint(2, 6)),
            "street": street,
            "area": self._city.areas[draft.area].name,
        }
        case = matter.choice(telling.says).format(**slots)
        channel: Channel = self._channels[draft.channel]
        said = [rng.choice(channel.opens).format(text=case, Text=case[:1].upper() + case[1:])]
        if telling.adds and rng.random() < ADDS_SHARE:
            said.append(rng.choice(telling.adds).format(**slots))
        said.append(rng.choice(channel.closes) if channel.closes else "")
        return " ".join(filter(None, said))

    def _address(self, draft: Draft, street: str, rng: Random) -> str:
        """Street, area and district as the city writes them."""
        words, area = self._script.vocabulary, self._city.areas[draft.area]
        address = rng.choice(words.addresses).format(
            street=street, no=rng.randint(1, 60), rt=f"{rng.randint(1, 9):03d}", rw=f"{rng.randint(1, 14):03d}"
        )
        district = self._city.districts[area.district].name
        return rng.choice(words.places).format(address=address, area=area.name, district=district)

    def _person(self, draft: Draft, rng: Random) -> Person:
        """Nobody: a surname that means "example" and a number that leads nowhere."""
        words = self._script.vocabulary
        name = f"{rng.choice(words.first_names)} {rng.choice(words.surnames)}"
        return Person(name=name, phone=f"0800-000-{draft.source_id[-4:]}")
