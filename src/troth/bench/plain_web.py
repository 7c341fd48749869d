"""The baseline over HTTP: the same framework serves the same rows from the same engine, in plaintext.

It is what a good developer writes without privacy: FastAPI, models, SQLAlchemy Core, one connection from
the pool for each request, one commit for each write; no key, no decision, no ledger. Run by the benchmark as
`python -m troth.bench.plain_web DATABASE PORT`.
"""

import sys
from typing import Annotated, Any

import uvicorn
from fastapi import Depends, FastAPI, Header, HTTPException
from pydantic import BaseModel
from sqlalchemy import Column, Engine, Index, Integer, MetaData, String, Table, create_engine, event, select

META = MetaData()
ACCOUNTS = Table(
    "accounts",
    META,
    Column("subject", String(32), primary_key=True),
    Column("email", String(254), unique=True),
    Column("phone", String(32), unique=True),
    Column("username", String(64), unique=True),
)
TRANSACTIONS = Table(
    "transactions",
    META,
    Column("id", Integer, primary_key=True),
    Column("subject", String(32), nullable=False),
    Column("time", String(40)),
    Column("kind", String(20)),
    Column("amount", String(24)),
    Column("currency", String(3)),
    Column("reference", String(128)),
    Index("of_subject", "subject"),
)
KEY = "plain-key"
THREADS = 40  # in which the framework serves


class Transaction(BaseModel):
    """One transaction as it is sent."""

    subject: str
    time: str
    kind: str
    amount: str
    currency: str
    reference: str


class Account(BaseModel):
    """One account as it is answered."""

    subject: str
    email: str | None
    phone: str | None
    username: str | None


def engine_of(path: str) -> Engine:
    """Return the engine of a SQLite file, as durable as the house's, with a connection for every thread."""
    engine = create_engine(f"sqlite:///{path}", pool_size=THREADS, max_overflow=0)

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _: object) -> None:  # noqa: ANN401 - a driver's connection
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=10000"):
            connection.execute(f"PRAGMA {pragma}")

    return engine


def application(path: str) -> FastAPI:
    """Return the application over a database."""
    engine = engine_of(path)
    app = FastAPI(openapi_url=None)

    def permitted(authorization: Annotated[str, Header()] = "") -> None:
        if authorization != f"Bearer {KEY}":
            raise HTTPException(401)

    @app.get("/accounts/{subject}", dependencies=[Depends(permitted)])
    def read(subject: str) -> Account:
        with engine.connect() as connection:
            row = connection.execute(select(ACCOUNTS).where(ACCOUNTS.c.subject == subject)).one_or_none()
        if row is None:
            raise HTTPException(404)
        return Account(**row._mapping)  # noqa: SLF001 - SQLAlchemy's public name begins so

    @app.post("/transactions", status_code=201, dependencies=[Depends(permitted)])
    def write(transaction: Transaction) -> dict[str, int]:
        with engine.begin() as connection:
            made = connection.execute(TRANSACTIONS.insert().values(**transaction.model_dump()))
        return {"id": int((made.inserted_primary_key or (0,))[0])}

    return app


if __name__ == "__main__":
    uvicorn.run(
        application(sys.argv[1]),
        host="127.0.0.1",
        port=int(sys.argv[2]),
        log_level="critical",
        access_log=False,
    )
