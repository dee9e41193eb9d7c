"""Figures: what a scene shows beyond cards, built at one position of the log; docs/figures.md specifies them.

`routes`: `GET /feed/figures` and `/feed/figures/list`; builds each figure once for all who ask and keeps it.
`measure`: the tools: percentiles, working time, the moment of a figure, how long stages took, the window of days.
`agencies`: which agency has the longest queue.
`trend`: today against the same weekday of the last weeks.
`overdue`: which complaints are furthest beyond their limit, and how far they have escalated.
`signs`: what is unusual now, which places recur, which matters grow.
`visit`: today's results for guests, with the released before-and-after pictures.
`lead`: leadership's figure and the lists of complaints behind its numbers.
`evaluations`: `GET /api/v1/evaluation`, as a table too, and the complaints behind its numbers.
"""
