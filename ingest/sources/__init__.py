"""Sources of complaints; a new kind of source is a new file here.

- `api`: POST /api/v1/complaints -> reports -> the room -> one answer for each; also what a source needs of the room.
- `open311_poll`: any other Open311 server, asked again and again for what is new and what changed.
- `redis_stream`: a stream of a Redis, by a consumer group; `mqtt`: gauges that publish their readings.
- `cap`: a service of warnings, by the index or the document that it publishes.
- `importer`: a table (liveroom/tables) into the room in batches, restartable; rejected rows in a file beside it.
- `folder`: files put into a watched folder; `journal`: a file to which an app appends (the example of docs/ingest.md).
- `mailbox`: mails that citizens write to an address, read over IMAP.
- `replay`: a file's history played into a drill room by the room's clock.
"""
