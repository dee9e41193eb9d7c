"""Tables of offices: how cells are read, what columns are taken for, and what is no table."""
