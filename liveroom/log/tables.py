"""Every table of the database, gathered: truth, which backups carry, and what is made anew from it.

A new table goes into a ``schema_<topic>.py`` and is named here; ``liveroom.log`` imports this: the metadata is whole.
"""

from sqlalchemy import Table

from liveroom.log import (
    schema,
    schema_citizens,
    schema_outbox,
    schema_people,
    schema_screens,
    schema_search,
    schema_uploads,
)

TRUTH: tuple[Table, ...] = (
    schema.head,
    schema.event,
    schema.text,
    schema.person,
    schema.media,
    schema.command,
    schema.source,
    schema.former_key,
    schema.screen,
    *schema_people.TRUTH,
    *schema_outbox.KEPT,
    schema_uploads.upload,
    schema_citizens.citizen_link,
)
# A function of the events.
PROJECTION: tuple[Table, ...] = (*schema.PROJECTION, *schema_search.LISTS, schema_screens.screen_state)
# A function of texts, gone with them.
OF_TEXTS: tuple[Table, ...] = (schema_search.searched,)
# About this moment: nothing is lost with it.
PASSING: tuple[Table, ...] = (
    schema.pulse,
    schema.lease,
    *schema_screens.OF_THIS_MOMENT,
    *schema_people.OF_THIS_MOMENT,
    *schema_outbox.HOLD,
    *schema_citizens.OF_THIS_MOMENT,
    schema_uploads.public_hour,
)
