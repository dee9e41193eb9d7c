"""The Open311 GeoReport v2 server (docs/open311.md); other servers are polled by `ingest/sources/open311_poll.py`.

- `georeport_server`: keys, services, posted reports and updates.
- `georeport_reads`: the lists: filters, pages, what is shown of a complaint and what happened to it.
- `georeport`: the protocol on the wire: XML and JSON, parameters, times.
"""
