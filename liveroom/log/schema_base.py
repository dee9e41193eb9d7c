"""What all tables share, so that a topic's tables can stand in a file of their own."""

from sqlalchemy import MetaData

metadata = MetaData()
