"""Sources of complaints; a new kind of source is a new file here.

- `api`: POST /api/v1/complaints -> reports -> the room -> one answer for each; also what a source needs of the room.
- `open311`: the Open311 GeoReport v2 server: keys, services, posted reports and updates.
- `open311_reads`: the lists of it: filters, pages, what is shown of a complaint and what happened to it.
- `georeport`: the same protocol on the wire: XML and JSON, parameters, times.
- `open311_poll`: any other Open311 server, asked again and again for what is new and what changed.
- `importer`: a table (liveroom/tables) into the room in batches, restartable; rejected rows in a file beside it.
- `folder`: files put into a watched folder; `journal`: a file to which an app appends (the example of docs/ingest.md).
- `replay`: a file's history played into a drill room by the room's clock.
"""
