"""The API document: OpenAPI 3.1 made from the handlers' types, and nothing written by hand beside them."""

from __future__ import annotations

from functools import cache
from typing import Any

import msgspec
from litestar import Litestar, Response, get
from litestar.di import Provide
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.openapi.spec import Components, SecurityScheme

from tiao.api.operation import provide_call
from tiao.api.requests import StrictRequest
from tiao.api.routes import ROUTES

MEDIA_TYPE = "application/json"
_ABOUT = (
    "Amounts are integers in minor units, times RFC 3339, ids a prefix and 32 hexadecimal digits. Every POST that "
    "changes something takes an Idempotency-Key. Refusals are application/problem+json; each endpoint lists its own."
)


@cache
def document() -> bytes:
    """Write the document with its keys sorted, so that a change of the API is a change of lines."""
    app = Litestar(
        ROUTES,
        dependencies={"call": Provide(provide_call)},
        request_class=StrictRequest,
        openapi_config=OpenAPIConfig(
            title="tiao",
            version="1",
            description=_ABOUT,
            render_plugins=[JsonRenderPlugin()],
            components=Components(
                security_schemes={
                    "bearer": SecurityScheme(
                        type="http", scheme="bearer", description="A key: tiao_c_, tiao_m_, tiao_o_."
                    )
                }
            ),
        ),
    )
    plain = _plain(app.openapi_schema.to_schema())
    return msgspec.json.format(msgspec.json.encode(plain, order="sorted"), indent=2) + b"\n"


@get("/openapi.json", operation_id="read_document", include_in_schema=False)
async def read_document() -> Response[bytes]:
    """Give the API document. It stands beside the resources, for it is made of them."""
    return Response(document(), media_type=MEDIA_TYPE)


def _plain(value: Any) -> Any:  # noqa: ANN401  JSON
    """Write bounds of integers as integers."""
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value
