"""Experiments: which visitors of a shop see pay-later, and what it does to orders, in numbers with intervals."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import msgspec
from litestar import Response
from litestar.params import JSONBody, PathParameter

from tiao.api import ids
from tiao.api.idempotency import once
from tiao.api.ids import AmountOrNoneMinor, AnyMerchant, ExperimentInPath, IdempotencyKey, Text
from tiao.api.operation import M, O, makes, reads
from tiao.api.services import Call
from tiao.partners.experiments import actions as experiments
from tiao.partners.experiments import rules
from tiao.partners.experiments.model import Arm, Compared, Experiment, Measure, Observation
from tiao.partners.experiments.refusals import ExperimentEnded, ExperimentUnknown
from tiao.partners.refusals import MerchantUnknown
from tiao.partners.scopes import Scope
from tiao.runtime.db import Tx
from tiao.values.ids import read_id, show_id
from tiao.values.moment import Moment

#: The shop's own opaque name of a visitor: no name, phone or address of a person.
_SUBJECT = "^[A-Za-z0-9_-]{1,64}$"
Subject = Annotated[str, msgspec.Meta(pattern=_SUBJECT, description="The shop's own opaque name of a visitor.")]
SubjectInPath = Annotated[str, PathParameter(pattern=_SUBJECT, description="The shop's own opaque name of a visitor.")]
SharePpm = Annotated[int, msgspec.Meta(ge=10_000, le=990_000, description="Of a million visitors, how many see it.")]


class ExperimentGiven(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An experiment; half of the visitors see pay-later unless said otherwise."""

    name: Text
    shown_ppm: SharePpm = 500_000


class ExperimentShown(msgspec.Struct, frozen=True):
    """An experiment."""

    id: str
    name: str
    shown_ppm: int
    made_at: datetime
    ended_at: datetime | None


class ExperimentList(msgspec.Struct, frozen=True):
    """A merchant's experiments in the order in which they were made."""

    data: list[ExperimentShown]


class ArmShown(msgspec.Struct, frozen=True):
    """What a visitor sees, now and always."""

    subject: str
    arm: Arm


