"""Evaluation: what happened in a period, by agency, category, place or hour; docs/measures.md defines every number.

- `periods`: days, weeks, months, quarters and years of the city, the ones before, and the same of last year
- `measures`: what an evaluation says, as types, and the arithmetic of shares and percentiles
- `evaluator`: reads an evaluation from the stays in slices, and keeps answers; the complaints behind a number
- `evaluation_table`: an evaluation as a table to export
- `expectation`: when a complaint is likely to be finished, by its agency's own record
"""
