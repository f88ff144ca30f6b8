"""What may be offered on a day: products, prices and caps brought together; pure, and remembered by day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from tiao.checkout.model import Offer, OfferedInstalment
from tiao.lending.billing import billing_policy
from tiao.lending.disclosure import CostSheet, cost_sheet
from tiao.lending.model import BillingMode, BillingPolicy, CostKind, FeePayer, Plan, PlanTerms
from tiao.lending.penalties import penalty_policy
from tiao.lending.plans import check_offer, make_plan
from tiao.lending.pricing import annual_rates, check_price
from tiao.lending.product import Product, Scene
from tiao.lending.products import offered, plan_of
from tiao.lending.refunds import RefundPolicy, refund_policy
from tiao.lending.refusals import InstalmentAmountBelowMinimum, TermsNotOffered
from tiao.partners.scenes.model import Scene as MerchantScene
from tiao.partners.scenes.refusals import SceneOffersNoSuchPlan
from tiao.partners.scenes.rules import check_sale, scene_on, shipped_scenes
from tiao.policy.exposure import check_tenor
from tiao.policy.pack import Pack

CHINA = ZoneInfo("Asia/Shanghai")


class Conditions(NamedTuple):
    """The dated parameters of contracts made on one day."""

    billing: BillingPolicy
    refund: RefundPolicy
    penalty_ppm: int


class OfferBook:
    """Makes offers under one policy pack for one lender. Holds no state but its pack and the pure answers it gave."""

    def __init__(
        self,
        *,
        products: tuple[Product, ...],
        pack: Pack,
        lender: str,
        lender_type: str,
        zone: ZoneInfo = CHINA,
        scenes: tuple[MerchantScene, ...] | None = None,
    ) -> None:
        self.products = products
        #: What holds in lines of business; a merchant's category names its own.
        self.scenes = shipped_scenes() if scenes is None else scenes
        self.lender = lender
        self.lender_type = lender_type
        #: Where the programme's days begin and end: an instant of signing belongs to one of them.
        self.zone = zone
        self.adopt(pack)

    def adopt(self, pack: Pack) -> None:
        """Go on under a pack that somebody has overridden meanwhile, and forget what was answered under the other."""
        self.pack = pack
        self.conditions = lru_cache(maxsize=512)(self._conditions)
        self.terms = lru_cache(maxsize=4096)(self._terms)
        self.scene = lru_cache(maxsize=1024)(self._scene)

    def plan(self, code: str, fee_payer: FeePayer, amount_minor: int, *, taken_on: date, statement_day: int) -> Plan:
        """Make the plan of a purchase that is offered or authorised.

        Refuses: ProductUnknown, TermsNotOffered, InstalmentAmountBelowMinimum, PriceAboveCap, LoanTenorTooLong.
        """
        terms = self.terms(code, fee_payer, taken_on)
        policy = self.conditions(taken_on).billing
        check_offer(terms, amount_minor, policy)
        plan = make_plan(terms, amount_minor, taken_on, statement_day, policy)
        if terms.pricing.bears_interest:
            # Interest is rounded to the nearest fen in each row, so every amount has a price of its own.
            check_price(plan, self.lender_type, taken_on, self.pack)
        return plan

    def plan_of_part(
        self,
        code: str,
        fee_payer: FeePayer,
        amount_minor: int,
        *,
        agreed_on: date,
        taken_on: date,
        statement_day: int,
    ) -> Plan:
        """Make the plan of a capture: on the terms of the day they were agreed, dated by the day it is taken.

        The smallest amount for instalments was checked on the whole purchase; a part may be smaller.
        """
        return make_plan(
            self.terms(code, fee_payer, agreed_on),
            amount_minor,
            taken_on,
            statement_day,
            self.conditions(agreed_on).billing,
        )

    def offers(
        self,
        amount_minor: int,
        *,
        currency: str,
        on: date,
        statement_day: int,
        mode: BillingMode,
        fee_payer: FeePayer,
        category: str = "",
    ) -> tuple[Offer, ...]:
        """Make every offer that the amount, the products, the caps and the scene allow, the shortest first."""
        found = []
        scene = self.scene(category, on)
        for product in offered(self.products, on, mode):
            if scene is not None and product.code not in scene.plans:
                continue
            try:
                plan = self.plan(product.code, fee_payer, amount_minor, taken_on=on, statement_day=statement_day)
            except (TermsNotOffered, InstalmentAmountBelowMinimum):
                continue
            found.append(self.offer(plan, currency=currency, on=on))
        return tuple(found)

    def check_order(self, amount_minor: int, terms: Sequence[int], *, category: str, on: date) -> None:
        """Decide whether an order can be paid at all: its amount, and one at least of the numbers of terms it allows.

        Without *terms* the payer chooses. Refuses: SceneAmountOutside, SceneOffersNoSuchPlan, TermsNotOffered,
        InstalmentAmountBelowMinimum.
        """
        scene = self.scene(category, on)
        check_sale(scene, amount_minor)
        if not terms:
            return
        shelf = offered(self.products, on, BillingMode.STATEMENT)
        if not any(each.terms in terms for each in shelf):
            raise TermsNotOffered(pointer="/terms", terms=min(terms))
        if scene is not None and not any(each.terms in terms for each in shelf if each.code in scene.plans):
            detail = f"the scene {scene.scene} does not offer {min(terms)} terms"
            raise SceneOffersNoSuchPlan(detail, pointer="/terms", terms=min(terms))
        smallest = self.conditions(on).billing.instalment_min_minor
        if min(terms) > 1 and amount_minor < smallest:
            raise InstalmentAmountBelowMinimum(pointer="/amount_minor", minimum_minor=smallest)

    def offer(self, plan: Plan, *, currency: str, on: date) -> Offer:
        """Show a plan with all that it costs."""
        rates = annual_rates(plan)
        return Offer(
            plan=plan.terms.code,
            terms=plan.terms.terms,
            fee_payer=plan.terms.fee_payer,
            principal_minor=plan.principal_minor,
            fee_minor=plan.fee_minor if plan.terms.cost_kind is CostKind.FEE else 0,
            interest_minor=plan.fee_minor if plan.terms.cost_kind is CostKind.INTEREST else 0,
            rate_annual=str(plan.terms.rate_annual) if plan.terms.cost_kind is CostKind.INTEREST else None,
            version=plan.terms.version,
            total_minor=plan.principal_minor + plan.fee_minor,
            annual_rate=_plain(rates.compound),
            annual_rate_simple=_plain(rates.simple),
            cost_sheet_digest=self.cost_sheet(plan, currency=currency, on=on).digest,
            instalments=tuple(
                OfferedInstalment(
                    number=part.number,
                    due_on=part.due_on,
                    principal_minor=part.principal_minor,
                    fee_minor=0 if part.interest_from_on else part.fee_minor,
                    interest_minor=part.fee_minor if part.interest_from_on else 0,
                    total_minor=part.principal_minor + part.fee_minor,
                )
                for part in plan.instalments
            ),
        )

    def cost_sheet(self, plan: Plan, *, currency: str, on: date) -> CostSheet:
        """Write the cost sheet that the customer confirms."""
        return cost_sheet(
            plan,
            lender=self.lender,
            fee_payee=self.lender,
            currency=currency,
            contract_on=on,
            penalty_ppm_per_day=self.conditions(on).penalty_ppm,
            policy_digest=self.pack.digest,
        )

    def _terms(self, code: str, fee_payer: FeePayer, on: date, scene: Scene = Scene.PURCHASE) -> PlanTerms:
        """Find terms and hold price and tenor against the rules, once a day.

        Refuses: ProductUnknown, PriceAboveCap, LoanTenorTooLong.
        """
        terms = plan_of(self.products, code, on, scene).on_terms(fee_payer)
        # The price depends on the amount only by its rounding, which never raises a flat fee: one stands for all.
        sample = make_plan(terms, 100_000, on, 1, self.conditions(on).billing)
        check_price(sample, self.lender_type, on, self.pack)
        check_tenor(terms.terms, pack=self.pack, lender_type=self.lender_type, on=on)
        return terms

    def _scene(self, category: str, on: date) -> MerchantScene | None:
        return scene_on(self.scenes, category, on)

    def _conditions(self, on: date) -> Conditions:
        return Conditions(
            billing=billing_policy(self.pack, on=on, lender_type=self.lender_type),
            refund=refund_policy(self.pack, on=on, lender_type=self.lender_type),
            penalty_ppm=penalty_policy(self.pack, on=on, lender_type=self.lender_type).ppm_per_day,
        )


def _plain(rate: Decimal) -> str:
    return f"{rate:.6f}"
