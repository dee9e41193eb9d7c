"""Tables that offices write: CSV, JSON, JSON lines, GeoJSON and XLSX as rows, what their columns mean, and as reports.

- `source_rows`: a row of any table, and how its values are found by the name of a column
- `delimited`: CSV in whatever encoding, delimiter and quoting
- `json_rows`: JSON lines, a JSON array, the features of GeoJSON
- `workbook`: the sheets of an XLSX file that have its table, within bounds
- `file_kinds`: which of these a file is, and what is said of it
- `cells`: one cell as a moment, a number of degrees or a point, however it is written
- `column_names`: the names by which offices call the fields of a report
- `table_plan`: which column is which field and how cells are read (`TablePlan`), and by that a row as a report
- `export`: a table written as CSV or XLSX, without formulas, in pages
- `understood`: the plan that a file itself suggests, why, and what a person has to be asked
"""
