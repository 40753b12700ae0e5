"""The tables of an index in PostgreSQL, partitioned by slice of time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dedup.index import stores

if TYPE_CHECKING:
    import psycopg

_SCHEMA = f"""
CREATE TABLE dedup_meta (name text PRIMARY KEY, value bytea);
INSERT INTO dedup_meta VALUES ('store', '{stores.FORMAT}');
CREATE SEQUENCE dedup_number;
CREATE TABLE dedup_articles (slice int, number bigint, id text, time bigint, cluster text,
  story text, n_keys int, payload bytea) PARTITION BY LIST (slice);
ALTER TABLE dedup_articles ALTER payload SET STORAGE EXTERNAL;
CREATE INDEX ON dedup_articles (number);
CREATE INDEX ON dedup_articles (id);
CREATE INDEX ON dedup_articles (cluster) WHERE cluster <> id;
CREATE INDEX ON dedup_articles (story) WHERE story <> id;
CREATE TABLE dedup_postings (slice int, key int, number bigint) PARTITION BY LIST (slice);
CREATE INDEX ON dedup_postings (key, number);
"""


def exist(db: psycopg.Connection[Any]) -> bool:
    """Say whether the database has our tables."""
    found = db.execute("SELECT to_regclass('dedup_meta')").fetchone()
    return found is not None and found[0] is not None


def make(db: psycopg.Connection[Any], lock: int) -> None:
    """Make the tables, unless another worker has; `lock` lets one at a time try."""
    with db.transaction():
        db.execute("SELECT pg_advisory_xact_lock(%s, 0)", (lock,))
        if not exist(db):
            db.execute(_SCHEMA)
