"""The worked examples of docs/products.md, computed by the code they explain."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from uuid import UUID

from tiao.checkout.offers import OfferBook
from tiao.lending.billing import cycle_of, next_statement_on, order_due_dates
from tiao.lending.interest import Bearing, payable_minor
from tiao.lending.model import BillingMode, FeePayer, InstalmentKey, OrderDueRule, Plan, Pricing
from tiao.lending.penalties import accrue, penalty_policy
from tiao.lending.pricing import annual_rates, cap_on, fee_rate_max
from tiao.lending.products import offered, shipped_products
from tiao.lending.refunds import (
    RefundableInstalment,
    RefundablePurchase,
    Repayment,
    interest_of,
    refund_plan,
    return_to_sources,
)
from tiao.policy.pack import Pack
from tiao.values.money import Rounding, round_minor

LENDER_TYPE = "cfc"
BOUGHT_ON = date(2026, 11, 20)
STATEMENT_DAY = 8
PRICE = 120_000
DISCOUNT_RATE = Decimal("0.006")


def book() -> OfferBook:
    return OfferBook(products=shipped_products(), pack=Pack.load("cn"), lender="the lender", lender_type=LENDER_TYPE)


def yuan(minor: int) -> str:
    sign = "-" if minor < 0 else ""
    return f"{sign}{abs(minor) // 100:,}.{abs(minor) % 100:02d}"


def percent(rate: Decimal) -> str:
    return f"{(rate * 100).quantize(Decimal('0.01'))} %"


def table(headings: str, rows: Sequence[Sequence[object]]) -> str:
    """Write a Markdown table; a heading that ends in : is a column of figures."""
    names = [name.strip() for name in headings.split("|")]
    rule = ["--:" if name.endswith(":") else "---" for name in names]
    lines = [[name.removesuffix(":") for name in names], rule, *rows]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines)


def plan_of(code: str, fee_payer: FeePayer = FeePayer.CONSUMER, price: int = PRICE) -> Plan:
    return book().plan(code, fee_payer, price, taken_on=BOUGHT_ON, statement_day=STATEMENT_DAY)


def shelf() -> str:
    rows = []
    for choice in offered(shipped_products(), BOUGHT_ON):
        product, plan = choice.product, plan_of(choice.code)
        rates = annual_rates(plan)
        price = {
            Pricing.INTEREST_FREE: "none",
            Pricing.FLAT_FEE: f"{product.fee_rate_per_term * 100:.1f} % a term",
        }.get(product.pricing, f"{product.rate_annual * 100:.2f} % a year")
        simple, compound = (percent(rates.simple), percent(rates.compound)) if plan.fee_minor else ("0 %", "0 %")
        kind = product.pricing.value.replace("_", " ")
        row = (choice.terms, kind, price, yuan(plan.fee_minor), simple, compound)
        rows.append((f"`{choice.code}`", product.mode.value, *row))
    heads = "plan | billed by | terms: | pricing | price | cost of 1,200.00: | a year, simple: | a year, compound:"
    return table(heads, rows)


def statement_dates() -> str:
    policy = book().conditions(BOUGHT_ON).billing
    rows = []
    for bought in (date(2026, 11, 7), date(2026, 11, 8), date(2026, 12, 7)):
        cycle = cycle_of(bought, STATEMENT_DAY, policy)
        rows.append((bought, cycle.statement_on, cycle.due_on, f"{(cycle.due_on - bought).days} days"))
    return table("bought on | statement on | due on | free of cost for:", rows)


def order_dates() -> str:
    rows = []
    for bought in (date(2026, 11, 20), date(2027, 1, 31)):
        dues = order_due_dates(bought, 3, OrderDueRule.MONTHLY_ANNIVERSARY)
        rows.append((bought, *dues))
    return table("bought on | first due | second due | third due", rows)


def month_ends() -> str:
    rows, day = [], date(2027, 1, 10)
    for _ in range(3):
        day = next_statement_on(day, 31)
        rows.append((f"{day:%B %Y}", day))
    return table("month | statement of day 31", rows)


def three_terms() -> str:
    plan = plan_of("instalments_3", price=100_000)
    rows: list[tuple[object, ...]] = [
        (part.number, part.statement_on, part.due_on, yuan(part.principal_minor), yuan(part.fee_minor))
        for part in plan.instalments
    ]
    rows.append(("all", "", "", yuan(plan.principal_minor), yuan(plan.fee_minor)))
    return table("number: | statement on | due on | principal: | fee:", rows)


def caps() -> str:
    pack = Pack.load("cn")
    cap = cap_on(pack, lender_type=LENDER_TYPE, contract_on=BOUGHT_ON)
    assert cap is not None, "a consumer-finance company has a cap"
    rows = [(terms, percent(cap.rate_annual), f"{fee_rate_max(terms, cap) * 100:.3f} %") for terms in (3, 6, 12, 24)]
    return table("terms: | cap a year: | largest fee a term:", rows)


def who_pays() -> str:
    discount = round_minor(PRICE * Fraction(DISCOUNT_RATE), Rounding.HALF_UP)
    rows = []
    for payer in (FeePayer.CONSUMER, FeePayer.MERCHANT):
        plan = plan_of("instalments_12", payer)
        customer, merchant = plan.principal_minor + plan.fee_minor, PRICE - discount - plan.subsidy_minor
        lender = customer - merchant
        rows.append(
            (payer.value, yuan(customer), yuan(discount), yuan(plan.subsidy_minor), yuan(merchant), yuan(lender))
        )
    heads = "fee borne by | customer pays: | discount: | subsidy: | merchant receives: | lender earns:"
    return table(heads, rows)


def penalty() -> str:
    policy = penalty_policy(Pack.load("cn"), on=BOUGHT_ON, lender_type=LENDER_TYPE)
    base = 40_001
    rows = []
    for days in (1, 10, 30):
        day = accrue(base, policy.ppm_per_day, days=days)
        rows.append((days, yuan(base), policy.ppm_per_day, day.accrued_micro, yuan(day.to_post_minor)))
    return table("days late: | overdue principal: | ppm a day: | millionths of a fen: | charged:", rows)


def _bought_on_three() -> Plan:
    return plan_of("instalments_3")


def _as_paid(plan: Plan, paid: int, refunded: Sequence[int] = (0, 0, 0)) -> RefundablePurchase:
    return RefundablePurchase(
        plan.principal_minor,
        tuple(
            RefundableInstalment(
                part.principal_minor,
                part.fee_minor,
                principal_paid_minor=part.principal_minor if part.number <= paid else 0,
                fee_paid_minor=part.fee_minor if part.number <= paid else 0,
                principal_refunded_minor=refunded[part.number - 1],
            )
            for part in plan.instalments
        ),
        refunded_minor=sum(refunded),
    )


def _refund(paid: int, amount: int) -> str:
    plan, policy = _bought_on_three(), book().conditions(BOUGHT_ON).refund
    effect = refund_plan(_as_paid(plan, paid), amount, policy)
    rows: list[tuple[object, ...]] = [
        (
            part.number,
            yuan(part.principal_minor),
            yuan(part.fee_minor),
            yuan(off),
            yuan(fee),
            yuan(after.principal_minor),
            yuan(after.fee_minor),
        )
        for part, off, fee, after in zip(
            plan.instalments, effect.offset_minor, effect.fee_written_off_minor, effect.open_after, strict=True
        )
    ]
    heads = "number: | principal: | fee: | principal off: | fee off: | principal still open: | fee still open:"
    return f"{table(heads, rows)}\n\nBack to the customer: {yuan(effect.returned_minor)}."


def refund_before_paying() -> str:
    return _refund(0, 30_000)


def refund_after_first_paid() -> str:
    return _refund(1, 100_000)


def refund_surplus() -> str:
    repaid = [Repayment("account B, paid 9 January", 20_000), Repayment("card A, paid 10 December", 30_000)]
    back, kept = return_to_sources(60_000, repaid)
    rows = [(one.source, yuan(paid.paid_minor), yuan(one.minor)) for one, paid in zip(back, repaid, strict=True)]
    return table("source, latest first | it paid: | goes back:", rows) + f"\n\nKept as a credit balance: {yuan(kept)}."


def _bearing(plan: Plan) -> list[Bearing]:
    return [
        Bearing(
            InstalmentKey(UUID(int=1), part.number),
            part.interest_from_on,
            part.statement_on,
            part.interest_on_minor,
            part.fee_minor,
            cancelled_minor=0,
            paid_minor=0,
            open_minor=part.fee_minor,
            principal_minor=part.principal_minor,
            principal_open_minor=part.principal_minor,
        )
        for part in plan.instalments
    ]


def interest_plans() -> str:
    rows = []
    for even, falling in zip(plan_of("annuity_12").instalments, plan_of("equal_principal_12").instalments, strict=True):
        row: list[object] = [even.number, even.due_on]
        for part in (even, falling):
            paid = part.principal_minor + part.fee_minor
            row += [yuan(part.principal_minor), yuan(part.fee_minor), yuan(paid)]
        rows.append(row)
    heads = "number: | due on | annuity, principal: | interest: | together: | equal principal: | interest: | together:"
    return table(heads, rows)


def interest_payoff() -> str:
    plan, rows = plan_of("annuity_12"), []
    for days in (0, 10, 30, 31):
        day = BOUGHT_ON + timedelta(days=days)
        payable = sum(payable_minor(part, day, is_payoff=True) for part in _bearing(plan) if part.from_on)
        rows.append((day, days, yuan(payable), yuan(plan.fee_minor - payable)))
    return table("settled on | days used: | interest owed: | interest not charged:", rows)


def interest_refund() -> str:
    plan, policy = plan_of("annuity_6"), book().conditions(BOUGHT_ON).refund
    purchase = RefundablePurchase(
        plan.principal_minor,
        tuple(
            RefundableInstalment(
                each.principal_minor, each.agreed_minor, loan_id=each.key.loan_id, interest=interest_of(each, BOUGHT_ON)
            )
            for each in _bearing(plan)
        ),
    )
    effect = refund_plan(purchase, 60_000, policy)
    rows = [
        (
            part.number,
            yuan(part.principal_minor),
            yuan(part.fee_minor),
            yuan(after.principal_minor),
            yuan(after.fee_minor),
        )
        for part, after in zip(plan.instalments, effect.open_after, strict=True)
    ]
    return table("number: | principal: | interest: | principal after: | interest after:", rows)


def settlement() -> str:
    discount = round_minor(PRICE * Fraction(DISCOUNT_RATE), Rounding.HALF_UP)
    monday = {"sold": PRICE, "discount": discount, "refunded": 0, "carried": 0}
    tuesday = {
        "sold": 20_000,
        "discount": round_minor(20_000 * Fraction(DISCOUNT_RATE), Rounding.HALF_UP),
        "refunded": 30_000,
        "carried": 0,
    }
    rows, carried = [], 0
    quiet = {"sold": 50_000, "discount": 300, "refunded": 0, "carried": 0}
    for number, day in enumerate((monday, tuesday, quiet)):
        net = day["sold"] - day["discount"] - day["refunded"] + carried
        on = date(2026, 11, 23) + timedelta(days=number)
        rows.append((on, *map(yuan, (day["sold"], day["discount"], day["refunded"], carried, net, max(net, 0)))))
        carried = min(net, 0)
    return table("business date | gross: | discount: | refunded: | carried: | net: | paid out:", rows)


def amounts_below_minimum() -> str:
    rows = []
    for price in (9_999, 10_000):
        codes = [
            offer.plan
            for offer in book().offers(
                price,
                currency="CNY",
                on=BOUGHT_ON,
                statement_day=STATEMENT_DAY,
                mode=BillingMode.STATEMENT,
                fee_payer=FeePayer.CONSUMER,
            )
        ]
        rows.append((yuan(price), ", ".join(f"`{code}`" for code in codes)))
    return table("price: | on offer", rows)
