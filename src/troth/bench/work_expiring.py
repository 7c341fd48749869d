"""What is over of a stream, on PostgreSQL: our sweep beside a plain DELETE, and beside a bare drop."""

from time import perf_counter

import psycopg

from troth.bench import people
from troth.bench.report import Part, figure, timed
from troth.bench.scene import POSTGRES, Pair, Scene, enrol, offer, take
from troth.clock import DAY
from troth.custody.endings import expiring

_HOUR = DAY // 24
_COPY = (  # ends five hours apart, of one day
    "INSERT INTO {table} SELECT subject, category_code, decode(md5(n::text), 'hex'), origin, collected_at,"
    " narrows_at + n %% 18000 * 1000000::bigint, expires_at + n %% 18000 * 1000000::bigint, sealed, shelf"
    " FROM (SELECT * FROM streams LIMIT 1) one, generate_series(1, %s) n"
)


def streams(scene: Scene) -> Part:
    """Measure the removal of a day of a stream that is over."""
    count = scene.sizes.streams
    part = Part(
        f"A day of a stream is over: {count:,} records",
        "Lines of usage log that ended on one day, on PostgreSQL. *By drop*: the sweep of a house that is"
        " swept often; nothing held, counted by clause, ledgered, the partition dropped. *Row by row*: the"
        " sweep of one that is not, chunk by chunk, every chunk with a line that commits to the ids of what"
        " went. Baselines on the same rows: one DELETE and its commit, and a bare DROP of a partition."
        " Records are unreadable from their instant on, whether or not any of this has run.",
    )
    if POSTGRES not in scene.engines:
        part.notes.append("No PostgreSQL is installed here.")
        return part
    with scene.pair(POSTGRES) as pair:
        pair.clock.forward(DAY + DAY // 2 - pair.clock() % DAY)  # noon, so that an end is far from midnight
        enrol(pair, 0, 1)
        scene.say(f"expire streams: {count:,} by drop")
        dropped = _swept(pair, count, often=True)
        scene.say(f"expire streams: {count:,} row by row")
        each = _swept(pair, count, often=False)
    with scene.pair(POSTGRES) as pair:
        pair.clock.forward(DAY + DAY // 2 - pair.clock() % DAY)
        enrol(pair, 0, 1)
        scene.say(f"expire streams: {count:,} by hand")
        deleted, bare = _by_hand(pair, count)
    part.lines += [
        timed(f"{count:,} records, by drop", dropped, "DELETE, commit", deleted, target=1),
        timed(f"{count:,} records, by drop", dropped, "bare DROP", bare),
        timed(f"{count:,} records, row by row", each, "DELETE, commit", deleted),
    ]
    part.notes.append(f"By drop: {figure(count / dropped)} records/s; row by row: {figure(count / each)}.")
    return part


def _swept(pair: Pair, count: int, *, often: bool) -> float:
    """Fill a day, let it be over, and sweep; return the seconds."""
    teller = pair.house.teller
    line = people.usage(0, pair.clock())
    take(pair.house, [offer(people.reference(0), "usage", "usage_log", "usage-script", line)])
    with _reached(pair) as connection:
        connection.execute(_COPY.format(table="streams").encode(), (count,))
        connection.execute("VACUUM ANALYZE streams")
    # from noon: until two in the night after the day, or until the evening of it, three weeks after a sweep
    for pause in (30 * DAY + 13 * _HOUR, _HOUR) if often else (9 * DAY, 21 * DAY + 6 * _HOUR):
        pair.clock.forward(pause)
        teller.alone(expiring.begin)
    start = perf_counter()
    removed = 0
    while (step := teller.alone(expiring.expire)).more:
        removed += step.removed
    took = perf_counter() - start
    if removed != count + 1:
        raise RuntimeError(f"{removed} records went, and {count + 1} were over")
    pair.clock.forward(DAY + DAY // 2 - pair.clock() % DAY)
    return took


def _by_hand(pair: Pair, count: int) -> tuple[float, float]:
    """Fill the same day twice; return the seconds of a DELETE, and of a bare drop."""
    line = people.usage(0, pair.clock())
    take(pair.house, [offer(people.reference(0), "usage", "usage_log", "usage-script", line)])
    with _reached(pair) as connection:
        connection.execute("CREATE TABLE plain (LIKE streams INCLUDING ALL)")
        connection.execute("CREATE TABLE whole (LIKE streams INCLUDING ALL) PARTITION BY RANGE (expires_at)")
        connection.execute("CREATE TABLE whole_day PARTITION OF whole DEFAULT")
        for table in ("plain", "whole"):
            connection.execute(_COPY.format(table=table).encode(), (count,))
        connection.execute("VACUUM ANALYZE")
        start = perf_counter()
        connection.execute("DELETE FROM plain WHERE expires_at <= %s", (pair.clock() + 400 * DAY,))
        deleted = perf_counter() - start
        start = perf_counter()
        connection.execute("DROP TABLE whole_day")
        return deleted, perf_counter() - start


def _reached(pair: Pair) -> "psycopg.Connection[tuple[object, ...]]":
    url = pair.house.teller.house.filing.store.engine.url
    plain = url.set(drivername="postgresql").render_as_string(hide_password=False)
    return psycopg.connect(plain, autocommit=True)
