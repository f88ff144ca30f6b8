"""What every request is served with, and who is asking."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple, TypeAlias
from uuid import UUID

from litestar.di import NamedDependency
from litestar.params import SkipValidation

from tiao.api import ids
from tiao.api.counters import Counters
from tiao.api.keyring import Keyring
from tiao.api.limiting import Limiter
from tiao.api.metrics import Metrics
from tiao.api.refusals import SubjectMissing
from tiao.identity.refusals import CustomerUnknown
from tiao.partners.model import Principal, Role
from tiao.partners.refusals import MerchantUnknown
from tiao.runtime.clock import Clock, business_date
from tiao.runtime.db import Database, Tx
from tiao.sharding.shards import Shards
from tiao.values.ids import bucket_of, read_id, show_id
from tiao.values.moment import Moment
from tiao.values.refusal import Refusal
from tiao.wiring import CodeLimits, Platform


class Services(NamedTuple):
    """What the API works with. *clock* is the real one: keys and log lines do not follow a test clock.

    *platform* is the home's, where the programme's own records live: with one server, the only one.
    """

    platform: Platform
    shards: Shards
    keyring: Keyring
    clock: Clock
    random_bytes: Callable[[int], bytes]
    notice_keys: Mapping[str, bytes]
    metrics: Metrics
    counters: Counters
    sms_key: bytes | None = None
    webhook_allow: frozenset[str] = frozenset()
    limiter: Limiter | None = None
    code_limits: CodeLimits = CodeLimits()

    async def real_moment(self, tx: Tx) -> Moment:
        """Give the real time, for keys: a test clock may stand in any year."""
        at = await self.clock.now(tx)
        return Moment(at, business_date(at, self.platform.programme.zone), self.platform.moments.ids)


class Asked(NamedTuple):
    """One authenticated request: who asks, for which operation, and in which bucket what it is about lies.

    The bucket is read off the caller or the request's address (`tiao.api.whereabouts`); None is the programme's own.
    """

    services: Services
    caller: Principal
    operation: str
    bucket: int | None
    #: Whether a browser's session asks, and not a key.
    is_browser: bool = False

    @property
    def platform(self) -> Platform:
        """The platform of the server that the request belongs to. Refuses: ShardUnavailable."""
        return self.services.shards.platform(self.bucket)

    @property
    def db(self) -> Database:
        """The database of that server. Refuses: ShardUnavailable."""
        return self.platform.db

    def about(self, identifier: UUID) -> Asked:
        """Say what a request is about when only its body tells: something of a customer's."""
        return self._replace(bucket=bucket_of(identifier))

    @property
    def is_operator(self) -> bool:
        """Whether an operator asks, who sees what belongs to anybody."""
        return self.caller.role is Role.OPERATOR

    @property
    def person(self) -> str:
        """Name the operator who asks, whichever of their keys they use: nobody is two people."""
        assert self.is_operator, "only operators decide in their own name"
        return show_id(ids.OPERATOR, self.caller.subject_id)

    def owns(self, *, customer_id: UUID | None = None, merchant_id: UUID | None = None) -> bool:
        """Tell whether something of this customer or merchant is the caller's to see."""
        owner = {Role.CONSUMER: customer_id, Role.MERCHANT: merchant_id, Role.OPERATOR: self.caller.subject_id}
        return owner[self.caller.role] == self.caller.subject_id

    def require_own(
        self, refusal: type[Refusal], *, customer_id: UUID | None = None, merchant_id: UUID | None = None
    ) -> None:
        """Refuse what is somebody else's exactly as if it did not exist."""
        if not self.owns(customer_id=customer_id, merchant_id=merchant_id):
            raise refusal

    def customer(self, named: str | None) -> UUID:
        """Say whose records are meant: a consumer's own, or those an operator names.

        Refuses: SubjectMissing, CustomerUnknown for somebody else's, MalformedId.
        """
        return self._subject(named, "customer", "cus", CustomerUnknown)

    def merchant(self, named: str | None) -> UUID:
        """Say whose records are meant: a merchant's own, or those an operator names.

        Refuses: SubjectMissing, MerchantUnknown for somebody else's, MalformedId.
        """
        return self._subject(named, "merchant", "mer", MerchantUnknown)

    def _subject(self, named: str | None, parameter: str, prefix: str, unknown: type[Refusal]) -> UUID:
        given = None if named is None else read_id(prefix, named)
        if self.is_operator:
            if given is None:
                raise SubjectMissing(f"an operator gives ?{parameter}=", pointer=parameter)
            return given
        if given not in {None, self.caller.subject_id}:
            raise unknown
        return self.caller.subject_id


Call: TypeAlias = NamedDependency[SkipValidation[Asked]]
