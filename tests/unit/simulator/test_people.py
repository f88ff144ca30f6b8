"""Made-up people pass every check that real ones must, and are the same whenever they are asked for."""

from datetime import date

from tiao.identity.rules import birth_date, checked
from tiao.policy.conduct import has_reached
from tiao.simulator.people import monthly_income, people

TODAY = date(2018, 4, 1)


def test_everybody_is_valid_of_age_and_somebody_else() -> None:
    made = people("seed", [str(place) for place in range(2_000)], on=TODAY)
    persons = [checked(applicant, today=TODAY) for applicant in made.values()]
    assert len({person.identity_number for person in persons}) == 2_000
    assert all(has_reached(21, born_on=birth_date(one.identity_number, today=TODAY), today=TODAY) for one in persons)


def test_a_person_depends_on_the_seed_and_the_key_alone() -> None:
    both = people("seed", ["a", "b"], on=TODAY)
    assert people("seed", ["b"], on=TODAY)["b"].identity_number == both["b"].identity_number
    assert people("other", ["b"], on=TODAY)["b"].identity_number != both["b"].identity_number


def test_incomes_are_whole_hundreds_of_yuan_within_the_bands() -> None:
    incomes = [monthly_income("seed", str(place)) for place in range(1_000)]
    assert all(income % 10_000 == 0 and 250_000 <= income < 4_000_000 for income in incomes)
    assert sorted(incomes)[500] in range(500_000, 900_001)
