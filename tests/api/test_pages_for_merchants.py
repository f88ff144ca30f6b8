"""The requests on the pages for merchants are made as they stand there, and every address named there exists."""

# ruff: noqa: ANN401  what conftest makes has no type that could be imported here

import json
import re
from typing import Any, NamedTuple

import pytest

from docs.pages import ROOT, blocks
from tiao.api.document import document

PAGES = ("checkout", "counter", "experiments", "merchants", "compat")
REQUEST = re.compile(r"^(GET|POST|PUT|DELETE) +(/\S+)(.*?)(?=^(?:GET|POST|PUT|DELETE) |\Z)", re.MULTILINE | re.DOTALL)
NAMED = re.compile(r"`(GET|POST|PUT|DELETE) (/v1/[^`?\s]*)")
PLACE = re.compile(r"\{[^}]*\}")


class Asked(NamedTuple):
    method: str
    path: str
    body: Any


def requests_of(page: str) -> list[Asked]:
    """Read the requests of a page's blocks: method and address, then, somewhere below, a JSON object."""
    found = []
    for block in blocks(ROOT / "docs" / f"{page}.md", "http"):
        for method, path, rest in REQUEST.findall(block):
            told = rest.partition("→")[0]
            begin = told.find("{")
            found.append(Asked(method, path, json.loads(told[begin:]) if begin >= 0 else None))
    return found


async def made(by: Any, asked: Asked, path: str, **changed: object) -> Any:
    if asked.method == "GET":
        return await by.got(path)
    return await by.made(path, {**asked.body, **changed})


async def test_a_session_is_asked_for_as_the_page_says(town: Any) -> None:
    [asked] = requests_of("checkout")
    session = await made(town.merchant, asked, asked.path)
    assert (session["status"], session["reference"], session["amount_minor"]) == ("open", "1042", 120_000)
    assert await made(town.merchant, asked, asked.path) == session, "the same number is the same session"


async def test_a_counter_is_set_up_and_sells_as_the_page_says(town: Any) -> None:
    store, terminal, sale = requests_of("counter")
    opened = await made(town.merchant, store, store.path)
    till = await made(town.merchant, terminal, terminal.path.replace("{id}", opened["id"]))
    assert till["poster_url"] is not None
    assert sale.body["code"].startswith("36")
    shown = await town.merchant.made(
        sale.path, {name: value for name, value in sale.body.items() if name != "code"} | {"terminal": till["id"]}
    )
    assert shown["outcome"] == "show_code"
    wrong = await town.merchant.post(sale.path, sale.body | {"terminal": till["id"], "code": "36" + "0" * 16})
    assert wrong.json()["code"] == "payment_code_invalid"


async def test_an_experiment_is_run_as_the_page_says(town: Any) -> None:
    new, arm, told, results = requests_of("experiments")
    experiment = (await made(town.merchant, new, new.path))["id"]
    subject = told.body["data"][0]["subject"]
    shown = await made(town.merchant, arm, arm.path.replace("{id}", experiment).replace("{subject}", subject))
    assert (shown["subject"], shown["arm"] in {"shown", "hidden", "not_shown"}) == (subject, True)
    answer = await town.merchant.post(told.path.replace("{id}", experiment), told.body)
    assert answer.status_code in {200, 201, 204}, answer.text
    assert (await town.merchant.get(results.path.replace("{id}", experiment))).status_code == 200


@pytest.mark.parametrize("page", PAGES)
def test_every_address_on_a_page_is_in_the_api_document(page: str) -> None:
    paths = {
        f"{method.upper()} {PLACE.sub('*', path)}"
        for path, methods in json.loads(document())["paths"].items()
        for method in methods
    }
    text = (ROOT / "docs" / f"{page}.md").read_text()
    named = {f"{method} {PLACE.sub('*', path)}" for method, path in NAMED.findall(text)}
    named |= {
        f"{each.method} {PLACE.sub('*', each.path)}" for each in requests_of(page) if each.path.startswith("/v1/")
    }
    assert named <= paths, named - paths
