"""Every "no" about money that was paid before a service."""

from __future__ import annotations

from tiao.values.refusal import Refusal


class MerchantHasNotFailed(Refusal):
    """Two people have not said that this merchant gives its service no more."""
