"""The unified social credit code (统一社会信用代码), pure.

Source: GB 32100-2015: 18 signs of 31, the last of which makes the weighted sum a multiple of 31; GB 11714 within it.
"""

from __future__ import annotations

import re

from tiao.partners.onboarding.refusals import CreditCodeInvalid

#: Digits and capitals without I, O, S, V and Z, which are misread.
SIGNS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_WEIGHTS = tuple(pow(3, place, 31) for place in range(17))
_FORM = re.compile(f"[{SIGNS}]{{2}}[0-9]{{6}}[{SIGNS}]{{10}}")
_ORGANISATION = slice(8, 17)
_ORGANISATION_SIGNS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)


def check_sign(first: str) -> str:
    """Find the sign that ends a code of which 17 are given."""
    total = sum(SIGNS.index(sign) * weight for sign, weight in zip(first, _WEIGHTS, strict=True))
    return SIGNS[-total % 31]


def organisation_check_sign(first: str) -> str:
    """Find the sign that ends an organisation's own code of which 8 are given. Source: GB 11714-1997."""
    pairs = zip(first, _ORGANISATION_WEIGHTS, strict=True)
    rest = -sum(_ORGANISATION_SIGNS.index(sign) * weight for sign, weight in pairs) % 11
    return "X" if rest == 10 else str(rest)  # noqa: PLR2004  the Roman ten, as on identity cards


def checked(text: str) -> str:
    """Bring a code into its one form: capitals, no blanks. Refuses: CreditCodeInvalid."""
    code = "".join(text.split()).upper()
    if _FORM.fullmatch(code) is None:
        raise CreditCodeInvalid("18 digits and capitals, without I, O, S, V and Z", pointer="/credit_code")
    if check_sign(code[:17]) != code[17]:
        raise CreditCodeInvalid("the last sign does not follow from the others", pointer="/credit_code")
    organisation = code[_ORGANISATION]
    if organisation_check_sign(organisation[:8]) != organisation[8]:
        raise CreditCodeInvalid("signs 9 to 17 are no organisation's code", pointer="/credit_code")
    return code
