"""A batcher turns many callers into few sets without changing what any of them would have got alone."""

import asyncio
from collections.abc import Sequence

import pytest

from tiao.runtime.batching import Batcher, Busy


class Gate:
    """A flush that waits until it is let through, and remembers the sets it was given."""

    def __init__(self) -> None:
        self.sets: list[list[str]] = []
        self.under_way = 0
        self.most_under_way = 0
        self._open = asyncio.Event()

    async def flush(self, items: list[str]) -> Sequence[str]:
        self.sets.append(items)
        self.under_way += 1
        self.most_under_way = max(self.most_under_way, self.under_way)
        await self._open.wait()
        self.under_way -= 1
        return [item.upper() for item in items]

    def open(self) -> None:
        self._open.set()


def batcher(gate: Gate, **options: int) -> Batcher[str, str]:
    """Lines are the first letter."""
    return Batcher(gate.flush, line_of=lambda item: item[0], **options)


async def soon(*submitted: str, to: Batcher[str, str]) -> list[asyncio.Task[str]]:
    tasks = [asyncio.create_task(to.submit(item)) for item in submitted]
    await turn()
    return tasks


async def turn() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_a_caller_alone_waits_for_nobody() -> None:
    gate = Gate()
    gate.open()
    assert await batcher(gate).submit("a") == "A"
    assert gate.sets == [["a"]]


async def test_items_that_arrive_in_the_same_turn_share_a_set() -> None:
    gate = Gate()
    await soon("a", "b", "c", to=batcher(gate))
    assert gate.sets == [["a", "b", "c"]]
    gate.open()


async def test_items_gather_while_a_set_is_under_way_and_outcomes_come_back_in_order() -> None:
    gate = Gate()
    under_test = batcher(gate)
    first = await soon("a", to=under_test)
    second = await soon("b", "c", to=under_test)
    third = await soon("d", to=under_test)
    assert gate.sets == [["a"]]
    gate.open()
    assert await asyncio.gather(*first, *second, *third) == ["A", "B", "C", "D"]
    assert gate.sets == [["a"], ["b", "c", "d"]]


async def test_a_set_holds_at_most_size_items() -> None:
    gate = Gate()
    tasks = await soon(*"abcdefg", to=batcher(gate, size=3))
    gate.open()
    await asyncio.gather(*tasks)
    assert gate.sets == [["a", "b", "c"], ["d", "e", "f"], ["g"]]


async def test_a_set_holds_one_item_of_a_line_and_a_line_keeps_its_order() -> None:
    gate = Gate()
    tasks = await soon("a1", "a2", "b1", "a3", "b2", to=batcher(gate))
    gate.open()
    assert await asyncio.gather(*tasks) == ["A1", "A2", "B1", "A3", "B2"]
    assert gate.sets == [["a1", "b1"], ["a2", "b2"], ["a3"]]


async def test_a_line_is_never_under_way_in_two_lanes() -> None:
    gate = Gate()
    under_test = batcher(gate, lanes=2)
    tasks = [*await soon("a1", to=under_test), *await soon("a2", "b1", to=under_test)]
    assert gate.sets == [["a1"], ["b1"]]
    gate.open()
    await asyncio.gather(*tasks)
    assert gate.sets[2:] == [["a2"]]


@pytest.mark.parametrize("lanes", [1, 2])
async def test_as_many_sets_are_under_way_as_there_are_lanes(lanes: int) -> None:
    gate = Gate()
    under_test = batcher(gate, lanes=lanes)
    tasks = [task for item in "abcd" for task in await soon(item, to=under_test)]
    gate.open()
    await asyncio.gather(*tasks)
    assert gate.most_under_way == lanes


async def test_two_lanes_share_what_does_not_fit_one_set() -> None:
    gate = Gate()
    tasks = await soon(*"abcde", to=batcher(gate, lanes=2, size=3))
    assert gate.sets == [["a", "b", "c"], ["d", "e"]]
    gate.open()
    await asyncio.gather(*tasks)


async def test_a_full_queue_refuses_and_says_when_to_come_back() -> None:
    gate = Gate()
    under_test = batcher(gate, queue_max=2)
    tasks = [*await soon("a", to=under_test), *await soon("b", "c", to=under_test)]
    with pytest.raises(Busy) as refused:
        await under_test.submit("d")
    assert refused.value.facts == {"retry_after": 1}
    gate.open()
    assert await asyncio.gather(*tasks) == ["A", "B", "C"]
    assert await under_test.submit("d") == "D"


async def test_items_of_one_line_count_as_waiting_too() -> None:
    gate = Gate()
    under_test = batcher(gate, queue_max=2)
    tasks = await soon("a1", "a2", to=under_test)
    tasks += await soon("a3", to=under_test)
    with pytest.raises(Busy):
        await under_test.submit("a4")
    gate.open()
    await asyncio.gather(*tasks)


