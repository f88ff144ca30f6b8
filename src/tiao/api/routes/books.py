"""The books, the close of day, and the test clock: what operators see and do."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import msgspec
from litestar.params import JSONBody

from tiao.api import ids
from tiao.api.ids import AccountCode, AnyPostingSource, Currency, DayInPath, Instant, JournalDay, OnDay
from tiao.api.operation import O, makes, reads
from tiao.api.paging import PAGE_DEFAULT, After, ByBucket, Limit, cut, place_of
from tiao.api.refusals import AdvanceTooLong, ClockIsMoving, CursorInvalid
from tiao.api.services import Call, Services
from tiao.ledger import actions as ledger
from tiao.ledger.model import BookedEntry, BookedPosting, TrialBalanceRow
from tiao.partners.scopes import Scope
from tiao.runtime.locks import TEST_CLOCK, alone
from tiao.runtime.programme import ClockMovesForward, NotATestClock, Programme, read_programme
from tiao.servicing import days
from tiao.servicing.close import GATHERS, STEPS, CloseStep, close_steps
from tiao.servicing.refusals import DayNotOver, DayOutOfTurn
from tiao.sharding.closing import close_everywhere
from tiao.sharding.reading import journal, trial_balance
from tiao.values.ids import BUCKETS, bucket_of, show_id

ADVANCE_MAX = timedelta(days=366)


class TrialBalance(msgspec.Struct, frozen=True):
    """Every account at the end of a closed day; balances on the normal side are positive."""

    on: date
    closed_through: date
    rows: list[TrialBalanceRow]


class EntryShown(msgspec.Struct, frozen=True):
    """One side of a posting; debits are positive. *owner* is whose account it is, in hexadecimal digits."""

    number: int
    account: int
    name: str
    owner: str
    currency: Currency
    amount_minor: int


class PostingShown(msgspec.Struct, frozen=True):
    """One business event in the books."""

    id: str
    kind: str
    effective_on: date
    booked_on: date
    recorded_at: datetime
    entries: list[EntryShown]


class PostingList(msgspec.Struct, frozen=True):
    """What a loan, repayment, refund or settlement booked, in order."""

    data: list[PostingShown]


class JournalPage(msgspec.Struct, frozen=True):
    """A page of what was booked on a day, in order of bucket and id."""

    data: list[PostingShown]
    has_more: bool
    next: str | None


class CloseStepOfPlan(msgspec.Struct, frozen=True):
    """How far one step of a close has come. *buckets* counts those of all servers; *rows_before*: the day before."""

    step: str
    buckets: int
    buckets_done: int
    rows_changed: int
    rows_before: int


class CloseShown(msgspec.Struct, frozen=True):
    """How far the close of a business day has come. *is_over*: it can be closed now, or is; *plan*: steps in order."""

    business_date: date
    is_closed: bool
    is_over: bool
    closed_through: date
    steps: list[CloseStep]
    plan: list[CloseStepOfPlan]


class AdvanceAsked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where to move the clock; every day on the way is lived through."""

    advance_to: Instant


class ClockShown(msgspec.Struct, frozen=True):
    """Where a test clock stands. *closed* lists the days that this request closed."""

    now_at: datetime
    today: date
    closed_through: date
    closed: list[date]


@reads("/v1/trial_balance", by=[O], scope=Scope.LEDGER_READ)
async def read_trial_balance(call: Call, on: OnDay = None) -> TrialBalance:
    """Show the trial balance at the end of a day, by default the last closed one."""
    day, closed_through, rows = await trial_balance(call.services.shards, on)
    return TrialBalance(day, closed_through, rows)


@reads("/v1/postings", by=[O], scope=Scope.LEDGER_READ)
async def list_postings(call: Call, source: AnyPostingSource) -> PostingList:
    """List what a loan, repayment, refund, settlement or payout booked, in order."""
    source_id = ids.read_any_id(source, ids.SOURCES_OF_POSTINGS)
    async with call.db.begin() as tx:
        found = await ledger.postings_of(tx, bucket_of(source_id), source_id)
    return PostingList([_posting_shown(posting, entries) for posting, entries in found])


@reads("/v1/journal", by=[O], scope=Scope.LEDGER_READ, refuses=[CursorInvalid])
async def read_journal(
    call: Call, on: JournalDay, account: AccountCode = None, limit: Limit = PAGE_DEFAULT, after: After = None
) -> JournalPage:
    """Read what was booked on a day, with every debit and credit; of one account, the postings that touch it."""
    place = place_of(after, ByBucket)
    found = await journal(call.services.shards, on, account=account, after=place, limit=limit + 1)
    page = cut(found, limit, lambda each: ByBucket(each[0].bucket, each[0].id))
    return JournalPage([_posting_shown(*each) for each in page.items], page.has_more, page.next)


@makes(
    "/v1/close/{business_date:date}",
    by=[O],
    scope=Scope.CLOSE_WRITE,
    status=200,
    is_keyed=False,
    refuses=[DayNotOver, DayOutOfTurn],
)
async def close_business_day(call: Call, business_date: DayInPath) -> CloseShown:
    """Close a business day that is over, or finish closing it. A closed day stays as it is."""
    await close_everywhere(call.services.shards, business_date)
    return await _close_shown(call, business_date)


