"""Open data: a month's complaints as files for everybody, without persons, words or exact places.

`anonymity`: which complaints are said together, so that nobody stands alone, and what a later edition may change.
`columns`: the columns of the files, and the row of a complaint. `editions`: the files themselves, written whole, and
what is known of each month's. `publication`: makes a month's files from one position of the log. `monthly_job`: makes
them once a month.
"""
