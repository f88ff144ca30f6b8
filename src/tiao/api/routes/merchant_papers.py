"""Documents of companies that apply: kept sealed with their digests, looked at for a reason that is kept too."""

from __future__ import annotations

import base64
from datetime import datetime
from typing import Annotated

import msgspec
from litestar import Response
from litestar.params import JSONBody, PathParameter

from tiao.api import ids
from tiao.api.idempotency import once
from tiao.api.ids import HexDigest, IdempotencyKey, MerchantApplicationInPath, Text
from tiao.api.operation import M, O, makes, reads
from tiao.api.refusals import RequestMalformed
from tiao.api.routes.merchant_applications import actor_of, own_application
from tiao.api.services import Call
from tiao.partners.onboarding import actions as onboarding
from tiao.partners.onboarding.model import KeptPaper, NewPaper
from tiao.partners.onboarding.refusals import (
    MerchantApplicationNotOpen,
    MerchantApplicationUnknown,
    PaperInvalid,
    PaperUnknown,
    TooManyPapers,
)
from tiao.partners.scenes.model import Paper
from tiao.partners.scopes import Scope
from tiao.runtime.db import Tx
from tiao.runtime.secrets import FieldUnreadable
from tiao.values.ids import read_id
from tiao.values.moment import Moment

#: Two million bytes in Base64, and the rest of the body.
_BODY_BYTES_MAX = 2_700_000

FileName = Annotated[str, msgspec.Meta(pattern=r"^[^\u0000-\u001f\u007f/\\]{1,100}$")]
Base64Content = Annotated[str, msgspec.Meta(min_length=4, max_length=2_666_672, description="The file in Base64.")]
PaperInPath = Annotated[int, PathParameter(ge=1, le=99, description="The number of a document, from 1.")]


class PaperGiven(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A document: a PDF, a JPEG or a PNG image of at most two million bytes."""

    kind: Paper
    name: FileName
    media_type: Text
    content: Base64Content


class PaperShown(msgspec.Struct, frozen=True):
    """A document without its content, and its SHA-256."""

    number: int
    kind: Paper
    name: str
    media_type: str
    size_bytes: int
    digest: HexDigest
    shown_by: str
    at: datetime


class PaperList(msgspec.Struct, frozen=True):
    """The documents of an application, in order."""

    data: list[PaperShown]


class PaperViewGiven(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why somebody looks."""

    reason: Text


class PaperContent(msgspec.Struct, frozen=True):
    """A document with its content in Base64."""

    paper: PaperShown
    content: str


class PaperViewShown(msgspec.Struct, frozen=True):
    """That somebody looked at a document, and why."""

    number: int
    viewer: str
    reason: str
    at: datetime


class PaperViewList(msgspec.Struct, frozen=True):
    """Who looked at an application's documents, latest first."""

    data: list[PaperViewShown]


@makes(
    "/v1/merchant_applications/{application_id:str}/papers",
    by=[M, O],
    scope=Scope.ONBOARDING_WRITE,
    refuses=[MerchantApplicationUnknown, MerchantApplicationNotOpen, PaperInvalid, TooManyPapers],
    body_bytes_max=_BODY_BYTES_MAX,
)
async def show_paper(
    call: Call, application_id: MerchantApplicationInPath, data: JSONBody[PaperGiven], key: IdempotencyKey
) -> Response[PaperShown]:
    """Show a document. It is kept sealed under the field key, with its digest."""
    try:
        content = base64.b64decode(data.content, validate=True)
    except ValueError as error:  # also of signs that are no ASCII
        raise RequestMalformed("the content is not Base64", pointer="/content") from error

    async def work(tx: Tx, now: Moment) -> PaperShown:
        found = await own_application(tx, call, application_id)
        new = NewPaper(data.kind, data.name, data.media_type, content)
        return _shown(await onboarding.show_paper(tx, now, call.platform.vault, found.id, new, actor=actor_of(call)))

    return await once(call, key, data, work)


@reads(
    "/v1/merchant_applications/{application_id:str}/papers",
    by=[M, O],
    scope=Scope.ONBOARDING_WRITE,
    refuses=[MerchantApplicationUnknown],
)
async def list_papers(call: Call, application_id: MerchantApplicationInPath) -> PaperList:
    """List documents without their content."""
    async with call.db.begin() as tx:
        found = await own_application(tx, call, application_id)
        return PaperList([_shown(each) for each in await onboarding.papers_of(tx, found.id)])


@makes(
    "/v1/merchant_applications/{application_id:str}/papers/{number:int}/views",
    by=[O],
    scope=Scope.ONBOARDING_WRITE,
    is_keyed=False,
    refuses=[MerchantApplicationUnknown, PaperUnknown, FieldUnreadable],
)
async def look_at_paper(
    call: Call, application_id: MerchantApplicationInPath, number: PaperInPath, data: JSONBody[PaperViewGiven]
) -> PaperContent:
    """Look at a document, for a reason: both are written down before it is shown. Its content is kept nowhere else."""
    async with call.db.begin() as tx:
        now = await call.platform.moments(tx)
        found = await own_application(tx, call, application_id)
        paper, content = await onboarding.look_at_paper(
            tx, now, call.platform.vault, found.id, number, viewer=actor_of(call), reason=data.reason
        )
    return PaperContent(_shown(paper), base64.b64encode(content).decode())


@reads(
    "/v1/merchant_applications/{application_id:str}/views",
    by=[O],
    scope=Scope.MERCHANTS_READ,
    refuses=[MerchantApplicationUnknown],
)
async def list_paper_views(call: Call, application_id: MerchantApplicationInPath) -> PaperViewList:
    """List who looked at which document, and why, latest first."""
    async with call.db.begin() as tx:
        found = await onboarding.application(tx, read_id(ids.MERCHANT_APPLICATION, application_id))
        views = await onboarding.views_of(tx, found.id)
    return PaperViewList([PaperViewShown(each.number, each.viewer, each.reason, each.at) for each in views])


def _shown(paper: KeptPaper) -> PaperShown:
    return PaperShown(
        number=paper.number,
        kind=paper.kind,
        name=paper.name,
        media_type=paper.media_type,
        size_bytes=paper.size_bytes,
        digest=paper.digest.hex(),
        shown_by=paper.shown_by,
        at=paper.at,
    )


ROUTES = [show_paper, list_papers, look_at_paper, list_paper_views]
