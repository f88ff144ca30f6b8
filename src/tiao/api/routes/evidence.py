"""What is said and shown in a dispute."""

from __future__ import annotations

import base64
from typing import Annotated

import msgspec
from litestar import Response
from litestar.params import JSONBody, PathParameter

from tiao.api import ids
from tiao.api.idempotency import once
from tiao.api.ids import DisputeInPath, IdempotencyKey, Text, Words
from tiao.api.operation import C, M, O, makes, reads
from tiao.api.refusals import RequestMalformed
from tiao.api.routes.disputes import DisputeShown, FileShown, dispute_shown, file_shown, own_dispute
from tiao.api.services import Call
from tiao.checkout.disputes import actions as disputes
from tiao.checkout.disputes.model import Author, NewFile
from tiao.checkout.disputes.refusals import (
    DisputeClosed,
    DisputeUnknown,
    EvidenceFileInvalid,
    EvidenceTooLate,
    EvidenceTooMuch,
    EvidenceUnknown,
)
from tiao.partners.scopes import Scope
from tiao.runtime.db import Tx
from tiao.runtime.secrets import FieldUnreadable
from tiao.values.ids import read_id
from tiao.values.moment import Moment

FileName = Annotated[str, msgspec.Meta(pattern=r"^[^\u0000-\u001f\u007f/\\\\]{1,100}$")]
Content = Annotated[str, msgspec.Meta(min_length=4, max_length=56_000, description="The file in Base64.")]
FileInPath = Annotated[int, PathParameter(ge=1, le=99, description="The number of a file, from 1.")]


class StatementGiven(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What somebody says."""

    text: Words


class FileGiven(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Evidence: a PDF, a JPEG or PNG image, or plain text, of at most 40,000 bytes."""

    name: FileName
    media_type: Text
    content: Content


@makes(
    "/v1/disputes/{dispute_id:str}/statements",
    by=[C, M, O],
    scope=Scope.DISPUTES_WRITE,
    refuses=[DisputeUnknown, DisputeClosed, EvidenceTooLate, EvidenceTooMuch],
)
async def add_statement(
    call: Call, dispute_id: DisputeInPath, data: JSONBody[StatementGiven], key: IdempotencyKey
) -> Response[DisputeShown]:
    """Say something; a merchant's first word answers the claim."""
    wanted = read_id(ids.DISPUTE, dispute_id)

    async def work(tx: Tx, now: Moment) -> DisputeShown:
        await own_dispute(tx, call, wanted)
        return dispute_shown(await disputes.say(tx, now, call.platform.vault, wanted, _author(call), data.text))

    return await once(call, key, data, work)


@makes(
    "/v1/disputes/{dispute_id:str}/files",
    by=[C, M, O],
    scope=Scope.DISPUTES_WRITE,
    refuses=[DisputeUnknown, DisputeClosed, EvidenceTooLate, EvidenceFileInvalid, EvidenceTooMuch],
)
async def add_file(
    call: Call, dispute_id: DisputeInPath, data: JSONBody[FileGiven], key: IdempotencyKey
) -> Response[FileShown]:
    """Show something; a merchant's first piece of evidence answers the claim."""
    wanted = read_id(ids.DISPUTE, dispute_id)
    try:
        content = base64.b64decode(data.content, validate=True)
    except ValueError as error:  # also of signs that are no ASCII
        raise RequestMalformed("the content is not Base64", pointer="/content") from error

    async def work(tx: Tx, now: Moment) -> FileShown:
        await own_dispute(tx, call, wanted)
        new = NewFile(data.name, data.media_type, content)
        _, made = await disputes.show(tx, now, call.platform.vault, wanted, _author(call), new)
        return file_shown(made)

    return await once(call, key, data, work)


@reads(
    "/v1/disputes/{dispute_id:str}/files/{number:int}",
    by=[C, M, O],
    scope=Scope.DISPUTES_READ,
    refuses=[DisputeUnknown, EvidenceUnknown, FieldUnreadable],
    media_type="application/octet-stream",
)
async def read_file(call: Call, dispute_id: DisputeInPath, number: FileInPath) -> Response[bytes]:
    """Download a piece of evidence; it is sent as a file, never as a page."""
    async with call.db.begin() as tx:
        found = await own_dispute(tx, call, read_id(ids.DISPUTE, dispute_id))
        content = await disputes.content_of(tx, call.platform.vault, found, number)
    headers = {
        "Content-Disposition": f'attachment; filename="evidence-{number}"',
        "X-Content-Type-Options": "nosniff",
    }
    return Response(content, media_type="application/octet-stream", headers=headers)


def _author(call: Call) -> Author:
    return Author(call.caller.role.value)


ROUTES = [add_statement, add_file, read_file]