async def test_an_exception_fails_its_own_set_only() -> None:
    async def flush(items: list[str]) -> list[str]:
        if "bad" in items:
            raise ZeroDivisionError
        return items

    under_test = Batcher(flush, line_of=lambda item: item, size=2)
    answers = await asyncio.gather(*(under_test.submit(item) for item in ["a", "bad", "b"]), return_exceptions=True)
    assert [type(answer) for answer in answers] == [ZeroDivisionError, ZeroDivisionError, str]


async def test_too_few_outcomes_are_a_bug_that_no_caller_waits_for() -> None:
    async def flush(items: list[str]) -> list[str]:
        return items[1:]

    with pytest.raises(AssertionError, match="0 outcomes for 1 items"):
        await Batcher(flush, line_of=lambda item: item).submit("a")


async def test_an_item_whose_caller_gave_up_before_its_set_began_is_not_done() -> None:
    gate = Gate()
    under_test = batcher(gate)
    first, given_up, last = [task for item in ("a", "b1", "b2") for task in await soon(item, to=under_test)]
    given_up.cancel()
    await turn()
    gate.open()
    assert await asyncio.gather(first, last) == ["A", "B2"]
    assert gate.sets == [["a"], ["b2"]]


async def test_a_caller_that_gives_up_later_harms_nobody_else() -> None:
    gate = Gate()
    under_test = batcher(gate)
    given_up, other = await soon("a1", "b", to=under_test)
    follower = (await soon("a2", to=under_test))[0]
    given_up.cancel()
    await turn()
    gate.open()
    assert await asyncio.gather(other, follower) == ["B", "A2"]


async def test_closing_finishes_what_waits_and_refuses_what_comes() -> None:
    gate = Gate()
    under_test = batcher(gate)
    tasks = await soon("a1", "a2", "a3", "b", to=under_test)
    closing = asyncio.create_task(under_test.close())
    await turn()
    with pytest.raises(Busy):
        await under_test.submit("c")
    gate.open()
    await closing
    assert [task.result() for task in tasks] == ["A1", "A2", "A3", "B"]


async def test_closing_an_idle_batcher_returns_at_once() -> None:
    await batcher(Gate()).close()


async def test_callers_just_answered_join_the_next_set() -> None:
    """Sixty-four callers that come back at once fill sets of sixty-four, not alternating halves."""
    sizes = []

    async def flush(items: list[int]) -> list[int]:
        sizes.append(len(items))
        await asyncio.sleep(0)
        return items

    under_test = Batcher(flush, line_of=lambda item: item)

    async def caller(number: int) -> None:
        for _ in range(20):
            await under_test.submit(number)

    await asyncio.gather(*(caller(number) for number in range(64)))
    assert sizes == [64] * 20


async def test_callers_who_came_together_are_divided_among_the_lanes() -> None:
    """Else they would be answered together, come back together, and one lane would always stand idle."""
    gate = Gate()
    names = [chr(number) for number in range(0x4E00, 0x4E00 + 64)]
    under_test = batcher(gate, lanes=2)
    tasks = await soon(*names, to=under_test)
    assert [len(each) for each in gate.sets] == [32, 32]
    gate.open()
    await asyncio.gather(*tasks)


async def test_what_would_make_small_sets_is_not_divided() -> None:
    gate = Gate()
    tasks = await soon(*"abcdefghijklmnop", to=batcher(gate, lanes=2))
    assert [len(each) for each in gate.sets] == [16]
    gate.open()
    await asyncio.gather(*tasks)


async def test_an_outcome_can_go_on_into_another_batcher_and_wake_its_caller_once() -> None:
    class Onward:
        def __init__(self, to: Batcher[str, str], answer: asyncio.Future[str]) -> None:
            self.to, self.answer = to, answer

        def done(self) -> bool:
            return self.answer.done()

        def set_result(self, result: str, /) -> None:
            self.to.enqueue(result.lower(), self.answer)

        def set_exception(self, exception: Exception, /) -> None:
            self.answer.set_exception(exception)

        def cancel(self) -> bool:
            return self.answer.cancel()

    first, second = Gate(), Gate()
    first.open()
    to = batcher(second)
    through = batcher(first)
    answers: list[asyncio.Future[str]] = [asyncio.get_running_loop().create_future() for _ in "abc"]
    for item, answer in zip("abc", answers, strict=True):
        through.enqueue(item, Onward(to, answer))
    answers[1].cancel()
    await turn()
    assert (first.sets, second.sets) == ([["a", "c"]], [["a", "c"]])
    second.open()
    assert await asyncio.gather(answers[0], answers[2]) == ["A", "C"]
