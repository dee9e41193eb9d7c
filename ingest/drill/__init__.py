"""The drill: endless days of invented complaints and their handling by simulated staff, all of it from a seed.

- `script`: drill.yaml of the pack -> how much is reported, when, where and in which words; points inside the areas.
- `programme`: seed + date -> the day's drafts; draft -> report. Pure.
- `staff`: draft -> the plan of its handling (pure); gives each case its next command; acknowledges alarms.
- `history`: the weeks that a new drill has lived: the same programme and plans, with a clock that is turned.
- `day_record`: a day of a drill as one static page with a scrubber.
- `driver`: does whatever is due at room time: hands reports in, lets staff and operator work.
"""