@reads("/v1/close", by=[O], scope=Scope.CLOSE_WRITE)
async def read_current_close(call: Call) -> CloseShown:
    """Show how far the close has come of the day that is to be closed now, or else of the last one."""
    async with call.db.begin() as tx:
        programme = await read_programme(tx)
        today = (await call.platform.moments(tx)).today
    following = programme.closed_through + timedelta(days=1)
    last = max(programme.closed_through, programme.opened_on)
    return await _close_shown(call, following if following < today else last)


@reads("/v1/close/{business_date:date}", by=[O], scope=Scope.CLOSE_WRITE)
async def read_close(call: Call, business_date: DayInPath) -> CloseShown:
    """Show how far the close of a day has come."""
    return await _close_shown(call, business_date)


@reads("/v1/test_clock", by=[O], scope=None, refuses=[NotATestClock])
async def read_clock(call: Call) -> ClockShown:
    """Show where the test clock stands."""
    return await _clock_shown(call, [])


@makes(
    "/v1/test_clock",
    by=[O],
    scope=Scope.CLOCK_WRITE,
    status=200,
    is_keyed=False,
    refuses=[NotATestClock, ClockMovesForward, AdvanceTooLong, ClockIsMoving],
)
async def advance_clock(call: Call, data: JSONBody[AdvanceAsked]) -> ClockShown:
    """Move the test clock forward, living every day on the way: its morning, its debits and payouts, its close."""
    return await _clock_shown(call, await advance(call.services, data.advance_to))


async def advance(services: Services, to: datetime) -> list[date]:
    """Move the test clock of every server; answers the days that the home closed.

    Refuses: NotATestClock, ClockMovesForward, AdvanceTooLong, ClockIsMoving.
    """
    async with services.platform.db.begin() as tx:
        programme = await read_programme(tx)
        if programme.now_at is None:
            raise NotATestClock
        if to - programme.now_at > ADVANCE_MAX:
            raise AdvanceTooLong(pointer="/advance_to", days_max=ADVANCE_MAX.days)
    closed: list[date] = []
    for platform in services.shards.others_first():
        async with alone(platform.db, TEST_CLOCK) as lock:
            if lock is None:
                raise ClockIsMoving
            closed = await days.advance(platform.servicer, to)
    services.shards.all()  # one that was left out is moved when this is asked again
    return closed


async def _clock_shown(call: Call, closed: list[date]) -> ClockShown:
    async with call.db.begin() as tx:
        programme: Programme = await read_programme(tx)
        now = await call.platform.moments(tx)
    if programme.now_at is None:
        raise NotATestClock
    return ClockShown(programme.now_at, now.today, programme.closed_through, closed)


async def _close_shown(call: Call, day: date) -> CloseShown:
    """Show how far a day has come on every server that can be reached."""
    async with call.db.begin() as tx:
        programme = await read_programme(tx)
        today = (await call.platform.moments(tx)).today
    steps: list[CloseStep] = []
    before: list[CloseStep] = []
    servers = [site.platform for site in call.services.shards.sites if site.is_up]
    for platform in servers:
        async with platform.db.begin() as tx:
            steps += await close_steps(tx, day)
            before += await close_steps(tx, day - timedelta(days=1)) if day > date.min else []
    return CloseShown(
        business_date=day,
        is_closed=programme.opened_on <= day <= programme.closed_through,
        is_over=programme.opened_on <= day < today,
        closed_through=programme.closed_through,
        steps=steps,
        plan=_plan(steps, before, servers=len(servers)),
    )


def _plan(steps: list[CloseStep], before: list[CloseStep], *, servers: int) -> list[CloseStepOfPlan]:
    """Put what was done beside what there is to do; one server alone has nothing to gather."""
    return [
        CloseStepOfPlan(
            step=name,
            buckets=BUCKETS * (1 if name == GATHERS else servers),
            buckets_done=sum(each.bucket_to - each.bucket_from + 1 for each in steps if each.step == name),
            rows_changed=sum(each.rows_changed for each in steps if each.step == name),
            rows_before=sum(each.rows_changed for each in before if each.step == name),
        )
        for name in STEPS
        if name != GATHERS or servers > 1
    ]


def _posting_shown(posting: BookedPosting, entries: list[BookedEntry]) -> PostingShown:
    return PostingShown(
        id=show_id(ids.POSTING, posting.id),
        kind=posting.kind,
        effective_on=posting.effective_on,
        booked_on=posting.booked_on,
        recorded_at=posting.recorded_at,
        entries=[
            EntryShown(
                number=entry.number,
                account=entry.account,
                name=entry.name,
                owner=entry.owner_id.hex,
                currency=entry.currency,
                amount_minor=entry.amount_minor,
            )
            for entry in entries
        ],
    )


ROUTES = [
    read_trial_balance,
    list_postings,
    read_journal,
    close_business_day,
    read_current_close,
    read_close,
    read_clock,
    advance_clock,
]
