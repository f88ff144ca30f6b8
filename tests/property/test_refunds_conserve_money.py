"""Refunds one after another end where their sum would, split to the last fen, and never make a debt or fee negative."""

from __future__ import annotations

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from tiao.lending.refunds import (
    OffsetOrder,
    PlanKind,
    PlanRefund,
    RefundableInstalment,
    RefundablePurchase,
    RefundPolicy,
    Repayment,
    UnpaidFeeRule,
    refund_plan,
    return_to_sources,
)


@st.composite
def instalments(draw: st.DrawFn) -> RefundableInstalment:
    principal, fee = draw(st.integers(0, 50_000)), draw(st.integers(0, 800))
    return RefundableInstalment(
        principal, fee, draw(st.integers(0, principal)), draw(st.integers(0, fee)), principal_refunded_minor=0
    )


policies = st.builds(
    RefundPolicy,
    window_days=st.just(365),
    offset_order=st.just(OffsetOrder.LAST_INSTALMENT_FIRST),
    unpaid_fee_rule=st.sampled_from(UnpaidFeeRule),
    is_paid_fee_returned=st.booleans(),
    is_bill_plan_fee_returned=st.booleans(),
)
plans = st.lists(instalments(), min_size=1, max_size=6).filter(lambda parts: sum(p.principal_minor for p in parts) > 1)


def after(purchase: RefundablePurchase, refund: int, answer: PlanRefund) -> RefundablePurchase:
    return msgspec.structs.replace(
        purchase,
        instalments=tuple(
            msgspec.structs.replace(part, principal_refunded_minor=part.principal_refunded_minor + offset)
            for part, offset in zip(purchase.instalments, answer.offset_minor, strict=True)
        ),
        refunded_minor=purchase.refunded_minor + refund,
        subsidy_reversed_minor=purchase.subsidy_reversed_minor + answer.subsidy_reversed_minor,
        paid_fee_returned_minor=purchase.paid_fee_returned_minor + answer.paid_fee_returned_minor,
    )


@given(plans, policies, st.sampled_from(PlanKind), st.integers(0, 900), st.data())
def test_refunds_conserve_money(
    parts: list[RefundableInstalment], policy: RefundPolicy, kind: PlanKind, subsidy: int, data: st.DataObject
) -> None:
    captured = sum(part.principal_minor for part in parts)
    purchase = RefundablePurchase(captured, tuple(parts), subsidy_minor=subsidy, kind=kind)
    total = data.draw(st.integers(2, captured))
    first = data.draw(st.integers(1, total - 1))
    whole = refund_plan(purchase, total, policy)
    one = refund_plan(purchase, first, policy)
    two = refund_plan(after(purchase, first, one), total - first, policy)

    for refund, answer, before in ((total, whole, purchase), (first, one, purchase)):
        assert sum(answer.offset_minor) + answer.returned_minor == refund
        assert answer.returned_minor <= sum(part.principal_paid_minor for part in before.instalments)
        assert min(min(open_.principal_minor, open_.fee_minor) for open_ in answer.open_after) >= 0
        assert min(answer.fee_written_off_minor) >= 0
        assert all(
            open_.fee_minor <= part.fee_minor - part.fee_paid_minor
            for open_, part in zip(answer.open_after, before.instalments, strict=True)
        )
    assert two.open_after == whole.open_after
    assert one.returned_minor + two.returned_minor == whole.returned_minor
    assert one.subsidy_reversed_minor + two.subsidy_reversed_minor == whole.subsidy_reversed_minor
    assert one.paid_fee_returned_minor + two.paid_fee_returned_minor == whole.paid_fee_returned_minor
    if total == captured:
        assert whole.subsidy_reversed_minor == subsidy
        if kind is PlanKind.ORDER:
            assert sum(open_.principal_minor + open_.fee_minor for open_ in whole.open_after) == 0


repayments = st.lists(
    st.integers(0, 5000).flatmap(
        lambda paid: st.builds(
            Repayment, source=st.sampled_from("abc"), paid_minor=st.just(paid), returned_minor=st.integers(0, paid)
        )
    ),
    max_size=6,
)


@given(st.integers(0, 50_000), repayments)
def test_what_goes_back_along_repayments_is_split_to_the_last_fen(surplus: int, repaid: list[Repayment]) -> None:
    returned, credit = return_to_sources(surplus, repaid)
    assert sum(part.minor for part in returned) + credit == surplus
    assert credit == max(0, surplus - sum(each.paid_minor - each.returned_minor for each in repaid))
    assert all(part.minor > 0 for part in returned)
