"""The words by which complaints are found: what citizens wrote and its number, a row beside the rows of ``text``.

Made from the newest description and address; erasing a complaint's texts includes ``forget``.
"""

from collections.abc import Collection, Mapping

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from liveroom.domain.timestamps import words_of
from liveroom.log import schema
from liveroom.log.schema import listing, searched
from liveroom.log.searched_read import report_texts

AT_ONCE = 500
_CHANGE = update(searched).where(searched.c.id == bindparam("of")).values(body=bindparam("now"))


def note_words(connection: Connection, numbers: Mapping[str, str]) -> None:
    """Index complaints (id to the source's number) whose texts are new or changed; their texts must be written."""
    if not numbers:
        return
    bodies = _bodies(connection, numbers)
    known = set(connection.execute(select(searched.c.id).where(searched.c.id.in_(list(bodies)))).scalars())
    fresh = [{"id": id_, "body": body} for id_, body in bodies.items() if id_ not in known]
    changed = [{"of": id_, "now": body} for id_, body in bodies.items() if id_ in known]
    if fresh:
        connection.execute(insert(searched), fresh)
    if changed:
        connection.execute(_CHANGE, changed)


def forget(connection: Connection, ids: Collection[str]) -> None:
    """Let nobody find these complaints by their words or their citizens' telephone any more."""
    person = schema.person
    connection.execute(delete(searched).where(searched.c.id.in_(list(ids))))
    connection.execute(update(person).where(person.c.subject_id.in_(list(ids))).values(phone_key=None))


def index_all(connection: Connection) -> None:
    """Make every row anew, in the order of the complaints; the lists must stand already."""
    connection.execute(delete(searched))
    after = ""
    while True:
        query = select(listing.c.id, listing.c.source_id).where(listing.c.id > after).order_by(listing.c.id)
        numbers = {row.id: row.source_id for row in connection.execute(query.limit(AT_ONCE))}
        if not numbers:
            return
        note_words(connection, numbers)
        after = max(numbers)


def _bodies(connection: Connection, numbers: Mapping[str, str]) -> dict[str, str]:
    """By id, the words of those that have texts; the others are found by their number alone."""
    texts = report_texts(connection, numbers.keys())
    return {id_: " ".join(words_of(" ".join((numbers[id_], *texts[id_].values())))) for id_ in sorted(texts)}
