"""Past moments of the feed: what any page showed at a position or time before now; docs/feed.md specifies them.

`moments`: the room at a past position, as the feed's own `Moment`; who may see it, and what is kept of it.
`past_snapshot`: the snapshot of a past moment.
`playback`: batches from one moment on, in steps of room time, for a page that plays the past.
`day_overview`: a day for the time bar: arrivals, alarms, outages of the feed, changes of the shift.
`routes`: the routes.
"""
