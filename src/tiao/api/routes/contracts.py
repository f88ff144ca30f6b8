"""Scenes and their contracts: what holds in a line of business, the words that merchants sign, who has signed."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

import msgspec
from litestar import Response
from litestar.params import JSONBody, PathParameter

from tiao.api import ids
from tiao.api.idempotency import once
from tiao.api.ids import HexDigest, IdempotencyKey, MerchantApplicationInPath, Text
from tiao.api.operation import M, O, makes, reads
from tiao.api.routes.merchant_applications import (
    MerchantApplicationShown,
    SceneName,
    actor_of,
    application_shown,
    own_application,
)
from tiao.api.services import Call
from tiao.partners.onboarding import contracting
from tiao.partners.onboarding.contracting import Signed
from tiao.partners.onboarding.model import ContractText
from tiao.partners.onboarding.refusals import (
    ContractAgreedAlready,
    ContractDiffers,
    ContractUnknown,
    ContractVersionTaken,
    MerchantApplicationNotOpen,
    MerchantApplicationUnknown,
    NoticeTooShort,
    OwnMerchantProposal,
)
from tiao.partners.scenes.model import Paper, RefundAfter, Scene
from tiao.partners.scenes.refusals import SceneUnknown
from tiao.partners.scenes.rules import known_scene, scenes_on, shipped_scenes
from tiao.partners.scopes import Scope
from tiao.runtime.db import Tx
from tiao.runtime.secrets import FieldUnreadable
from tiao.values.moment import Moment

#: Whose rule the notice of changed terms is; kept to for every agreement. Source: policy `terms.change_notice_days`.
_NOTICE_PARTY = "psp"

SceneInPath = Annotated[str, PathParameter(pattern="^[a-z_]{1,40}$", description="A scene.")]
VersionInPath = Annotated[int, PathParameter(ge=1, le=9999, description="A version, from 1.")]
Body = Annotated[str, msgspec.Meta(min_length=1, max_length=20_000, description="The words of a contract.")]


class PrepaidShown(msgspec.Struct, frozen=True):
    """How money paid before a service reaches the merchant: a share at once, the rest in equal steps of some days."""

    first_share: str
    steps: int
    step_days: int


class SceneShown(msgspec.Struct, frozen=True):
    """What holds in a scene today. *Units*: minor units; rates are shares, as decimal strings."""

    scene: str
    name_zh: str
    effective_from: date
    plans: list[str]
    amount_min_minor: int
    amount_max_minor: int
    discount_rate: str
    discount_rate_min: str
    refund_full_days: int
    refund_after: RefundAfter
    prepaid: PrepaidShown | None
    papers: list[Paper]


class SceneList(msgspec.Struct, frozen=True):
    """The scenes of today."""

    data: list[SceneShown]


class ContractGiven(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The next version of a contract."""

    version: Annotated[int, msgspec.Meta(ge=1, le=9999)]
    title: Text
    body: Body
    effective_on: date


class ContractShown(msgspec.Struct, frozen=True):
    """A contract's words and their SHA-256 (of title, line feed, body in UTF-8); announced once two people agreed."""

    scene: str
    version: int
    title: str
    body: str
    digest: HexDigest
    effective_on: date
    is_in_force: bool
    proposed_by: str
    agreed_by: str | None
    announced_at: datetime | None


class ContractList(msgspec.Struct, frozen=True):
    """The contracts of a scene, latest version first."""

    data: list[ContractShown]


