"""Champion and challenger beside each other, in cases small enough to count by hand."""

from __future__ import annotations

from tiao.credit.registry.comparing import compared
from tiao.credit.registry.roles import Said, Shadow

#: age, shadow approves with (probability, limit), was approved with (probability, limit), outcome
CASES = """
# age  shadow            decided           bad
  22   yes .10 1000      yes .20  800      no
  30   yes .20  900      no  .40    0      -
  40   no  .60    0      yes .30  700      yes
  70   no  .70    0      no   -     0      -
"""


def side(words: list[str]) -> Said:
    probability = None if words[1] == "-" else float(words[1])
    return Said(words[0] == "yes", probability, int(words[2]))


def seen() -> list[Shadow]:
    made = []
    for line in CASES.strip().splitlines()[1:]:
        age, *words = line.split()
        shadow, bad = side(words[:3]), {"yes": True, "no": False, "-": None}[words[6]]
        made.append(
            Shadow({}, int(age), shadow.is_approved, bad, shadow.probability, shadow.limit_minor, side(words[3:6]))
        )
    return made


def test_both_sides_are_counted_over_the_same_applications() -> None:
    told = compared("0" * 16, seen())
    assert (told.scored, told.only_shadow, told.only_decided) == (4, 1, 1)
    assert (told.shadow.approved, told.shadow.limits_minor, told.shadow.auc) == (2, 1900, 1.0)
    assert (told.decided.approved, told.decided.limits_minor, told.decided.auc) == (2, 1500, 1.0)
    assert (told.ripe, told.bad) == (2, 1)
    assert [(each.group, each.scored, each.approved_ppm, each.decided_ppm) for each in told.groups] == [
        ("under 25", 1, 1_000_000, 1_000_000),
        ("25 to 60", 2, 500_000, 500_000),
        ("60 and over", 1, 0, 0),
    ]
    assert {each.air_ppm for each in told.groups} == {None}, "one person says nothing of a group"


def test_large_groups_are_held_against_the_best_of_them() -> None:
    young = [Shadow({}, 22, number % 5 < 2, None) for number in range(1_000)]
    older = [Shadow({}, 40, number % 5 < 4, None) for number in range(1_000)]
    told = compared("0" * 16, [*young, *older, Shadow({}, 70, True, None)])
    assert [each.air_ppm for each in told.groups] == [500_000, 1_000_000, None]
    assert (told.shadow.auc, told.decided.auc) == (None, None)
