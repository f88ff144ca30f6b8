"""A company that applies: what the simulated register has of it, and what it says of itself accordingly."""

# ruff: noqa: ANN401  a town's clients have no type that could be imported here

import base64
from datetime import date
from typing import Any

from tiao.partners.onboarding.providers.registry import Entry
from tiao.simulator.registry import credit_code

PDF = b"%PDF-1.7 a licence"
SCOPES = {
    "electronics": "电子产品销售",
    "education": "成人职业技能培训",
    "travel": "境内旅游业务",
    "medical": "口腔诊疗服务",
    "appliances": "家用电器销售",
}
PAPERS = ("business_licence", "representative_identity", "account_proof", "trade_permit")


def entry(key: str = "1", scene: str = "electronics", **other: Any) -> Entry:
    """What the register has of a sound company."""
    facts: dict[str, Any] = {
        "code": credit_code("tests", key),
        "company": "青石数码有限公司",
        "representative": "王明",
        "standing": "存续",
        "registered_on": date(2015, 6, 1),
        "capital": "500万人民币",
        "scope": SCOPES[scene],
    }
    return Entry(**facts | other)


def company(known: Entry, *scenes: str, **other: object) -> dict[str, object]:
    """What that company says of itself."""
    return {
        "company": known.company,
        "credit_code": known.code,
        "trade_name": "青石数码",
        "representative": known.representative,
        "phone": "13800001234",
        "account_holder": known.company,
        "account": "6222020000001234",
        "scenes": list(scenes) or ["electronics"],
        "websites": ["https://shop.example.cn"],
    } | other


def paper(kind: str, content: bytes = PDF, media_type: str = "application/pdf") -> dict[str, str]:
    return {
        "kind": kind,
        "name": f"{kind}.pdf",
        "media_type": media_type,
        "content": base64.b64encode(content).decode(),
    }


class Applying:
    """One application in a town, from opening on."""

    def __init__(self, town: Any, opened: Any) -> None:
        self.town = town
        self.id: str = opened["application"]["id"]
        self.path = f"/v1/merchant_applications/{self.id}"
        self.applicant = town.client(opened["token"])

    @classmethod
    async def opened(cls, town: Any, *scenes: str, key: str = "1", **known: Any) -> "Applying":
        found = entry(key, (scenes or ("electronics",))[0], **known)
        town.registry.know(found)
        return cls(town, await town.operator.made("/v1/merchant_applications", company(found, *scenes)))

    async def submitted(self) -> "Applying":
        for kind in PAPERS:
            await self.applicant.made(f"{self.path}/papers", paper(kind))
        await self.applicant.made(f"{self.path}/submission")
        return self

    async def proposed(self) -> "Applying":
        await self.submitted()
        await self.town.operator.made(f"{self.path}/checks")
        await self.town.operator.made(f"{self.path}/grades")
        await self.town.operator.made(f"{self.path}/proposal", {"note": "all is in order"})
        return self

    async def approved(self, other: Any) -> "Applying":
        await self.proposed()
        await other.made(f"{self.path}/approval", {"note": "agreed"})
        return self

    async def signed(self, other: Any) -> "Applying":
        await self.approved(other)
        for text in (await self.applicant.got(f"{self.path}/signatures"))["unsigned"]:
            await self.sign(text)
        return self

    async def sign(self, text: Any) -> Any:
        said = {name: text[name] for name in ("scene", "version", "digest")} | {"signatory": "王明"}
        return await self.applicant.post(f"{self.path}/signatures", said)

    async def active(self, other: Any) -> list[Any]:
        await self.signed(other)
        return (await self.applicant.made(f"{self.path}/activation"))["merchants"]

    async def state(self) -> str:
        return (await self.town.operator.got(self.path))["application"]["state"]