class SignatureGiven(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who signs which words: *signatory* is the name of the person who signs for the company."""

    scene: SceneName
    version: Annotated[int, msgspec.Meta(ge=1, le=9999)]
    digest: HexDigest
    signatory: Text


class SignatureShown(msgspec.Struct, frozen=True):
    """That a company signed a contract."""

    scene: str
    version: int
    digest: HexDigest
    key: str
    signed_at: datetime


class SignatureList(msgspec.Struct, frozen=True):
    """What a company signed, latest first, and what of today's it has not."""

    data: list[SignatureShown]
    unsigned: list[ContractShown]


@reads("/v1/scenes", by=[M, O], scope=Scope.ONBOARDING_WRITE)
async def list_scenes(call: Call) -> SceneList:
    """List what holds in each scene today: plans, amounts, discount, refunds, money paid before the service."""
    async with call.db.begin() as tx:
        today = (await call.platform.moments(tx)).today
    return SceneList([_scene_shown(each) for each in scenes_on(shipped_scenes(), today)])


@reads("/v1/scenes/{scene:str}/contracts", by=[M, O], scope=Scope.ONBOARDING_WRITE, refuses=[SceneUnknown])
async def list_contracts(call: Call, scene: SceneInPath) -> ContractList:
    """List the contracts of a scene, latest version first; a merchant sees those that were announced."""
    async with call.db.begin() as tx:
        now = await call.platform.moments(tx)
        found = await contracting.texts_of(tx, now, known_scene(shipped_scenes(), scene, now.today))
    return ContractList([each for each in _contracts_shown(found, now) if call.is_operator or each.announced_at])


@makes(
    "/v1/scenes/{scene:str}/contracts",
    by=[O],
    scope=Scope.MERCHANTS_WRITE,
    refuses=[SceneUnknown, ContractVersionTaken],
)
async def propose_contract(
    call: Call, scene: SceneInPath, data: JSONBody[ContractGiven], key: IdempotencyKey
) -> Response[ContractShown]:
    """Propose the next version of a scene's contract; another operator agrees to it, and so announces it."""

    async def work(tx: Tx, now: Moment) -> ContractShown:
        made = await contracting.propose_text(
            tx,
            now,
            known_scene(shipped_scenes(), scene, now.today),
            version=data.version,
            title=data.title,
            body=data.body,
            effective_on=data.effective_on,
            actor=actor_of(call),
        )
        return _contracts_shown([made], now)[0]

    return await once(call, key, data, work)


@makes(
    "/v1/scenes/{scene:str}/contracts/{version:int}/agreement",
    by=[O],
    scope=Scope.MERCHANTS_WRITE,
    status=200,
    refuses=[SceneUnknown, ContractUnknown, ContractAgreedAlready, OwnMerchantProposal, NoticeTooShort],
)
async def announce_contract(
    call: Call, scene: SceneInPath, version: VersionInPath, key: IdempotencyKey
) -> Response[ContractShown]:
    """Agree to words that another operator proposed: every merchant of the scene is told now, and they count later."""

    async def work(tx: Tx, now: Moment) -> ContractShown:
        days = call.platform.book.pack.integer("terms.change_notice_days", on=now.today, lender_type=_NOTICE_PARTY)
        known = known_scene(shipped_scenes(), scene, now.today)
        made = await contracting.announce_text(tx, now, known, version, notice_days=days, actor=actor_of(call))
        return _contracts_shown([made], now)[0]

    return await once(call, key, None, work, status=200)


@makes(
    "/v1/merchant_applications/{application_id:str}/signatures",
    by=[M],
    scope=Scope.ONBOARDING_WRITE,
    refuses=[
        MerchantApplicationUnknown,
        MerchantApplicationNotOpen,
        ContractUnknown,
        ContractDiffers,
        SceneUnknown,
        FieldUnreadable,
    ],
)
async def sign_contract(
    call: Call, application_id: MerchantApplicationInPath, data: JSONBody[SignatureGiven], key: IdempotencyKey
) -> Response[MerchantApplicationShown]:
    """Sign a contract by its digest: the one in force, or one that is announced. Only the company itself signs."""

    async def work(tx: Tx, now: Moment) -> MerchantApplicationShown:
        found = await own_application(tx, call, application_id)
        signed = Signed(data.scene, data.version, bytes.fromhex(data.digest), data.signatory, call.caller.key_id)
        done = await contracting.sign(
            tx, now, call.platform.vault, shipped_scenes(), found, signed, actor=actor_of(call)
        )
        return application_shown(call, done)

    return await once(call, key, data, work)


@reads(
    "/v1/merchant_applications/{application_id:str}/signatures",
    by=[M, O],
    scope=Scope.ONBOARDING_WRITE,
    refuses=[MerchantApplicationUnknown, ContractUnknown],
)
async def list_signatures(call: Call, application_id: MerchantApplicationInPath) -> SignatureList:
    """List what a company signed, and what of today's contracts it has not."""
    async with call.db.begin() as tx:
        now = await call.platform.moments(tx)
        found = await own_application(tx, call, application_id)
        signed = await contracting.signatures_of(tx, found.id)
        missing = await contracting.unsigned(tx, now, shipped_scenes(), found)
    shown = [
        SignatureShown(each.scene, each.version, each.digest.hex(), f"{ids.KEY}_{each.key_id.hex}", each.signed_at)
        for each in signed
    ]
    return SignatureList(shown, _contracts_shown(missing, now))


def _contracts_shown(texts: list[ContractText], now: Moment) -> list[ContractShown]:
    """Show contracts of one scene, or today's of several, on the wire."""
    counting = {
        (each.scene, each.version)
        for each in texts
        if each.announced_at is not None
        and each.effective_on <= now.today
        and not any(
            later.scene == each.scene
            and later.version > each.version
            and later.announced_at is not None
            and later.effective_on <= now.today
            for later in texts
        )
    }
    return [
        ContractShown(
            scene=each.scene,
            version=each.version,
            title=each.title,
            body=each.body,
            digest=each.digest.hex(),
            effective_on=each.effective_on,
            is_in_force=(each.scene, each.version) in counting,
            proposed_by=each.proposed_by,
            agreed_by=each.agreed_by,
            announced_at=each.announced_at,
        )
        for each in texts
    ]


def _scene_shown(scene: Scene) -> SceneShown:
    steps = scene.prepaid
    return SceneShown(
        scene=scene.scene,
        name_zh=scene.name_zh,
        effective_from=scene.effective_from,
        plans=sorted(scene.plans),
        amount_min_minor=scene.amount_min_minor,
        amount_max_minor=scene.amount_max_minor,
        discount_rate=str(scene.discount_rate),
        discount_rate_min=str(scene.discount_rate_min),
        refund_full_days=scene.refund_full_days,
        refund_after=scene.refund_after,
        prepaid=None if steps is None else PrepaidShown(str(steps.first_share), steps.steps, steps.step_days),
        papers=sorted(scene.papers),
    )


ROUTES = [
    list_scenes,
    list_contracts,
    propose_contract,
    announce_contract,
    sign_contract,
    list_signatures,
]
