"""The courier: carries the outbox to its receivers, at least once and in order, and keeps every attempt.

- `worker`: who is due, one attempt, when it is tried again, which deliveries are stuck. `courier_of` wires it.
- `content`: a delivery -> all that its letter or body may say, read when it is sent.
- `letters`: content -> subject, text and HTML of an e-mail, for agencies, citizens and digests.
- `agency_status`: what became of what was forwarded to agencies' Open311 systems, asked for and made commands here.
- `open311_client`: any Open311 server asked for a list, and the rows of it as cities really send them.
- `conditional_get`: a bounded GET of somebody else's document, which may say that nothing has changed.
- `mail`, `webhook`, `open311`: the channels; each has `send(content) -> Outcome`. `webhook` also holds the SMS gateway.
- `http`: one bounded POST, `Retry-After`, and what an answer or an error means for a delivery.
"""
