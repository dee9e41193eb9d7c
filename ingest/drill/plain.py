"""The drill of a city whose pack has none: its categories and areas by name, in plain English."""

from ingest.drill.script import Channel, Script, Staff, Telling, Vocabulary
from liveroom.city.city import City

CURVE = (5, 3, 2, 2, 3, 7, 14, 26, 46, 54, 49, 33, 23, 24, 26, 26, 24, 22, 25, 42, 46, 27, 14, 9)


def plain_script(city: City) -> Script:
    """400 reports a day by one source, every category alike; the words say that it is practice."""
    return Script(
        per_day=400,
        emergencies=8,
        curve=CURVE,
        channels=(Channel(name="Drill"),),
        vocabulary=VOCABULARY,
        staff=STAFF,
        categories={key: Telling(says=(_told(category.label),)) for key, category in city.categories.items()},
    )


def _told(label: str) -> str:
    """A practice report about a category; braces in a label are no slots."""
    escaped = label.replace("{", "{{").replace("}", "}}")
    return f"practice report, {escaped}, {{landmark}} in {{area}}"


VOCABULARY = Vocabulary(
    streets=("First Example Street", "Second Example Street", "Third Example Street", "Example Lane"),
    addresses=("{no} {street}",),
    places=("{address}, {area}, {district}",),
    landmarks=("near the school", "by the bridge", "at the corner", "in front of the shop", "behind the station"),
    since=("since yesterday", "for two days", "for a week"),
    just=("just now", "ten minutes ago"),
    first_names=("Alex", "Kim", "Robin", "Sam", "Jo"),
    surnames=("Example", "Sample", "Practice"),
)
STAFF = Staff(
    decline=("Practice: not ours",),
    reject=("Practice: nothing to act on",),
    ask=("Practice: where exactly?",),
    answer=("Practice: at the corner",),
    hold=("Practice: waiting for material",),
    send_back=("Practice: the picture shows another place",),
    reopen=("Practice: it is back",),
    close=("Practice: answered at the counter",),
    refer=("Practice: belongs elsewhere",),
    reply=("Practice: somebody is on the way",),
    note=("Practice: finished",),
)
