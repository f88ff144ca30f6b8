"""Contracts: versions of words by scene, announced ahead by two people, signed by companies; what signing leads to."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from datetime import date
from functools import cache
from importlib.resources import files
from typing import NamedTuple
from uuid import UUID

import msgspec
import yaml

from tiao.partners import actions as partners
from tiao.partners.model import IssuedKey, Merchant, NewMerchant, Role
from tiao.partners.onboarding import rules, store
from tiao.partners.onboarding.actions import application, moved, said_of
from tiao.partners.onboarding.model import (
    Admission,
    Application,
    ApplicationState,
    ContractText,
    GradeTerms,
    Signature,
    StepKind,
)
from tiao.partners.onboarding.refusals import (
    ContractAgreedAlready,
    ContractDiffers,
    ContractNotSigned,
    ContractUnknown,
    OwnMerchantProposal,
)
from tiao.partners.scenes.model import Scene
from tiao.partners.scenes.rules import known_scene
from tiao.runtime.db import Tx
from tiao.runtime.secrets import FieldCipher
from tiao.values.moment import Moment

#: Who proposed and agreed to the words that come with the platform.
_SHIPPED_BY, _SHIPPED_AGREED = "shipped", "installation"


class _Contracts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    effective_on: date
    title: str
    articles: list[str]
    scenes: dict[str, list[str]]


class Signed(NamedTuple):
    """Who signs which words; *signatory* is a person's name."""

    scene: str
    version: int
    digest: bytes
    signatory: str
    key_id: UUID


class Admitted(NamedTuple):
    """A merchant that an application became, with its first key and what its grade brings."""

    merchant: Merchant
    issued: IssuedKey
    terms: GradeTerms


async def texts_of(tx: Tx, now: Moment, scene: Scene) -> list[ContractText]:
    """Read a scene's contracts, latest version first; the words that come with the platform are put there first."""
    found = await store.read_texts(tx, scene.scene)
    if not found and scene.scene in _shipped().scenes:
        await store.insert_text(tx, _first_text(scene, now))
        found = await store.read_texts(tx, scene.scene)
    return found


async def text_in_force(tx: Tx, now: Moment, scene: Scene) -> ContractText:
    """Find what is signed in a scene today. Refuses: ContractUnknown."""
    for text in await texts_of(tx, now, scene):
        if text.announced_at is not None and text.effective_on <= now.today:
            return text
    raise ContractUnknown(f"the scene {scene.scene} has no contract in force")


async def propose_text(
    tx: Tx, now: Moment, scene: Scene, *, version: int, title: str, body: str, effective_on: date, actor: str
) -> ContractText:
    """Propose the next version of a scene's contract. Refuses: ContractVersionTaken."""
    known = await texts_of(tx, now, scene)
    latest = known[0] if known else None
    rules.check_version(
        version,
        effective_on,
        latest=0 if latest is None else latest.version,
        latest_on=None if latest is None else latest.effective_on,
    )
    made = ContractText(
        scene=scene.scene,
        version=version,
        title=title,
        body=body,
        digest=_digest(title, body),
        effective_on=effective_on,
        proposed_by=actor,
        proposed_at=now.at,
        agreed_by=None,
        announced_at=None,
    )
    await store.insert_text(tx, made)
    return made


async def announce_text(
    tx: Tx, now: Moment, scene: Scene, version: int, *, notice_days: int, actor: str
) -> ContractText:
    """Agree to words that another person proposed: they are announced now, and count from their day.

    Refuses: ContractUnknown, ContractAgreedAlready, OwnMerchantProposal, NoticeTooShort.
    """
    found = next((each for each in await texts_of(tx, now, scene) if each.version == version), None)
    if found is None:
        raise ContractUnknown
    if found.announced_at is not None:
        raise ContractAgreedAlready
    if found.proposed_by == actor:
        raise OwnMerchantProposal
    rules.check_notice(found.effective_on, today=now.today, notice_days=notice_days, version=version)
    await store.announce_text(tx, scene.scene, version, actor=actor, at=now.at)
    return msgspec.structs.replace(found, agreed_by=actor, announced_at=now.at)


async def sign(
    tx: Tx, now: Moment, vault: FieldCipher, scenes: Sequence[Scene], found: Application, signed: Signed, *, actor: str
) -> Application:
    """Let a company sign a contract of its scenes: the one in force, or one that is announced. Again changes nothing.

    Refuses: MerchantApplicationNotOpen, ContractUnknown, ContractDiffers, SceneUnknown.
    """
    rules.check_state(found, ApplicationState.APPROVED, ApplicationState.SIGNED, ApplicationState.ACTIVE)
    if signed.scene not in found.scenes:
        raise ContractUnknown
    scene = known_scene(scenes, signed.scene, now.today)
    in_force = await text_in_force(tx, now, scene)
    text = next((each for each in await texts_of(tx, now, scene) if each.version == signed.version), None)
    if text is None or text.announced_at is None:
        raise ContractUnknown
    if text.version < in_force.version or text.digest != signed.digest:
        raise ContractDiffers(pointer="/digest", version=in_force.version)
    signature_id = now.new_id()
    sealed = vault.encrypt(signed.signatory, context=_signatory_context(signature_id))
    is_new = await store.insert_signature(
        tx,
        Signature(
            id=signature_id,
            application_id=found.id,
            scene=text.scene,
            version=text.version,
            digest=text.digest,
            signatory_sealed=sealed,
            key_id=signed.key_id,
            signed_at=now.at,
        ),
    )
    if not is_new:
        return found
    is_complete = found.state is ApplicationState.APPROVED and not await unsigned(tx, now, scenes, found)
    changed = msgspec.structs.replace(found, state=ApplicationState.SIGNED) if is_complete else found
    said = f"{text.scene} {text.version} {text.digest.hex()}"
    return await moved(tx, now, changed, StepKind.SIGNED, actor=actor, said=said)


