"""What payments were: a customer who did not make one, and what banks, schemes and staff say of one."""

from __future__ import annotations

from datetime import datetime
from typing import Literal, TypeAlias
from uuid import UUID

import msgspec
from litestar import Response
from litestar.params import JSONBody

from tiao.api import ids
from tiao.api.idempotency import once
from tiao.api.ids import IdempotencyKey, Instant, PurchaseInPath
from tiao.api.operation import C, O, makes, reads
from tiao.api.services import Call
from tiao.checkout import actions as checkout
from tiao.checkout import reviewing
from tiao.checkout.refusals import PurchaseUnknown
from tiao.partners.scopes import Scope
from tiao.risk.labels import actions as labels
from tiao.risk.labels.model import Label, NewLabel, Source
from tiao.risk.labels.rules import standing
from tiao.risk.refusals import PaymentNotReportable
from tiao.runtime.db import Tx
from tiao.values.ids import read_id, show_id
from tiao.values.moment import Moment

ToldSource: TypeAlias = Literal["chargeback", "recall", "collections", "correction"]


class ReportGiven(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The customer says: not me."""

    is_mine: Literal[False] = False


class LabelGiven(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a payment was, who says so, and since when that is known: now, when nothing is said."""

    source: ToldSource
    is_fraud: bool
    known_at: Instant | None = None


class LabelShown(msgspec.Struct, frozen=True):
    """What somebody said. *learned_at*: since when the features know."""

    source: Source
    is_fraud: bool
    actor: str
    known_at: datetime
    told_at: datetime
    learned_at: datetime | None


class LabelsShown(msgspec.Struct, frozen=True):
    """Everything said of a payment, in order, and what counts; null when nothing was said."""

    purchase: str
    is_fraud: bool | None
    counts: Source | None
    data: list[LabelShown]


@makes(
    "/v1/purchases/{purchase_id:str}/reports",
    by=[C],
    scope=Scope.PURCHASES_WRITE,
    refuses=[PurchaseUnknown, PaymentNotReportable],
)
async def report_purchase(
    call: Call, purchase_id: PurchaseInPath, data: JSONBody[ReportGiven], key: IdempotencyKey
) -> Response[LabelsShown]:
    """Say that a payment was not the customer's own: it ends if it still can, and the line is frozen meanwhile."""
    wanted = read_id(ids.PURCHASE, purchase_id)

    async def work(tx: Tx, now: Moment) -> LabelsShown:
        await reviewing.report(tx, now, wanted, customer_id=call.caller.subject_id)
        return _shown(wanted, [each for each in await labels.labels_of(tx, [wanted]) if each.actor == "customer"])

    return await once(call, key, data, work)


@makes("/v1/purchases/{purchase_id:str}/labels", by=[O], scope=Scope.CASES_WRITE, refuses=[PurchaseUnknown])
async def label_purchase(
    call: Call, purchase_id: PurchaseInPath, data: JSONBody[LabelGiven], key: IdempotencyKey
) -> Response[LabelsShown]:
    """Note what a payment turned out to be. Said again otherwise, it is corrected; a correction outweighs all."""
    wanted = read_id(ids.PURCHASE, purchase_id)

    async def work(tx: Tx, now: Moment) -> LabelsShown:
        purchase = await checkout.purchase_of(tx, wanted)
        new = NewLabel(wanted, purchase.customer_id, Source(data.source), data.is_fraud, call.person, data.known_at)
        await labels.tell(tx, now, [new])
        return _shown(wanted, await labels.labels_of(tx, [wanted]))

    return await once(call, key, data, work)


@reads("/v1/purchases/{purchase_id:str}/labels", by=[O], scope=Scope.CASES_WRITE, refuses=[PurchaseUnknown])
async def read_labels(call: Call, purchase_id: PurchaseInPath) -> LabelsShown:
    """Show everything said of a payment, and what counts."""
    wanted = read_id(ids.PURCHASE, purchase_id)
    async with call.db.begin() as tx:
        await checkout.purchase_of(tx, wanted)
        return _shown(wanted, await labels.labels_of(tx, [wanted]))


def _shown(purchase_id: UUID, said: list[Label]) -> LabelsShown:
    counts = standing(said) if said else None
    return LabelsShown(
        show_id(ids.PURCHASE, purchase_id),
        None if counts is None else counts.is_fraud,
        None if counts is None else counts.source,
        [
            LabelShown(each.source, each.is_fraud, each.actor, each.known_at, each.told_at, each.learned_at)
            for each in said
        ],
    )


ROUTES = [report_purchase, label_purchase, read_labels]
