"""What the simulator can be told and asked besides the bank's own wire, and a client for it."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated, TypeVar

import msgspec

from tiao.payments.providers.http_bank import BankFault, SignedClient
from tiao.simulator.bank.books import BankAccount, Movement
from tiao.simulator.bank.faults import FaultRates
from tiao.values.refusal import Kind, Refusal

Body = TypeVar("Body")

PAGE_MAX = 10_000


class ControlPath(StrEnum):
    """Where the simulator is told things. Signed like the wire."""

    FAULTS = "/simulator/faults"
    ACCOUNTS = "/simulator/accounts"
    DEPOSITS = "/simulator/deposits"
    END_AGREEMENT = "/simulator/agreements/end"
    STATEMENT = "/simulator/statement"


class DepositBody(msgspec.Struct, frozen=True):
    """Money from outside; negative, it leaves."""

    account_no: str
    amount_minor: int
    currency: str


class EndAgreementBody(msgspec.Struct, frozen=True):
    """A customer takes an agreement back at the bank."""

    agreement: str


class StatementBody(msgspec.Struct, frozen=True):
    """Which movements are asked for: those after a number, of one account or of all."""

    account_no: str | None = None
    after: Annotated[int, msgspec.Meta(ge=0)] = 0
    limit: Annotated[int, msgspec.Meta(ge=1, le=PAGE_MAX)] = PAGE_MAX


class Statement(msgspec.Struct, frozen=True):
    """A page of movements; *next_after* is None on the last one."""

    movements: list[Movement]
    next_after: int | None


class Done(msgspec.Struct, frozen=True):
    """It was done."""

    done: bool = True


class SimulatorUnreachable(Refusal):
    """The bank simulator did not answer."""

    kind = Kind.BUSY


class BankControl:
    """Tells a simulator that runs elsewhere what to be."""

    def __init__(self, client: SignedClient) -> None:
        self._client = client

    async def set_faults(self, rates: FaultRates, *, at: datetime) -> FaultRates:
        """Choose what goes wrong from now on. Refuses: SimulatorUnreachable."""
        return await self._ask(ControlPath.FAULTS, rates, FaultRates, at)

    async def set_account(self, account: BankAccount, *, at: datetime) -> None:
        """Open or change an account. Refuses: SimulatorUnreachable."""
        await self._ask(ControlPath.ACCOUNTS, account, Done, at)

    async def deposit(self, account_no: str, *, amount_minor: int, currency: str, at: datetime) -> None:
        """Bring money to an account from outside. Refuses: SimulatorUnreachable."""
        await self._ask(ControlPath.DEPOSITS, DepositBody(account_no, amount_minor, currency), Done, at)

    async def end_agreement(self, agreement: str, *, at: datetime) -> None:
        """Let a customer take an agreement back at the bank. Refuses: SimulatorUnreachable."""
        await self._ask(ControlPath.END_AGREEMENT, EndAgreementBody(agreement), Done, at)

    async def statement(self, account_no: str | None = None, *, at: datetime) -> list[Movement]:
        """Read every movement, page by page. Refuses: SimulatorUnreachable."""
        found: list[Movement] = []
        after: int | None = 0
        while after is not None:
            page = await self._ask(ControlPath.STATEMENT, StatementBody(account_no, after), Statement, at)
            found.extend(page.movements)
            after = page.next_after
        return found

    async def _ask(self, path: ControlPath, body: object, answer_type: type[Body], at: datetime) -> Body:
        answer = await self._client.ask(path, body, answer_type, at=at)
        if isinstance(answer, BankFault):
            raise SimulatorUnreachable(f"the bank simulator: {answer.reason}")
        return answer
