"""Sources of complaints; a new kind of source is a new file here.

- `api`: POST /api/v1/complaints -> reports -> the room -> one answer for each; also what a source needs of the room.
- `file`: a CSV, JSON or JSONL file -> rows -> reports, and the faults of what is none.
- `importer`: a file into the room in batches, restartable, with the rejected rows in a file beside it.
- `folder`: files put into a watched folder; `journal`: a file to which an app appends (the example of docs/ingest.md).
- `replay`: a file's history played into a drill room by the room's clock.
"""