class ObservationGiven(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a visitor did since the first visit, and spent before it: of all visitors, those without an order too."""

    subject: Subject
    orders: Annotated[int, msgspec.Meta(ge=0, le=1_000_000)]
    value_minor: AmountOrNoneMinor
    before_minor: AmountOrNoneMinor = 0


class ObservationsGiven(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What visitors did; told again, the latest counts."""

    data: Annotated[list[ObservationGiven], msgspec.Meta(min_length=1, max_length=500)]


class ObservationsTaken(msgspec.Struct, frozen=True):
    """How many were taken."""

    count: int


class ComparedShown(msgspec.Struct, frozen=True):
    """One measure in both arms; the intervals hold the truth 95 times of 100. Values are in minor units, rates shares.

    What the past explains is taken out: *variance_explained* says how much of the noise that was.
    """

    measure: Measure
    shown: float
    hidden: float
    difference: float
    low: float
    high: float
    relative: float | None
    relative_low: float | None
    relative_high: float | None
    p_value: float
    variance_explained: float


class ResultShown(msgspec.Struct, frozen=True):
    """An experiment so far.

    When *is_ratio_wrong*, the arms are of other sizes than chance gives: somebody is not observed, and nothing is to
    be believed. Below thirty visitors in an arm nothing is compared.
    """

    shown: int
    hidden: int
    ratio_p_value: float
    is_ratio_wrong: bool
    compared: list[ComparedShown]


@makes("/v1/experiments", by=[M], scope=Scope.QUOTES_WRITE)
async def create_experiment(
    call: Call, data: JSONBody[ExperimentGiven], key: IdempotencyKey
) -> Response[ExperimentShown]:
    """Begin an experiment: show pay-later to some visitors and not to others."""

    async def work(tx: Tx, now: Moment) -> ExperimentShown:
        made = await experiments.begin(tx, now, call.caller.subject_id, name=data.name, shown_ppm=data.shown_ppm)
        return _shown(made)

    return await once(call._replace(bucket=None), key, data, work)


@reads("/v1/experiments", by=[M, O], scope=Scope.PURCHASES_READ, refuses=[MerchantUnknown])
async def list_experiments(call: Call, merchant: AnyMerchant = None) -> ExperimentList:
    """List one's experiments; an operator names the merchant."""
    async with call.services.platform.db.begin() as tx:
        return ExperimentList([_shown(each) for each in await experiments.experiments(tx, call.merchant(merchant))])


@reads(
    "/v1/experiments/{experiment_id:str}/arms/{subject:str}",
    by=[M],
    scope=Scope.PURCHASES_READ,
    refuses=[ExperimentUnknown],
)
async def read_arm(call: Call, experiment_id: ExperimentInPath, subject: SubjectInPath) -> ArmShown:
    """Say what a visitor sees. It follows from the names alone: nothing is stored, and every server says the same."""
    async with call.services.platform.db.begin() as tx:
        found = await experiments.own(tx, call.caller.subject_id, read_id(ids.EXPERIMENT, experiment_id))
    return ArmShown(subject, rules.arm_of(found.id, subject, found.shown_ppm))


@makes(
    "/v1/experiments/{experiment_id:str}/observations",
    by=[M],
    scope=Scope.QUOTES_WRITE,
    status=200,
    refuses=[ExperimentUnknown, ExperimentEnded],
)
async def observe_visitors(
    call: Call, experiment_id: ExperimentInPath, data: JSONBody[ObservationsGiven], key: IdempotencyKey
) -> Response[ObservationsTaken]:
    """Tell what visitors did. Every visitor counts, shown or not, with orders or without."""
    wanted = read_id(ids.EXPERIMENT, experiment_id)

    async def work(tx: Tx, _now: Moment) -> ObservationsTaken:
        found = await experiments.own(tx, call.caller.subject_id, wanted)
        seen = [Observation(each.subject, each.orders, each.value_minor, each.before_minor) for each in data.data]
        await experiments.observe(tx, found, seen)
        return ObservationsTaken(len(seen))

    return await once(call._replace(bucket=None), key, data, work, status=200)


@reads(
    "/v1/experiments/{experiment_id:str}/results", by=[M, O], scope=Scope.PURCHASES_READ, refuses=[ExperimentUnknown]
)
async def read_results(call: Call, experiment_id: ExperimentInPath) -> ResultShown:
    """Compare the arms: conversion, order value, repeat rate, value for each visitor."""
    async with call.services.platform.db.begin() as tx:
        found = await experiments.experiment(tx, read_id(ids.EXPERIMENT, experiment_id))
        call.require_own(ExperimentUnknown, merchant_id=found.merchant_id)
        result = await experiments.result(tx, found)
    return ResultShown(
        shown=result.shown,
        hidden=result.hidden,
        ratio_p_value=result.ratio_p_value,
        is_ratio_wrong=result.is_ratio_wrong,
        compared=[_compared(each) for each in result.compared],
    )


@makes(
    "/v1/experiments/{experiment_id:str}/end",
    by=[M],
    scope=Scope.QUOTES_WRITE,
    status=200,
    refuses=[ExperimentUnknown],
)
async def end_experiment(call: Call, experiment_id: ExperimentInPath, key: IdempotencyKey) -> Response[ExperimentShown]:
    """End an experiment; visitors go on seeing what they saw until the shop asks no more."""
    wanted = read_id(ids.EXPERIMENT, experiment_id)

    async def work(tx: Tx, now: Moment) -> ExperimentShown:
        return _shown(await experiments.end(tx, now, await experiments.own(tx, call.caller.subject_id, wanted)))

    return await once(call._replace(bucket=None), key, None, work, status=200)


def _shown(experiment: Experiment) -> ExperimentShown:
    return ExperimentShown(
        show_id(ids.EXPERIMENT, experiment.id),
        experiment.name,
        experiment.shown_ppm,
        experiment.made_at,
        experiment.ended_at,
    )


def _compared(compared: Compared) -> ComparedShown:
    return ComparedShown(*compared)


ROUTES = [create_experiment, list_experiments, read_arm, observe_visitors, read_results, end_experiment]
