"""Complaints: their rules, pure.

`model`: what a complaint is: states, status, stages, deadlines.
`commands`: who may give which command, in which states, with which fields; `allowed`, `parse`.
`decide`: command + complaint + now -> events or a refusal.
`evolve`: complaint + event -> complaint.
`deadlines`: how a deadline is planned, moved over a pause, and explained.
`settle`: what time alone, or a new policy, makes true.
`intake`: JSON -> report -> events of a new or amended complaint.
`proof`: facts of photos and videos, and the findings about a proof.
"""
