"""`tiao explain`: how a number came about, line by line, from the configured database."""

from __future__ import annotations

import asyncio
import os
import secrets
from enum import StrEnum
from typing import Annotated, NamedTuple
from uuid import UUID

import typer
from rich.table import Table

from tiao.checkout.offers import OfferBook
from tiao.cli.database import ProgrammeOption
from tiao.cli.output import standard_output
from tiao.ledger import actions as ledger
from tiao.lending import daily
from tiao.lending.explaining import (
    Explanation,
    Story,
    explain_instalment,
    explain_line,
    explain_loan,
    explain_refund,
    explain_repayment,
)
from tiao.lending.model import InstalmentKey
from tiao.lending.product import Product
from tiao.lending.products import products_of
from tiao.lending.telling import Language, read_story, sentence
from tiao.runtime.clock import ProgrammeClock
from tiao.runtime.config import read_config
from tiao.runtime.db import Database, Tx
from tiao.runtime.overrides import rules_of
from tiao.runtime.programme import MomentSource, read_programme
from tiao.runtime.server import open_server
from tiao.values.ids import bucket_of, id_source, read_id


class What(StrEnum):
    """What can be explained."""

    LOAN = "loan"
    INSTALMENT = "instalment"
    REPAYMENT = "repayment"
    REFUND = "refund"
    LINE = "line"


class Tongue(StrEnum):
    """What it can be told in."""

    CHINESE = "zh-CN"
    ENGLISH = "en"


class _Subject(NamedTuple):
    what: What
    id: UUID
    number: int


_PREFIXES = {What.LOAN: "loa", What.INSTALMENT: "loa", What.REPAYMENT: "rep", What.REFUND: "ref", What.LINE: "lin"}


def explain(
    what: Annotated[What, typer.Argument(help="What the id names.")],
    identifier: Annotated[str, typer.Argument(metavar="ID", help="Its id; of an instalment LOAN/NUMBER.")],
    language: Annotated[Tongue, typer.Option(help="What it is told in.")] = Tongue.ENGLISH,
    programme: ProgrammeOption = None,
) -> None:
    """Explain what something owes, or where money went: lines that add up to the stored number."""
    head, _, number = identifier.partition("/")
    if (what is What.INSTALMENT) != number.isdecimal():
        raise typer.BadParameter("an instalment is LOAN/NUMBER, anything else is its id", param_hint="ID")
    subject = _Subject(what, read_id(_PREFIXES[what], head), int(number or 0))
    config = read_config(os.environ)
    with open_server(config) as server:
        url = server.url_of(programme, bucket_of(subject.id))
        made, currency = asyncio.run(_explain(url, subject, products_of(config.products)))
    _show(made, currency, language.value)


async def _explain(url: str, subject: _Subject, products: tuple[Product, ...]) -> tuple[Explanation, str]:
    db = await Database.open(url, pool_max=1)
    try:
        async with db.snapshot() as tx:
            programme = await read_programme(tx)
            moments = MomentSource(ProgrammeClock(), programme.zone, id_source(secrets.token_bytes))
            pack = await rules_of(tx)
            book = OfferBook(products=products, pack=pack, lender=programme.name, lender_type=programme.lender_type)
            line = await ledger.line(tx, await _line_of(tx, subject))
            story = await read_story(
                tx,
                line.id,
                today=(await moments(tx)).today,
                policy_of=lambda day: book.conditions(day).refund,
                products=products,
            )
            return _made(story, subject), line.currency
    finally:
        await db.close()


async def _line_of(tx: Tx, subject: _Subject) -> UUID:
    match subject.what:
        case What.LOAN | What.INSTALMENT:
            return (await daily.loan(tx, subject.id))[0].line_id
        case What.REPAYMENT:
            return (await daily.repayment(tx, subject.id))[0].line_id
        case What.REFUND:
            return (await daily.refund(tx, subject.id)).line_id
        case What.LINE:
            return subject.id


def _made(story: Story, subject: _Subject) -> Explanation:
    match subject.what:
        case What.LOAN:
            return explain_loan(story, subject.id)
        case What.INSTALMENT:
            return explain_instalment(story, InstalmentKey(subject.id, subject.number))
        case What.REPAYMENT:
            return explain_repayment(story, subject.id)
        case What.REFUND:
            return explain_refund(story, subject.id)
        case What.LINE:
            return explain_line(story)


def _show(made: Explanation, currency: str, language: Language) -> None:
    table = Table(box=None, show_header=False, pad_edge=False, show_footer=True)
    table.add_column(overflow="fold")
    table.add_column(justify="right", footer=str(made.total_minor))
    for each in made.lines:
        table.add_row(sentence(each, currency=currency, language=language), str(each.amount_minor))
    standard_output().print(table)
