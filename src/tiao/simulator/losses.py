"""What is given up: loans more than 180 days late are written off, and some of their debtors pay a little later on."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date, timedelta
from typing import NamedTuple

from tiao.lending import actions as lending
from tiao.lending.records import Receipt, ReceiptKind
from tiao.payments import actions as payments
from tiao.payments.model import Payout
from tiao.payments.providers.channel import BindOrder, Bound
from tiao.simulator import store
from tiao.simulator.chance import draw, number
from tiao.simulator.people import bank_account
from tiao.simulator.platform import Platform, main_channel
from tiao.simulator.store import LostLoan
from tiao.values.ids import derived_id

#: How often something comes in on a debt that was given up, and after how many days. Own choice.
RECOVERED_PPM = 250_000
RECOVERY_DAYS = 21
RECOVERED_PERCENT = (5, 40)
#: Of those who pay, so many in a million pay more than was lost: collectors and heirs settle what they were told. Own
#: choice.
OVERPAID_PPM, OVERPAID_PERCENT = 200_000, 150
#: Refunds that no account takes are looked at so many at a time.
_REFUNDS = 100


class _Recovery(NamedTuple):
    loan: LostLoan
    amount_minor: int

    @property
    def is_too_much(self) -> bool:
        """Tell whether more comes in than the loan owed."""
        return self.amount_minor > self.loan.owed_minor


class Losses:
    """Staff's daily look at what is lost, and at refunds that came back."""

    def __init__(self, platform: Platform, seed: str) -> None:
        self._platform = platform
        self._seed = seed
        self._recoveries: dict[date, list[_Recovery]] = defaultdict(list)

    async def give_up(self, day: date) -> Counter[str]:
        """Write off, book what is recovered, and send refunds that came back to another account."""
        counts: Counter[str] = Counter()
        async with self._platform.db.begin() as tx:
            lost = await store.read_lost_loans(tx)
            now = await self._platform.moments(tx)
            for loan in lost:
                await lending.write_off(tx, now, loan.loan_id, proposed_by="simulated desk", agreed_by="simulated head")
                self._expect(day, loan)
            for recovery in self._recoveries.pop(day, []):
                await lending.recover(tx, now, self._receipt(recovery, day))
                counts["recoveries"] += 1
                counts["recoveries of more than was lost"] += recovery.is_too_much
            stuck = await payments.failed_refunds(tx, _REFUNDS)
        counts["written off"] += len(lost)
        for payout in stuck:
            await self._pay_elsewhere(payout)
            counts["refunds sent to another account"] += 1
        return counts

    def _expect(self, day: date, loan: LostLoan) -> None:
        if draw(self._seed, "recovers", str(loan.loan_id)) < RECOVERED_PPM:
            least, most = RECOVERED_PERCENT
            percent = least + number(self._seed, "recovered", str(loan.loan_id)) % (most - least)
            if draw(self._seed, "recovered too much", str(loan.loan_id)) < OVERPAID_PPM:
                percent = OVERPAID_PERCENT
            amount = max(1, loan.owed_minor * percent // 100)
            self._recoveries[day + timedelta(days=RECOVERY_DAYS)].append(_Recovery(loan, amount))

    def _receipt(self, recovery: _Recovery, day: date) -> Receipt:
        loan = recovery.loan
        return Receipt(
            id=derived_id("recovery", loan.loan_id, bucket=loan.bucket),
            line_id=loan.line_id,
            customer_id=loan.customer_id,
            kind=ReceiptKind.RECOVERY,
            currency=loan.currency,
            amount_minor=recovery.amount_minor,
            effective_on=day,
        )

    async def _pay_elsewhere(self, payout: Payout) -> None:
        """Have the customer of a stuck refund name another account, and pay it out there."""
        name, channel = main_channel(self._platform)
        async with self._platform.db.begin() as tx:
            now = await self._platform.moments(tx)
        order = BindOrder(
            request_no=derived_id("bind elsewhere", payout.id).hex,
            account_no=bank_account(self._seed, f"elsewhere/{payout.id}"),
            holder_name="",
            at=now.at,
        )
        answer = await channel.bind(order)
        assert isinstance(answer, Bound), f"the simulated bank refuses nobody: {answer}"
        async with self._platform.db.begin() as tx:
            now = await self._platform.moments(tx)
            await payments.retry_refund(tx, now, payout.id, channel=name, agreement=answer.agreement)
