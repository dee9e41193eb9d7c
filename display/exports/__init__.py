"""The lists of the desk as files, CSV or XLSX, with the rights, filters and masks of the pages that show them.

- `download`: a table as the answer to a request, its columns in the reader's language
- `lists`: the columns of outbox, alarms, people, screens and sources
- `desk_queue`: the duty desk's list: its views, filters and order, and its columns
- `reports`: reports that were made, as a list and as PDF
- `routes`: ``/api/v1/LIST.csv`` and ``.xlsx``
"""
