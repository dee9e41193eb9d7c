"""The check of a server that claims to speak the feed. It knows docs/feed.md and nothing of the server's code.

- `checklist`: what is checked, where docs/feed.md says so, and what became of each check
- `wire`: one connection by Socket.IO over a websocket, and HTTP; bounded, since any server may be asked
- `shapes`: fields and types of every message, and which of them an audience may see
- `stream`: whether what one connection is sent goes on from what it was sent before, and how old its data is
- `mirror`: what a client holds: cards, alarms and counts at a position
- `course`: the order in which a server is asked
"""
