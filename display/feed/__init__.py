"""The live feed to screens and desks: reads the log, sends batches and heartbeats; docs/feed.md specifies the protocol.

`cards`: which fields of a complaint, an alarm and a notice each audience may see.
`cities`: the rooms that this one follows: their ages in every beat, their blocks when these change.
`changes`: one consistent read of the room, and what changed since a position of the log.
`messages`: a change or a moment -> the messages `batch` and `beat`.
`tail`: the loop that follows the log and sends them; `Staleness`, when this process itself had no fresh data.
`broadcast`: one message to every client of an audience, framed once and written straight to idle sockets.
`blocks`: the text of a snapshot in compressed blocks, of which only those that changed are written anew.
`snapshot`: the whole room of one moment, built once for all who ask; `Resume`, how a client that was away goes on.
`server`: the Socket.IO namespace: who may join, how often one may ask, when a connection ends with its credential.
`limits`: limits below the namespace: malformed packets, clients that never join, clients that are too slow.
`presence`: which pages are connected, what they report, and which one sounds the alarm.
`routes`: the feed over plain HTTP: snapshot, resume, working calendar, watchdog, restart turn.
"""
