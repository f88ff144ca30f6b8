"""Where the programmes of this installation live: one database each, embedded or on a server of one's own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from tiao.runtime.config import Config
from tiao.runtime.embedded import Embedded
from tiao.runtime.placement import VARIABLE, BucketMap
from tiao.values.refusal import Refusal


class OneServerOnly(Refusal):
    """This command works on one server, not on those of TIAO_BUCKET_MAP."""


class Server:
    """The PostgreSQL server that holds the programmes, or the map of several that share one."""

    def __init__(self, config: Config, embedded: Embedded | None) -> None:
        self._config = config
        self.embedded = embedded

    @property
    def bucket_map(self) -> BucketMap | None:
        """The servers that share the programme, when there are several."""
        return self._config.bucket_map

    def url(self, programme: str | None = None) -> str:
        """Write the address of a programme's database; without a name, of the configured one.

        Refuses: OneServerOnly, from whoever has not asked for *bucket_map*.
        """
        if self.bucket_map is not None:
            raise OneServerOnly(f"unset {VARIABLE} to use it")
        if self.embedded is not None:
            return self.embedded.url(programme or self._config.programme)
        assert self._config.database_url is not None
        return (
            self._config.database_url
            if programme is None
            else make_conninfo(self._config.database_url, dbname=programme)
        )

    def url_of(self, programme: str | None, bucket: int | None = None) -> str:
        """Write the address of the server that keeps a bucket; without one, of what belongs to the programme."""
        if self.bucket_map is None or programme is not None:
            return self.url(programme)
        return self.bucket_map.shards[0 if bucket is None else self.bucket_map.number_of(bucket)].url

    def ensure_programme(self, programme: str | None = None) -> str:
        """Make the programme's database in the embedded server unless it is there; answer its address."""
        if self.embedded is not None:
            self.embedded.ensure_database(programme or self._config.programme)
        return self.url(programme)

    def programmes(self) -> list[str]:
        """Name the databases that hold a programme: on a server of one's own only the configured one."""
        if self.embedded is None:
            return [str(conninfo_to_dict(self.url()).get("dbname") or "")]
        return [name for name in self.embedded.databases() if _is_programme(self.embedded.url(name))]


@contextmanager
def open_server(config: Config) -> Iterator[Server]:
    """Reach the server: TIAO_DATABASE_URL's, or the embedded one, which stops with its last user.

    The servers of TIAO_BUCKET_MAP are their owner's; nothing is started for them.

    Refuses: DatabaseDidNotStart.
    """
    if config.database_url is not None or config.bucket_map is not None:
        yield Server(config, None)
        return
    embedded = Embedded.start(config.cluster_dir)
    try:
        yield Server(config, embedded)
    finally:
        embedded.stop()


def _is_programme(url: str) -> bool:
    with psycopg.connect(url) as connection:
        return connection.execute("select to_regclass('schema_migration') is not null").fetchone() == (True,)
