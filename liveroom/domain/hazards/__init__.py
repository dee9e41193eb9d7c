"""Hazards: warnings of weather, floods and the like that a public service issues in CAP 1.2.

- `cap_alert`: a document of the Common Alerting Protocol as it was read, with what of it is ever shown
- `lifecycle`: which hazards a document issues, updates or ends, whatever the order in which documents come
"""
