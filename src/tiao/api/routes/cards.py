"""Cards: bound by four elements and a code, shown by their last four digits, put in order, unbound."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import msgspec
from litestar import Response
from litestar.params import JSONBody

from tiao.api import ids
from tiao.api.idempotency import given_before, once
from tiao.api.ids import CardInPath, IdempotencyKey
from tiao.api.operation import C, ends, makes, reads, sets
from tiao.api.services import Call
from tiao.identity.cards import actions as cards
from tiao.identity.cards import rules
from tiao.identity.cards.model import Card, CardState
from tiao.identity.cards.refusals import (
    CardAlreadyBound,
    CardCodeExpired,
    CardCodeWrong,
    CardHolderDiffers,
    CardIssuerUnknown,
    CardKindRefused,
    CardNotPending,
    CardNumberInvalid,
    CardUnknown,
    TooManyCards,
)
from tiao.identity.refusals import CustomerUnknown, PhoneInvalid
from tiao.partners.scopes import Scope
from tiao.payments import actions as payments
from tiao.payments.refusals import (
    BindingRefused,
    FundingSourceAlreadyBound,
    FundingSourceInUse,
    HolderCheckUnavailable,
)
from tiao.payments.routing.capability import CLASS_LIMITS_MINOR
from tiao.runtime.db import Tx
from tiao.runtime.secrets import FieldUnreadable
from tiao.servicing import binding
from tiao.servicing.binding import CardGiven
from tiao.values.ids import read_id, show_id
from tiao.values.moment import Moment

_CODE_SPACE = 10**rules.CODE_DIGITS


class CardToBind(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A card in the customer's own name; *phone* when its bank knows another than the customer's."""

    card_number: Annotated[str, msgspec.Meta(pattern="^[0-9 -]{13,30}$", description="The number on the card.")]
    phone: Annotated[str, msgspec.Meta(min_length=1, max_length=32)] | None = None

    def __repr__(self) -> str:
        """Say nothing of the number."""
        return "CardToBind(...)"


class CodeGiven(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The code that was sent."""

    code: Annotated[str, msgspec.Meta(pattern="^[0-9]{6}$", description="Six digits.")]
    is_autopay_agreed: bool = False


class CardShown(msgspec.Struct, frozen=True):
    """A card as its customer recognises it. *daily_limit_minor*: what its class of account lets be taken a day.

    *funding_source* is what repayments name, once the card is bound. The first in *position* is used first.
    """

    id: str
    display: str
    issuer: str
    tail: str
    state: CardState
    account_class: int | None
    daily_limit_minor: int | None
    funding_source: str | None
    position: int | None
    autopay_agreed_at: datetime | None
    code_until: datetime | None


class CardList(msgspec.Struct, frozen=True):
    """A customer's cards, in the order in which they are used; those that wait for a code last."""

    data: list[CardShown]


@makes(
    "/v1/cards",
    by=[C],
    scope=Scope.FUNDING_WRITE,
    refuses=[
        CardNumberInvalid,
        CardIssuerUnknown,
        CardKindRefused,
        PhoneInvalid,
        CardAlreadyBound,
        TooManyCards,
        CardHolderDiffers,
        HolderCheckUnavailable,
        CustomerUnknown,
        FieldUnreadable,
    ],
)
async def begin_card(call: Call, data: JSONBody[CardToBind], key: IdempotencyKey) -> Response[CardShown]:
    """Begin to bind a card: its bank confirms the holder, and a code is sent to the customer."""
    given: Response[CardShown] | None = await given_before(call, key, data)
    if given is not None:
        return given
    code = f"{int.from_bytes(call.services.random_bytes(8), 'big') % _CODE_SPACE:0{rules.CODE_DIGITS}}"
    asked = CardGiven(call.caller.subject_id, data.card_number, data.phone, key)
    card = await binding.begin(call.platform.binder, asked, code=code)

    async def work(_tx: Tx, _now: Moment) -> CardShown:
        return _shown(card, None, None)

    return await once(call, key, data, work)


@makes(
    "/v1/cards/{card_id:str}/confirmation",
    by=[C],
    scope=Scope.FUNDING_WRITE,
    status=200,
    is_keyed=False,
    refuses=[
        CardUnknown,
        CardNotPending,
        CardCodeExpired,
        CardCodeWrong,
        BindingRefused,
        CardAlreadyBound,
        FundingSourceAlreadyBound,
        FieldUnreadable,
    ],
)
async def confirm_card(call: Call, card_id: CardInPath, data: JSONBody[CodeGiven]) -> CardShown:
    """Confirm a card with the code; the banks are asked for their agreement to debit it."""
    card = await binding.confirm(
        call.platform.binder,
        customer_id=call.caller.subject_id,
        card_id=read_id(ids.CARD, card_id),
        code=data.code,
        is_autopay_agreed=data.is_autopay_agreed,
    )
    shown = await _all(call)
    return next(each for each in shown if each.id == show_id(ids.CARD, card.id))


@reads("/v1/cards", by=[C], scope=Scope.FUNDING_WRITE)
async def list_cards(call: Call) -> CardList:
    """List the customer's cards, in the order in which they are used."""
    return CardList(await _all(call))


@sets("/v1/cards/{card_id:str}/default", by=[C], scope=Scope.FUNDING_WRITE, refuses=[CardUnknown, CardNotPending])
async def put_card_first(call: Call, card_id: CardInPath) -> CardList:
    """Use a card before all others."""
    async with call.db.begin() as tx:
        card = await cards.card(tx, call.caller.subject_id, read_id(ids.CARD, card_id))
        if card.source_id is None or card.state is not CardState.BOUND:
            raise CardNotPending("only a bound card can be used first")
        await payments.put_first(tx, customer_id=call.caller.subject_id, source_id=card.source_id)
    return CardList(await _all(call))


@ends("/v1/cards/{card_id:str}", by=[C], scope=Scope.FUNDING_WRITE, refuses=[CardUnknown, FundingSourceInUse])
async def unbind_card(call: Call, card_id: CardInPath) -> CardShown:
    """Unbind a card: nothing is taken from it any more, and its number is erased."""
    async with call.db.begin() as tx:
        now = await call.platform.moments(tx)
        wanted = read_id(ids.CARD, card_id)
        return _shown(await binding.unbind(tx, now, customer_id=call.caller.subject_id, card_id=wanted), None, None)


async def _all(call: Call) -> list[CardShown]:
    async with call.db.begin() as tx:
        sources = await payments.sources_of(tx, call.caller.subject_id)
        found = await cards.cards_of(tx, call.caller.subject_id)
    order = {each.id: (place, each.autopay_agreed_at) for place, each in enumerate(sources)}
    nowhere = (None, None)
    shown = [_shown(each, *(order.get(each.source_id, nowhere) if each.source_id else nowhere)) for each in found]
    return sorted(shown, key=lambda each: len(sources) if each.position is None else each.position)


def _shown(card: Card, position: int | None, autopay_agreed_at: datetime | None) -> CardShown:
    return CardShown(
        id=show_id(ids.CARD, card.id),
        display=f"{rules.issuer_name(card.issuer)} {card.tail}",
        issuer=card.issuer,
        tail=card.tail,
        state=card.state,
        account_class=card.account_class,
        daily_limit_minor=CLASS_LIMITS_MINOR.get(card.account_class or 1),
        funding_source=ids.shown(ids.SOURCE, card.source_id),
        position=position,
        autopay_agreed_at=autopay_agreed_at,
        code_until=card.code_until,
    )


ROUTES = [begin_card, confirm_card, list_cards, put_card_first, unbind_card]
