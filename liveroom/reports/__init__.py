"""Printed reports: the daily brief, weekly and monthly reports, the situation map; made by hand or by the schedule.

Figures are read at one position of the log and are codes and numbers alone; language, words and paper come after.

- `edition`: which report, of what, and its file as PDF, HTML, CSV or XLSX
- `brief`, `review`: the figures of a day, and of a week or a month
- `paper`, `review_paper`: the same as pages of HTML in one language
- `ground`: the one map of a printed page
- `figure_rows`: the figures as a table
- `printer`: HTML -> PDF by WeasyPrint, in a process of its own
- `situation_map`: what is open where, as one offline HTML file by folium
- `schedule`: what is due when and for whom; each is made once, kept and sent
"""
