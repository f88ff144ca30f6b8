"""What customers ask people to do: complaints, data rights, help in hardship; and the answers."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec
from litestar import Response
from litestar.params import JSONBody

from tiao.api import ids
from tiao.api.idempotency import once
from tiao.api.ids import CustomerId, IdempotencyKey, PetitionInPath, Words
from tiao.api.operation import C, O, makes, reads
from tiao.api.routes.adjustments import actor
from tiao.api.services import Call
from tiao.lending import daily
from tiao.lending.refusals import LoanUnknown
from tiao.partners.scopes import Scope
from tiao.payments.refusals import FundingSourceInUse
from tiao.petitions import actions as petitions
from tiao.petitions.actions import NewPetition
from tiao.petitions.model import Petition, PetitionKind, PetitionState
from tiao.petitions.refusals import PetitionEnded, PetitionUnknown
from tiao.petitions.rules import answer_time
from tiao.runtime.db import Tx
from tiao.servicing import binding
from tiao.values.ids import read_id, show_id
from tiao.values.moment import Moment

#: How many are shown to who works them; the soonest owed come first.
SHOWN_MAX = 200


class PetitionGiven(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is asked for, in one's own words; *loan*: which one, of help in hardship."""

    kind: PetitionKind
    words: Words
    loan: ids.Id | None = None


class PetitionAnswer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whether what was asked for was done, and the answer in words."""

    is_done: bool
    words: Words


class PetitionShown(msgspec.Struct, frozen=True):
    """What was asked for, by when an answer is owed, and the answer."""

    id: str
    customer: CustomerId
    kind: PetitionKind
    words: str
    loan: str | None
    state: PetitionState
    made_at: datetime
    due_at: datetime
    ended_at: datetime | None
    answer: str | None


class PetitionList(msgspec.Struct, frozen=True):
    """What was asked for: a customer's own, latest first; all that is open, what is owed soonest first."""

    data: list[PetitionShown]


@makes("/v1/petitions", by=[C], scope=Scope.APPLICATIONS_WRITE, refuses=[LoanUnknown])
async def ask_people(call: Call, data: JSONBody[PetitionGiven], key: IdempotencyKey) -> Response[PetitionShown]:
    """Ask people for something; an answer in words is owed by *due_at*. While the like is open, that is given."""

    async def work(tx: Tx, now: Moment) -> PetitionShown:
        book = call.platform.book
        about = None if data.loan is None else await _own_loan(tx, call, data.loan)
        time = answer_time(book.pack, data.kind, on=now.today, lender_type=book.lender_type)
        new = NewPetition(call.caller.subject_id, data.kind, data.words, about)
        return _shown(await petitions.ask(tx, now, call.platform.vault, new, answer_time=time))

    return await once(call, key, data, work)


@reads("/v1/petitions", by=[C, O], scope=Scope.DECISIONS_READ)
async def list_petitions(call: Call) -> PetitionList:
    """List one's own; an operator sees all that is open, on every server."""
    if not call.is_operator:
        async with call.db.begin() as tx:
            own = await petitions.petitions_of(tx, call.platform.vault, call.caller.subject_id)
        return PetitionList([_shown(each) for each in own])
    found: list[Petition] = []
    for platform in call.services.shards.all():
        async with platform.db.begin() as tx:
            found += await petitions.owed(tx, platform.vault, limit=SHOWN_MAX)
    return PetitionList([_shown(each) for each in sorted(found, key=lambda one: (one.due_at, one.id))[:SHOWN_MAX]])


@makes(
    "/v1/petitions/{petition_id:str}/withdrawal",
    by=[C],
    scope=Scope.APPLICATIONS_WRITE,
    status=200,
    is_keyed=False,
    refuses=[PetitionUnknown, PetitionEnded],
)
async def withdraw_petition(call: Call, petition_id: PetitionInPath) -> PetitionShown:
    """Take back what one asked for."""
    wanted, vault = read_id(ids.PETITION, petition_id), call.platform.vault
    async with call.db.begin() as tx:
        call.require_own(PetitionUnknown, customer_id=(await petitions.petition(tx, vault, wanted)).customer_id)
        return _shown(await petitions.withdraw(tx, await call.platform.moments(tx), vault, wanted))


@makes(
    "/v1/petitions/{petition_id:str}/answer",
    by=[O],
    scope=Scope.CASES_WRITE,
    refuses=[PetitionUnknown, PetitionEnded, FundingSourceInUse],
)
async def answer_petition(
    call: Call, petition_id: PetitionInPath, data: JSONBody[PetitionAnswer], key: IdempotencyKey
) -> Response[PetitionShown]:
    """Answer what a customer asked for; whatever it takes is done with its own endpoints before.

    Of one who asked for data to be deleted, the numbers of all cards are erased with the answer that it was done.
    """
    wanted = read_id(ids.PETITION, petition_id)

    async def work(tx: Tx, now: Moment) -> PetitionShown:
        vault = call.platform.vault
        answered = await petitions.answer(
            tx, now, vault, wanted, is_done=data.is_done, words=data.words, answered_by=actor(call)
        )
        if data.is_done and answered.kind is PetitionKind.DATA_DELETION:
            await binding.erase(tx, now, answered.customer_id)
        return _shown(answered)

    return await once(call, key, data, work)


async def _own_loan(tx: Tx, call: Call, loan: str) -> UUID:
    wanted = read_id(ids.LOAN, loan)
    found, _ = await daily.loan(tx, wanted)
    call.require_own(LoanUnknown, customer_id=found.customer_id)
    return wanted


def _shown(petition: Petition) -> PetitionShown:
    return PetitionShown(
        id=show_id(ids.PETITION, petition.id),
        customer=show_id(ids.CUSTOMER, petition.customer_id),
        kind=petition.kind,
        words=petition.words,
        loan=ids.shown(ids.LOAN, petition.about_id),
        state=petition.state,
        made_at=petition.made_at,
        due_at=petition.due_at,
        ended_at=petition.ended_at,
        answer=petition.answer,
    )


ROUTES = [ask_people, list_petitions, withdraw_petition, answer_petition]
