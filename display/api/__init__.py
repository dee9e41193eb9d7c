"""The HTTP API for people and their programs, under ``/api/v1``; docs/desk-api.md describes it.

- `requests`: JSON body -> `Command`; who makes the request.
- `responses`: value or refusal -> JSON; display names of people.
- `commands`: POST of a command, whatever it is about.
- `complaints`: one complaint, the list with its filters, suggestions, the form for telephone calls.
- `desk`: loads of agencies, shift handover, names of people.
- `outbox`, `screens`, `users`: the list of each; `sources`: theirs, and the quarantine.
- `imports`: files of an office that come in, are tried and imported.
- `uploads`: resumable uploads (tus) and the content of pictures and videos.
- `health`: ``/healthz``, ``/readyz`` and ``/metrics``.
"""
