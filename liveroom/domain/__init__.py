"""The rules, pure: no clock, no rows, no framework, nothing of ours from outside this package.

`complaints`: what a complaint is, who may do what to it, what that makes of it; deadlines, intake, proof.
`alarms`: when alarms begin and end, what people do to them, how well they perform.
`events`: every kind of event, its payload, and what the log holds.
`requests`: roles, commands as given, results, and the typed errors.
`fields`: how fields from outside are validated.
`policy`: what a city promises, and its working time.
`notifications`: who outside must hear of an event.
`room`, `screens`, `users`, `outbox`: the commands on each.
`signs`: what is unusual against a city's own history, places that recur, matters that grow; never alarms.
`surge`: many complaints of one category in one place; distances.
`phones`: telephone numbers in one form, and which may be called.
`clock_repair`: what was dated ahead by a wrong clock.
`timestamps`: times as text and microseconds; texts as words.
"""
