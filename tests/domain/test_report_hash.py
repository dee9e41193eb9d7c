"""The hash by which a report is known again: it may never change, or every report sent twice would look like news."""

from dataclasses import replace
from datetime import UTC, datetime

from liveroom.domain.complaints.intake import Report, Reporter

WHOLE = Report(
    source_id="L-1",
    category="jalan_rusak",
    description="lubang",
    address="Jl. Merdeka",
    lat=-6.17,
    lon=106.63,
    area="36.71.01.1001",
    channel="app",
    reported_at=datetime(2026, 11, 24, 1, 2, 3, tzinfo=UTC),
    priority="urgent",
    person=Reporter(name="Ratna", phone="0812"),
    media=("https://foto.example/1.jpg",),
)


def test_it_is_what_rooms_have_written_so_far() -> None:
    assert WHOLE.hash() == "7d360f077a126b2f24c306cf3b902a92c68adae8e47fcd320a91131c248d46a0"
    bare = Report(source_id="1", category="x")
    assert bare.hash() == "82aaa90ee9e7f39411224a6f9bbbca47c9168feee231788fb9f3267467a44aab"


def test_whoever_reported_and_each_picture_count() -> None:
    others = (replace(WHOLE, person=Reporter(name="Ratna", phone="0813")), replace(WHOLE, media=()))
    assert len({one.hash() for one in (WHOLE, *others)}) == 3
