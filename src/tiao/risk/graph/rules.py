"""What is decided about links: what links at all, and when a component looks like a ring."""

from __future__ import annotations

from datetime import timedelta

from tiao.risk.entities import EntityKind
from tiao.risk.graph.model import Counts, Indicators

#: Shared by more customers than this, a thing links nobody: families share phones, campuses networks. Our own choice.
SHARED_MOST = {
    EntityKind.DEVICE: 12,
    EntityKind.CARD: 10,
    EntityKind.PHONE: 10,
    EntityKind.ADDRESS: 12,
    EntityKind.IP: 8,
}
#: A family shares things too; a ring is larger, and new or known to be bad.
RING_SIZE, RING_NEW_SHARE, RING_BAD_SHARE = 4, 0.5, 0.2
#: Who joined within so long is new.
NEW = timedelta(days=7)
#: What is known of somebody whom nothing links to anybody.
ALONE = Indicators(1, 0.0, 0.0, is_ring=False)


def indicators(links: Counts | None) -> Indicators:
    """Say what a customer's links mean; the customer's own record is left out of the shares."""
    if links is None or links.size <= 1:
        return ALONE
    others = links.size - 1
    new_share = min(1.0, links.joined_7 / links.size)
    bad_share = (links.bads - links.is_bad) / others
    is_ring = links.size >= RING_SIZE and (new_share >= RING_NEW_SHARE or bad_share >= RING_BAD_SHARE)
    return Indicators(links.size, new_share, bad_share, is_ring)