async def signatures_of(tx: Tx, application_id: UUID) -> list[Signature]:
    """Read what a company signed, latest first."""
    return await store.read_signatures(tx, application_id)


async def unsigned(tx: Tx, now: Moment, scenes: Sequence[Scene], found: Application) -> list[ContractText]:
    """List the contracts in force of a company's scenes that it has not signed."""
    signed = {(each.scene, each.version) for each in await store.read_signatures(tx, found.id)}
    texts = [await text_in_force(tx, now, known_scene(scenes, name, now.today)) for name in found.scenes]
    return [each for each in texts if (each.scene, each.version) not in signed]


async def admit(
    tx: Tx,
    now: Moment,
    vault: FieldCipher,
    scenes: Sequence[Scene],
    application_id: UUID,
    *,
    actor: str,
    real: Moment,
    random_bytes: Callable[[int], bytes],
) -> list[Admitted]:
    """Make an approved company that has signed a merchant for each of its scenes, each with a key.

    Each scene is a merchant of its own: its rules, its discount and its money stay apart.
    Refuses: MerchantApplicationUnknown, MerchantApplicationNotOpen, ContractNotSigned, FieldUnreadable.
    """
    found = await application(tx, application_id)
    if found.state is ApplicationState.APPROVED:
        raise ContractNotSigned
    rules.check_state(found, ApplicationState.SIGNED)
    if await unsigned(tx, now, scenes, found):
        raise ContractNotSigned("a newer version of a contract is in force")
    said = said_of(vault, found)
    assert found.grade is not None, "what was approved has its grade"
    terms = rules.shipped_grading().terms(found.grade)
    made = []
    for name in found.scenes:
        scene = known_scene(scenes, name, now.today)
        discount = rules.discount_of(scene, terms)
        shown = said.trade_name if len(found.scenes) == 1 else f"{said.trade_name}（{scene.name_zh}）"
        new = NewMerchant(shown, name, said.currency, discount, said.private.account)
        merchant = await partners.create_merchant(tx, now, new)
        issued = await partners.issue_key(
            tx, real, role=Role.MERCHANT, subject_id=merchant.id, label=said.trade_name, random_bytes=random_bytes
        )
        await store.insert_admission(tx, Admission(found.id, name, merchant.id, discount, terms.grade, now.at))
        made.append(Admitted(merchant, issued, terms))
    changed = msgspec.structs.replace(found, state=ApplicationState.ACTIVE)
    await moved(tx, now, changed, StepKind.ACTIVATED, actor=actor)
    return made


async def admissions_of(tx: Tx, application_id: UUID) -> list[Admission]:
    """Read the merchants that an application became."""
    return await store.read_admissions(tx, application_id)


@cache
def _shipped() -> _Contracts:
    text = (files("tiao.partners.onboarding") / "contracts.yaml").read_text(encoding="utf-8")
    return msgspec.convert(yaml.safe_load(text), _Contracts, strict=False)


def _first_text(scene: Scene, now: Moment) -> ContractText:
    """Fill the words that come with the platform with what holds in a scene."""
    shipped = _shipped()
    facts: dict[str, object] = {name: getattr(scene, name) for name in scene.__struct_fields__}
    if scene.prepaid is not None:
        facts |= {name: getattr(scene.prepaid, name) for name in scene.prepaid.__struct_fields__}
    articles = [*shipped.articles, *shipped.scenes[scene.scene]]
    body = "\n".join(f"第{number}条　{text.format_map(facts)}" for number, text in enumerate(articles, 1))
    title = shipped.title.format_map(facts)
    return ContractText(
        scene=scene.scene,
        version=1,
        title=title,
        body=body,
        digest=_digest(title, body),
        effective_on=shipped.effective_on,
        proposed_by=_SHIPPED_BY,
        proposed_at=now.at,
        agreed_by=_SHIPPED_AGREED,
        announced_at=now.at,
    )


def _digest(title: str, body: str) -> bytes:
    """Digest the words that are signed: UTF-8 of the title, a line feed, the body."""
    return hashlib.sha256(f"{title}\n{body}".encode()).digest()


def _signatory_context(signature_id: UUID) -> str:
    return f"contract_signature.signatory:{signature_id}"
