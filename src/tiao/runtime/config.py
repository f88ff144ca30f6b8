"""The configuration: a few environment variables, read once at the edge."""

from __future__ import annotations

import base64
import binascii
import os
import re
import secrets
from collections.abc import Mapping
from pathlib import Path

import msgspec
from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict

from tiao.runtime.placement import VARIABLE as BUCKET_MAP
from tiao.runtime.placement import BucketMap, read_bucket_map
from tiao.values.refusal import Kind, Refusal

FIELD_KEY_BYTES = 32
_PROGRAMME = re.compile(r"^[a-z][a-z0-9_]{0,39}$")
_PORT_MAX = 65535


class BadConfiguration(Refusal):
    """An environment variable has a value that cannot be used."""

    kind = Kind.INVALID


class Config(msgspec.Struct, frozen=True, kw_only=True):
    """Where this installation keeps its things and how it is reached."""

    database_url: str | None
    var: Path
    host: str
    port: int
    programme: str
    field_key: bytes | None
    #: Several servers; None when one holds everything.
    bucket_map: BucketMap | None = None
    #: An operator's own products; without it those that ship.
    products: Path | None = None

    def __repr__(self) -> str:
        """Show everything but the key and the database's password."""
        where = "its own PostgreSQL" if self.database_url else "the embedded PostgreSQL"
        if self.bucket_map is not None:
            where = f"{len(self.bucket_map.shards)} servers"
        return f"Config(var={self.var}, host={self.host}, port={self.port}, programme={self.programme}, on {where})"

    @property
    def cluster_dir(self) -> Path:
        """Where the embedded PostgreSQL keeps its data."""
        return self.var / "postgres"


def read_config(environment: Mapping[str, str]) -> Config:
    """Read the configuration; variables that are empty count as absent.

    Refuses: BadConfiguration, naming the variable; BucketMapInvalid.
    """
    given = {name: value.strip() for name, value in environment.items() if value.strip()}
    if BUCKET_MAP in given and "TIAO_DATABASE_URL" in given:
        raise BadConfiguration(f"{BUCKET_MAP} names every server; unset TIAO_DATABASE_URL", variable=BUCKET_MAP)
    return Config(
        database_url=_database_url(given.get("TIAO_DATABASE_URL")),
        var=Path(given.get("TIAO_VAR", "var")).absolute(),
        host=given.get("TIAO_HOST", "127.0.0.1"),
        port=_port(given.get("TIAO_PORT", "8000")),
        programme=_programme(given.get("TIAO_PROGRAMME", "tiao")),
        field_key=_field_key(given.get("TIAO_FIELD_KEY"), "TIAO_FIELD_KEY"),
        bucket_map=read_bucket_map(given[BUCKET_MAP]) if BUCKET_MAP in given else None,
        products=Path(given["TIAO_PRODUCTS"]).absolute() if "TIAO_PRODUCTS" in given else None,
    )


def field_key(config: Config) -> bytes:
    """Give the key that encrypts personal fields: the configured one, or one made once and kept in var/secrets.

    Refuses: BadConfiguration when the kept key is damaged; it is never replaced, for data depends on it.
    """
    if config.field_key is not None:
        return config.field_key
    path = config.var / "secrets" / "field.key"
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        kept = _field_key(path.read_text().strip(), str(path))
        assert kept is not None
        return kept
    made = secrets.token_bytes(FIELD_KEY_BYTES)
    with os.fdopen(descriptor, "w") as file:
        file.write(base64.b64encode(made).decode() + "\n")
        file.flush()
        os.fsync(file.fileno())
    return made


def _database_url(text: str | None) -> str | None:
    if text is None:
        return None
    try:
        conninfo_to_dict(text)
    except ProgrammingError as error:
        raise BadConfiguration("TIAO_DATABASE_URL is not a PostgreSQL URL", variable="TIAO_DATABASE_URL") from error
    return text


def _port(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= _PORT_MAX:
        raise BadConfiguration(f"TIAO_PORT is {text!r}; it must be 1 to {_PORT_MAX}", variable="TIAO_PORT")
    return int(text)


def _programme(text: str) -> str:
    if not _PROGRAMME.match(text):
        detail = f"TIAO_PROGRAMME is {text!r}; it must be a letter, then up to 39 letters, digits or _, in lower case"
        raise BadConfiguration(detail, variable="TIAO_PROGRAMME")
    return text


def _field_key(text: str | None, source: str) -> bytes | None:
    if text is None:
        return None
    try:
        key = base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise BadConfiguration(f"{source} is not base64", variable=source) from error
    if len(key) != FIELD_KEY_BYTES:
        detail = f"{source} holds {len(key)} bytes; it must hold {FIELD_KEY_BYTES}"
        raise BadConfiguration(detail, variable=source)
    return key
