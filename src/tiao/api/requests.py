"""Reading a request strictly: one JSON object of the declared type, every field once, nothing more."""

from __future__ import annotations

import json
from collections.abc import Hashable
from functools import cache
from typing import Any

import msgspec
from litestar import Request
from litestar.datastructures import State

from tiao.api.problems import malformed
from tiao.api.refusals import MediaTypeUnsupported, RequestMalformed


class StrictRequest(Request[Any, Any, State]):
    """A request whose body is decoded straight into the handler's type.

    Litestar's own reading is lenient: it takes "5" for 5 and the last of two equal keys.
    """

    async def json(self) -> Any:  # noqa: ANN401  the handler's type is known to Litestar only
        """Read the body. Refuses: RequestMalformed, MediaTypeUnsupported."""
        media_type = self.headers.get("content-type", "application/json").partition(";")[0].strip().lower()
        if media_type != "application/json":
            raise MediaTypeUnsupported
        field = self.route_handler.parsed_data_field
        assert field is not None, "only a handler with data reads a body"
        return read_body(await self.body(), field.annotation)


def read_body(body: bytes, body_type: Hashable) -> Any:  # noqa: ANN401  see above
    """Decode a body. Refuses: RequestMalformed, naming the field."""
    try:
        read = _decoder(body_type).decode(body)
    except msgspec.DecodeError as error:
        raise malformed(error) from error
    except (RecursionError, UnicodeDecodeError) as error:
        raise RequestMalformed("the body is not JSON that anybody writes") from error
    json.loads(body, object_pairs_hook=_each_once)
    return read


@cache
def _decoder(body_type: Hashable) -> msgspec.json.Decoder[Any]:
    assert isinstance(body_type, type), "bodies are structs"
    return msgspec.json.Decoder(body_type)


def _each_once(pairs: list[tuple[str, object]]) -> None:
    seen = set()
    for name, _ in pairs:
        if name in seen:
            raise RequestMalformed(f"the field {name!r} stands there twice", pointer=f"/{name}")
        seen.add(name)
