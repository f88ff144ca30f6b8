"""How much may be paid by codes a day, by how well the payer was known. Pure.

Source: 银发〔2017〕296号; the figures are policy `qr.limit_per_day`.
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from tiao.checkout.counters.model import SaleKind
from tiao.policy.pack import Pack

#: Whom the rule is written for; that credit is paid by the code does not make it less careful.
_PAYMENT_FIRM = "psp"


class CodeClass(StrEnum):
    """How well a payer was known: A two factors with a certificate, B two, C fewer, D a printed code."""

    A = "A_certificate_or_signature"
    B = "B_two_factors"
    C = "C_under_two_factors"
    D = "D_static"


#: What counts against a class's limit: it, and what was known of the payer less well.
COUNTED = {
    CodeClass.A: (),
    CodeClass.B: (CodeClass.B, CodeClass.C, CodeClass.D),
    CodeClass.C: (CodeClass.C, CodeClass.D),
    CodeClass.D: (CodeClass.D,),
}


def class_of(kind: SaleKind, *, is_confirmed: bool) -> CodeClass:
    """Say how well a payer is known.

    A printed code is class D whatever follows. The code of a bound device is one factor; confirmed on the phone, where
    the payer signed in by another, it is two. Who scans a code on a screen has signed in: one.
    """
    if kind is SaleKind.STATIC:
        return CodeClass.D
    return CodeClass.B if kind is SaleKind.CODE and is_confirmed else CodeClass.C


def limit_minor(pack: Pack, code_class: CodeClass, *, on: date) -> int | None:
    """Find what may be paid a day; None where that is by agreement, or no rule is in force."""
    found = pack.find("qr.limit_per_day", on=on, lender_type=_PAYMENT_FIRM)
    if found is None:
        return None
    assert isinstance(found.value, dict), "by class"
    value = found.value[code_class.value]
    return value if isinstance(value, int) else None
