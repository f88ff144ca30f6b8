"""A register of companies that knows every code, made up: an ASGI program, in process or served.

What it says of a company follows from the seed and the code alone: asked again it says the same. How it fails is drawn
likewise; a company that is *flaky* is answered from the second time on.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from datetime import date, datetime, timedelta
from http import HTTPStatus

import msgspec

from tiao.partners.onboarding.credit_code import SIGNS, check_sign, organisation_check_sign
from tiao.partners.onboarding.providers.registry import PATH, SIGNATURE_HEADER, Entry, is_signed, sign_answer
from tiao.simulator.bureau import Message, Receive, Send

Wait = Callable[[float], Awaitable[None]]

_PLACES = ("山脚", "河畔", "东门", "云上", "青石", "南巷", "松间", "桥头", "星野", "竹里")
_TRADES = (
    ("数码", "电子产品、通讯设备、计算机及配件销售"),
    ("电器", "家用电器销售、安装与维修"),
    ("教育科技", "职业技能培训；教育咨询服务"),
    ("旅行社", "境内旅游业务、入境旅游业务"),
    ("口腔门诊部", "口腔诊疗服务；医疗美容服务"),
)
_SURNAMES, _GIVEN = "赵钱孙李周吴郑王冯陈褚卫", "明华丽强敏静伟芳娜磊军洋"
#: Companies of no more than so many days are among the made-up ones.
_AGE_DAYS = 6000
_NEWEST = date(2025, 12, 31)
#: What stands on a page of a register that is closed for the night.
_MAINTENANCE = "<html><body>系统维护中，请稍后再试</body></html>".encode()


class RegistryBehaviour(msgspec.Struct, frozen=True):
    """How the register misbehaves: shares of companies it does not know, or that it fails to answer about, each way."""

    unknown_share: float = 0.0
    unavailable_share: float = 0.0
    flaky_share: float = 0.0
    maintenance_share: float = 0.0
    unsigned_share: float = 0.0
    slow_share: float = 0.0
    slow_seconds: float = 10.0


class RegistrySimulator:
    """The register as an ASGI program. *entries* are companies about which it says something else than drawn.

    *now* tells its time, against which the age of a question is checked; without it any age will do, for questions of a
    programme on a test clock carry that clock's time. *wait* is how it is slow.
    """

    def __init__(
        self,
        secret: bytes,
        *,
        seed: int,
        now: Callable[[], datetime] | None = None,
        entries: Mapping[str, Entry] | None = None,
        behaviour: RegistryBehaviour | None = None,
        wait: Wait = asyncio.sleep,
    ) -> None:
        self._secret = secret
        self._seed = seed
        self._now = now
        self._entries = dict(entries or {})
        self._behaviour = behaviour or RegistryBehaviour()
        self._wait = wait
        self._asked: Counter[str] = Counter()

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer one HTTP request."""
        del receive  # a question has no body
        if scope["type"] != "http":
            return
        signature = {name.decode(): value.decode() for name, value in scope["headers"]}.get(SIGNATURE_HEADER, "")
        status, answer, is_told_by_us = HTTPStatus.BAD_REQUEST, b'{"error":"no such path"}', True
        path: str = scope["path"]
        if scope["method"] == "GET" and path.startswith(PATH):
            status, answer, is_told_by_us = await self._answer(path, signature)
        headers = [(b"content-type", b"application/json;charset=utf-8" if is_told_by_us else b"text/html")]
        if is_told_by_us:
            signed = sign_answer(self._secret, question_signature=signature, body=answer)
            headers.append((SIGNATURE_HEADER.encode(), signed.encode()))
        await send({"type": "http.response.start", "status": int(status), "headers": headers})
        await send({"type": "http.response.body", "body": answer})

    def know(self, entry: Entry) -> None:
        """Say this of a company from now on."""
        self._entries[entry.code] = entry

    def misbehave(self, behaviour: RegistryBehaviour) -> None:
        """Fail in these ways from now on."""
        self._behaviour = behaviour

    def entry(self, code: str) -> Entry | None:
        """Say what the register has of a company; None when it does not know the code."""
        if self._chance(code, "unknown") < self._behaviour.unknown_share:
            return None
        if code in self._entries:
            return self._entries[code]
        trade, scope = _TRADES[self._number(code, "trade") % len(_TRADES)]
        surname = _SURNAMES[self._number(code, "surname") % len(_SURNAMES)]
        given = _GIVEN[self._number(code, "given") % len(_GIVEN)]
        return Entry(
            code=code,
            company=f"{_PLACES[self._number(code, 'place') % len(_PLACES)]}{trade}有限公司",
            representative=f"{surname}{given}",
            standing="存续",
            registered_on=_NEWEST - timedelta(days=self._number(code, "age") % _AGE_DAYS),
            capital=f"{10 + self._number(code, 'capital') % 990}万人民币",
            scope=scope,
        )

    async def _answer(self, path: str, signature: str) -> tuple[HTTPStatus, bytes, bool]:
        if not is_signed(self._secret, signature, path=path, at=None if self._now is None else self._now()):
            return HTTPStatus.UNAUTHORIZED, b'{"error":"signature"}', True
        code = path.removeprefix(PATH)
        self._asked[code] += 1
        wants = self._behaviour
        if self._chance(code, "slow") < wants.slow_share:
            await self._wait(wants.slow_seconds)
        if self._chance(code, "maintenance") < wants.maintenance_share:
            return HTTPStatus.OK, _MAINTENANCE, False
        is_flaky = self._asked[code] == 1 and self._chance(code, "flaky") < wants.flaky_share
        if is_flaky or self._chance(code, "unavailable") < wants.unavailable_share:
            return HTTPStatus.SERVICE_UNAVAILABLE, b'{"error":"unavailable"}', True
        entry = self.entry(code)
        if entry is None:
            return HTTPStatus.NOT_FOUND, b'{"error":"not registered"}', True
        return HTTPStatus.OK, msgspec.json.encode(entry), self._chance(code, "unsigned") >= wants.unsigned_share

    def _chance(self, code: str, what: str) -> float:
        """Draw a number in [0, 1) that belongs to the seed, the company and *what*."""
        return self._number(code, what) / 2**48

    def _number(self, code: str, what: str) -> int:
        return int.from_bytes(hashlib.sha256(f"{self._seed}/{what}/{code}".encode()).digest()[:6], "big")


def credit_code(seed: str, key: str) -> str:
    """Make up a company's unified social credit code, right in every check sign."""
    drawn = hashlib.sha256(f"{seed}/credit code/{key}".encode()).digest()
    organisation = "MA" + "".join(SIGNS[number % len(SIGNS)] for number in drawn[:6])
    first = f"91{110000 + drawn[6] % 90 * 100:06}{organisation}{organisation_check_sign(organisation)}"
    return first + check_sign(first)
