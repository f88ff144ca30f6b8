"""Every "no" of payments."""

from __future__ import annotations

from tiao.values.refusal import Kind, Refusal


class FundingSourceUnknown(Refusal):
    """The customer has no such bank account bound."""

    kind = Kind.NOT_FOUND


class FundingSourceUnbound(Refusal):
    """The bank account was unbound and can no longer be used."""

    kind = Kind.CONFLICT


class FundingSourceAlreadyBound(Refusal):
    """This bank account is already bound."""

    kind = Kind.CONFLICT


class FundingSourceInUse(Refusal):
    """A payment from this bank account is still under way; unbind it when that has ended."""

    kind = Kind.CONFLICT


class AutopayNotAgreed(Refusal):
    """The customer has not agreed to automatic payment from this bank account."""

    kind = Kind.CONFLICT


class BindingRefused(Refusal):
    """The bank did not accept this account."""

    kind = Kind.CONFLICT


class HolderCheckUnavailable(Refusal):
    """Nobody could say whose card this is; try again later."""

    kind = Kind.BUSY


class DebitAlreadyRunning(Refusal):
    """A payment on this credit line is still under way; its outcome must be known before another one begins."""

    kind = Kind.CONFLICT


class NoChannelUsable(Refusal):
    """No channel may be used for this payment: its amount, the hour or the account stand against each."""

    kind = Kind.CONFLICT


class DebitDiffers(Refusal):
    """A payment with this id was begun before with other content."""

    kind = Kind.CONFLICT


class DebitUnknown(Refusal):
    """There is no such payment."""

    kind = Kind.NOT_FOUND


class PayoutDiffers(Refusal):
    """A payout with this id was begun before with other content."""

    kind = Kind.CONFLICT


class PayoutUnknown(Refusal):
    """There is no such payout."""

    kind = Kind.NOT_FOUND


class PayoutNotFailed(Refusal):
    """Only a refund whose payout has failed, and was not retried yet, can be retried."""

    kind = Kind.CONFLICT


class ContradictionUnknown(Refusal):
    """There is no such contradiction."""

    kind = Kind.NOT_FOUND


class ContradictionResolved(Refusal):
    """The contradiction was resolved already."""

    kind = Kind.CONFLICT


class SettlementUnknown(Refusal):
    """The merchant has no such settlement."""

    kind = Kind.NOT_FOUND


class NoticeNotGenuine(Refusal):
    """The notice is not signed with the channel's key, or is not a notice."""

    kind = Kind.UNAUTHENTICATED
