"""What decides in this process at the moment."""

from __future__ import annotations

from tiao.risk.deciding import Listing, Setup
from tiao.risk.live import catalogue
from tiao.risk.rules.ruleset import Ruler
from tiao.risk.rules.shipped import starter


class Control:
    """Keeps the setup of a programme."""

    def __init__(self, currency: str, listed: Listing) -> None:
        self._catalogue = catalogue(currency)
        self._setup = Setup(Ruler(starter(), self._catalogue), listed=listed)

    def setup(self) -> Setup:
        """Give what decides."""
        return self._setup
