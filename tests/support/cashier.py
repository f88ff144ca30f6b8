"""A payer's browser at the cashier: follows links and fills in forms as they stand in the page, and nothing else."""

# ruff: noqa: ANN401  what conftest makes has no type that could be imported here

import html
import re
from typing import Any
from urllib.parse import urlsplit

import httpx

from tiao.messages.jobs import deliver

FORM = re.compile(r'<form[^>]*action="([^"]+)"[^>]*>(.*?)</form>', re.DOTALL)
HIDDEN = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)">')
CODE = re.compile(r"\d{6}")


class Payer:
    """One browser."""

    def __init__(self, town: Any, language: str = "zh-CN") -> None:
        self.town = town
        self.http = httpx.AsyncClient(
            transport=httpx.ASGITransport(town.app),
            base_url="https://tiao",
            follow_redirects=True,
            headers={"accept-language": language},
        )
        self.page: httpx.Response

    async def open(self, url: str) -> str:
        self.page = await self.http.get(urlsplit(url).path + ("?" + urlsplit(url).query if urlsplit(url).query else ""))
        return self.page.text

    def form(self, ending: str) -> tuple[str, dict[str, str]]:
        """Find the form that leads to *ending*: its address and what it carries unseen."""
        for action, body in FORM.findall(self.page.text):
            if action.endswith(ending):
                return html.unescape(action), dict(HIDDEN.findall(body))
        msg = f"no form leads to {ending}: {self.page.text}"
        raise AssertionError(msg)

    async def send(self, ending: str, **filled: str) -> str:
        action, hidden = self.form(ending)
        self.page = await self.http.post(action, data=hidden | filled)
        return self.page.text

    async def code(self) -> str:
        """Read the newest code off the handset."""
        platform = self.town.services.platform
        await deliver(platform.db, platform.moments, platform.post)
        found = CODE.search(list(self.town.sms.taken.values())[-1].text)
        assert found is not None
        return found[0]

    async def sign_in(self, url: str, phone: str) -> str:
        await self.open(url)
        await self.send("/code", phone=phone)
        return await self.send("/sign_in", code=await self.code())

    async def read(self) -> None:
        """Let the reading time pass, as if whoever reads had been patient."""
        async with self.town.db.begin() as tx:
            await tx.execute(
                "update payer_sheet set shown_at = shown_at - interval '5 seconds' where confirmed_at is null"
            )

    async def pay(self, plan: str) -> str:
        """Choose a plan, read its sheet, confirm."""
        await self.send("/plan", plan=plan)
        await self.read()
        return await self.send("/pay", agree="yes")
