"""The two databases of a house, as SQLAlchemy knows them: the tables of each register here."""

from sqlalchemy import MetaData

store = MetaData()
keystore = MetaData()
