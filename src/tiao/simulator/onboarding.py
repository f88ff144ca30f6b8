"""Companies that come to a world's programme: one becomes a merchant, one is refused, one waits for a second person."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from typing import NamedTuple
from uuid import UUID

import httpx

from tiao.partners.onboarding import actions as onboarding
from tiao.partners.onboarding import contracting, deciding
from tiao.partners.onboarding.contracting import Signed
from tiao.partners.onboarding.model import NewPaper, Private, Said
from tiao.partners.onboarding.providers.http_registry import HttpRegistry
from tiao.partners.onboarding.providers.registry import Entry
from tiao.partners.scenes.model import Paper
from tiao.partners.scenes.rules import shipped_scenes
from tiao.payments.proposing import admitting
from tiao.runtime.db import Tx
from tiao.simulator.platform import Platform, moment
from tiao.simulator.registry import RegistrySimulator, credit_code
from tiao.values.moment import Moment

_PROPOSER, _APPROVER = "simulated operator 1", "simulated operator 2"
_PAPERS = (Paper.BUSINESS_LICENCE, Paper.REPRESENTATIVE_IDENTITY, Paper.ACCOUNT_PROOF, Paper.TRADE_PERMIT)
_PDF = b"%PDF-1.4\n% a simulated paper\n%%EOF\n"
#: The hour at which companies hand in what they have to say.
_HOUR = 10


class _Company(NamedTuple):
    """One company: when it comes, what it sells, how it stands in the register, and how far it comes."""

    key: str
    after_days: int
    scene: str
    name: str
    scope: str
    standing: str
    is_approved: bool


_COMPANIES = (
    _Company("electronics", 2, "electronics", "松间数码有限公司", "电子产品、通讯设备销售", "存续", is_approved=True),
    _Company("closed", 3, "travel", "海角旅行社有限公司", "境内旅游业务", "吊销", is_approved=False),
    _Company("medical", 5, "medical", "竹里口腔门诊部有限公司", "口腔诊疗服务", "存续", is_approved=False),
)


class Onboarding:
    """Brings the companies of a world on their days."""

    def __init__(self, platform: Platform, seed: str, opened_on: date) -> None:
        self._platform = platform
        self._seed = seed
        self._days = {opened_on + timedelta(days=each.after_days): each for each in _COMPANIES}

    async def live(self, day: date) -> Counter[str]:
        """Let whoever comes today come as far as they do today."""
        company = self._days.get(day)
        if company is None:
            return Counter()
        secret = hashlib.sha256(f"{self._seed}/registry".encode()).digest()
        entry = _entry(self._seed, company)
        register = RegistrySimulator(secret, seed=1, entries={entry.code: entry})
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(register), base_url="http://registry.invalid"
        ) as http:
            return Counter({f"companies {await self._come(day, company, entry, HttpRegistry(http, secret))}": 1})

    async def _come(self, day: date, company: _Company, entry: Entry, registry: HttpRegistry) -> str:
        platform, vault = self._platform, self._platform.vault
        now = moment(platform, self._seed, f"company/{company.key}", platform.programme.day_starts_at(day, _HOUR))
        async with platform.db.begin() as tx:
            application_id = await self._hand_in(tx, now, company, entry)
            _, check_id = await deciding.begin_check(tx, now, application_id, actor=_PROPOSER)
        answer = await registry.look_up(entry.code, at=now.at)
        async with platform.db.begin() as tx:
            await deciding.record_check(tx, now, vault, application_id, check_id, answer, actor=_PROPOSER)
            grade = await deciding.grade(tx, now, vault, shipped_scenes(), application_id, actor=_PROPOSER)
            if company.standing != "存续":
                reasons = ["the register says that the company does not operate"]
                await deciding.refuse(
                    tx, now, application_id, actor=_PROPOSER, reasons=reasons, note=f"grade {grade.grade}"
                )
                return "refused"
            await deciding.propose(tx, now, application_id, actor=_PROPOSER, note=f"grade {grade.grade}")
            if not company.is_approved:
                return "proposed"
            found = await deciding.approve(tx, now, application_id, actor=_APPROVER, note="agreed")
            for text in await contracting.unsigned(tx, now, shipped_scenes(), found):
                signed = Signed(text.scene, text.version, text.digest, entry.representative, now.new_id())
                found = await contracting.sign(tx, now, vault, shipped_scenes(), found, signed, actor=company.name)
            await admitting.admit(
                tx,
                now,
                vault,
                shipped_scenes(),
                application_id,
                actor=company.name,
                real=now,
                random_bytes=self._bytes_of(company.key),
            )
        return "admitted"

    async def _hand_in(self, tx: Tx, now: Moment, company: _Company, entry: Entry) -> UUID:
        vault = self._platform.vault
        said = Said(
            company=company.name,
            credit_code=entry.code,
            trade_name=company.name.removesuffix("有限公司"),
            currency=self._platform.programme.currency,
            scenes=[company.scene],
            websites=[],
            stores=["人民路一号"],
            private=Private(entry.representative, "13900000000", company.name, "6222020000009999"),
        )
        opened, _ = await onboarding.open_application(
            tx,
            now,
            vault,
            shipped_scenes(),
            said,
            actor=_PROPOSER,
            real=now,
            random_bytes=self._bytes_of(f"{company.key}/applicant"),
        )
        for kind in _PAPERS:
            paper = NewPaper(kind, f"{kind}.pdf", "application/pdf", _PDF)
            await onboarding.show_paper(tx, now, vault, opened.id, paper, actor=company.name)
        await onboarding.submit(tx, now, shipped_scenes(), opened.id, actor=company.name)
        return opened.id

    def _bytes_of(self, name: str) -> Callable[[int], bytes]:
        """Give bytes that belong to the seed: nobody ever uses these keys."""
        return lambda count: hashlib.shake_256(f"{self._seed}/company/{name}".encode()).digest(count)


def _entry(seed: str, company: _Company) -> Entry:
    return Entry(
        code=credit_code(seed, company.key),
        company=company.name,
        representative="林静",
        standing=company.standing,
        registered_on=date(2018, 5, 4),
        capital="300万人民币",
        scope=company.scope,
    )
