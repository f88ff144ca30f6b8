"""What two people's approval of a company leads to once it has signed: merchants, their keys, how they are settled."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from uuid import UUID

from tiao.partners.onboarding import contracting
from tiao.partners.onboarding.actions import application
from tiao.partners.onboarding.contracting import Admitted
from tiao.partners.scenes.model import Scene
from tiao.payments.settling import actions as settling
from tiao.payments.settling.model import NewTerms, People, Schedule
from tiao.runtime.db import Tx
from tiao.runtime.secrets import FieldCipher
from tiao.values.moment import Moment


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
    """Make a company its merchants, and keep back of their sales what its grade asks for.

    Refuses: MerchantApplicationUnknown, MerchantApplicationNotOpen, ContractNotSigned, FieldUnreadable.
    """
    made = await contracting.admit(
        tx, now, vault, scenes, application_id, actor=actor, real=real, random_bytes=random_bytes
    )
    found = await application(tx, application_id)
    assert found.proposed_by is not None, "two people approved it"
    assert found.decided_by is not None, "two people approved it"
    people = People(found.proposed_by, found.decided_by)
    for each in made:
        if each.terms.reserve_rate > 0:
            terms = NewTerms(Schedule.DAILY, each.terms.reserve_rate, each.terms.reserve_days)
            await settling.agree_terms(tx, now, each.merchant.id, terms, from_on=now.today, people=people)
    return made
