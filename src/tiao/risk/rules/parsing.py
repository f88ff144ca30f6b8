"""Text to a condition, typed against a catalogue.

condition  = conjunction { "or" conjunction }
conjunction = negation { "and" negation }
negation   = "not" negation | test
test       = "(" condition ")" | "true" | "false" | flag
           | quantity ( "<" | "<=" | "==" | "!=" | ">=" | ">" ) quantity
           | category ( "==" | "!=" ) text
           | category [ "not" ] "in" "(" text { "," text } ")"
           | entity [ "not" ] "in" ( "block_list" | "allow_list" | "watch_list" )
           | name "is" ( "known" | "missing" )
quantity   = product { ( "+" | "-" ) product }
product    = factor { "*" factor }
factor     = [ "-" ] number [ currency ] | duration | name | "(" quantity ")"
"""

from __future__ import annotations

import difflib

from tiao.risk.rules.lexing import Piece, pieces_of
from tiao.risk.rules.refusals import RuleTextRefused
from tiao.risk.rules.tree import (
    NO_PLACE,
    QUANTITIES,
    All,
    Always,
    Among,
    Any,
    Arithmetic,
    Catalogue,
    Comparison,
    Condition,
    Flag,
    Kind,
    Known,
    Listed,
    ListName,
    Literal,
    Not,
    Quantity,
    Term,
    cost_of,
)

#: What one rule may cost at most: some forty comparisons, far beyond what one reads at a glance.
COST_MAX = 120
#: How deep parentheses and negations may go.
DEPTH_MAX = 24
AMONG_MAX = 64
_SECONDS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}
_COMPARED = ("<", "<=", "==", "!=", ">=", ">")
_WORDS = frozenset(
    {"and", "or", "not", "in", "is", "known", "missing", "true", "false", *(each.value for each in ListName)}
)


def parse(text: str, catalogue: Catalogue) -> Condition:
    """Read the condition of a rule. Refuses: RuleTextRefused, with the place and the reason."""
    parser = _Parser(pieces_of(text), catalogue)
    condition = parser.condition()
    parser.end()
    cost = cost_of(condition)
    if cost > COST_MAX:
        raise RuleTextRefused(f"this costs {cost}, a rule may cost {COST_MAX}; split it", 0)
    return condition


class _Parser:
    """One way through the pieces, from left to right."""

    def __init__(self, pieces: list[Piece], catalogue: Catalogue) -> None:
        self._pieces = pieces
        self._catalogue = catalogue
        self._at = 0
        self._depth = 0

    def condition(self) -> Condition:
        parts = [self._conjunction()]
        while self._took("or"):
            parts.append(self._conjunction())
        return parts[0] if len(parts) == 1 else Any(tuple(parts))

    def end(self) -> None:
        if self._here.sort != "end":
            raise self._refusal(f"{self._here.text} follows where the condition is over: join parts with and, or")

    def _conjunction(self) -> Condition:
        parts = [self._negation()]
        while self._took("and"):
            parts.append(self._negation())
        return parts[0] if len(parts) == 1 else All(tuple(parts))

    def _negation(self) -> Condition:
        if not self._took("not"):
            return self._test()
        self._deeper()
        part = self._negation()
        self._depth -= 1
        return Not(part)

    def _test(self) -> Condition:
        begin, piece = self._at, self._here
        if piece.text == "(":
            inner = self._in_parentheses()
            if inner is not None:
                return inner
            self._at = begin
        if piece.sort == "word" and piece.text in {"true", "false"}:
            self._at += 1
            return Always(piece.text == "true")
        term = self._maybe_term()
        if term is not None and self._pieces[self._at + 1].text == "is":
            if term.place == NO_PLACE:
                raise self._refusal(f"{term.name} is looked up on lists: {term.name} in block_list")
            self._at += 2
            return Known(term, is_missing=self._one_of("known", "missing") == "missing")
        if term is not None and term.kind not in QUANTITIES:
            self._at += 1
            return self._of_term(term)
        return self._comparison()

    def _in_parentheses(self) -> Condition | None:
        """Read a condition in parentheses; None where it is a quantity, and the place is where it was."""
        begin = self._at
        self._deeper()
        depth = self._depth
        self._at += 1
        try:
            inner = self.condition()
            self._expect(")")
        except RuleTextRefused:
            self._depth = depth
            if not self._is_quantity_at(begin):
                raise
            self._at = begin
            self._depth -= 1
            return None
        self._depth -= 1
        return inner

    def _is_quantity_at(self, begin: int) -> bool:
        """Tell whether parentheses hold a quantity: what follows them compares or reckons."""
        depth = 0
        for place in range(begin, len(self._pieces)):
            text = self._pieces[place].text
            depth += (text == "(") - (text == ")")
            if depth == 0:
                return self._pieces[place + 1].text in {*_COMPARED, "+", "-", "*"}
        return False

    def _of_term(self, term: Term) -> Condition:
        if term.kind is Kind.BOOLEAN:
            return Flag(term)
        if term.kind is Kind.ENTITY:
            is_negated = self._took("not")
            self._expect("in")
            found = Listed(term, ListName(self._one_of(*(each.value for each in ListName))))
            return Not(found) if is_negated else found
        if self._here.text in {"==", "!="}:
            is_negated = self._here.text == "!="
            self._at += 1
            return Among(term, (self._text(term),), is_negated)
        is_negated = self._took("not")
        self._expect("in")
        return Among(term, self._texts(term), is_negated)

    def _texts(self, term: Term) -> tuple[str, ...]:
        self._expect("(")
        values = [self._text(term)]
        while self._took(","):
            values.append(self._text(term))
            if len(values) > AMONG_MAX:
                raise self._refusal(f"at most {AMONG_MAX} values are named at once")
        self._expect(")")
        return tuple(values)

    def _text(self, term: Term) -> str:
        piece = self._here
        if piece.sort != "text":
            raise self._refusal(f'{term.name} is a category: it is compared with a text, as in "books"')
        value = piece.text[1:-1]
        if term.values and value not in term.values:
            raise self._refusal(f"{term.name} is one of {', '.join(term.values)}")
        self._at += 1
        return value

    def _comparison(self) -> Condition:
        left = self._quantity()
        piece = self._here
        if piece.text not in _COMPARED:
            raise self._refusal("a comparison is expected: <, <=, ==, !=, >= or >")
        self._at += 1
        right = self._quantity()
        if left.kind is not right.kind:
            raise RuleTextRefused(f"{left.kind} cannot be compared with {right.kind}", piece.position)
        return Comparison(piece.text, left, right)

    def _quantity(self) -> Quantity:
        found = self._product()
        while self._here.text in {"+", "-"}:
            sign = self._here
            self._at += 1
            right = self._product()
            if found.kind is not right.kind:
                raise RuleTextRefused(f"{right.kind} cannot be added to {found.kind}", sign.position)
            found = self._bounded(Arithmetic(found.kind, sign.text, found, right), sign)
        return found

    def _product(self) -> Quantity:
        found = self._factor()
        while self._here.text == "*":
            sign = self._here
            self._at += 1
            right = self._factor()
            if Kind.NUMBER not in {found.kind, right.kind}:
                raise RuleTextRefused(f"{found.kind} times {right.kind} is nothing", sign.position)
            kind = right.kind if found.kind is Kind.NUMBER else found.kind
            found = self._bounded(Arithmetic(kind, "*", found, right), sign)
        return found

    def _bounded(self, made: Arithmetic, sign: Piece) -> Arithmetic:
        """Refuse a chain so long that its tree would be too deep to walk."""
        if cost_of(made) > COST_MAX:
            raise RuleTextRefused(f"a rule may cost {COST_MAX}; split it", sign.position)
        return made

    def _factor(self) -> Quantity:
        piece = self._here
        if piece.text == "(":
            self._deeper()
            self._at += 1
            found = self._quantity()
            self._expect(")")
            self._depth -= 1
            return found
        if piece.text == "-" and self._pieces[self._at + 1].sort == "number":
            self._at += 1
            literal = self._number()
            return literal._replace(value=-literal.value)
        if piece.sort == "number":
            return self._number()
        if piece.sort == "duration":
            self._at += 1
            return Literal(Kind.DURATION, int(piece.text[:-1]) * _SECONDS[piece.text[-1]] / 86_400)
        term = self._maybe_term()
        if term is None:
            raise self._refusal("a value is expected")
        if term.kind not in QUANTITIES:
            raise self._refusal(f"{term.name} is of kind {term.kind}, which is no quantity")
        self._at += 1
        return term

    def _number(self) -> Literal:
        piece, unit = self._here, self._pieces[self._at + 1]
        self._at += 1
        if unit.sort != "word" or not (unit.text.isupper() and len(unit.text) == len(self._catalogue.currency)):
            return Literal(Kind.NUMBER, float(piece.text))
        if unit.text != self._catalogue.currency:
            raise self._refusal(f"amounts are in {self._catalogue.currency}")
        whole, _, decimals = piece.text.partition(".")
        places = len(str(self._catalogue.minor_parts)) - 1
        if len(decimals) > places:
            raise RuleTextRefused(f"{self._catalogue.currency} has {places} decimals", piece.position)
        self._at += 1
        return Literal(
            Kind.MONEY, float(int(whole) * self._catalogue.minor_parts + int(decimals.ljust(places, "0") or 0))
        )

    def _maybe_term(self) -> Term | None:
        piece = self._here
        if piece.sort != "word" or piece.text in _WORDS:
            return None
        term = self._catalogue.terms.get(piece.text)
        if term is None:
            near = difflib.get_close_matches(piece.text, self._catalogue.terms, n=1)
            raise self._refusal(f"there is no {piece.text}" + (f"; did you mean {near[0]}?" if near else ""))
        return term

    @property
    def _here(self) -> Piece:
        return self._pieces[self._at]

    def _took(self, text: str) -> bool:
        if self._here.sort == "text" or self._here.text != text:
            return False
        self._at += 1
        return True

    def _expect(self, text: str) -> None:
        if not self._took(text):
            raise self._refusal(f"{text} is expected")

    def _one_of(self, *texts: str) -> str:
        found = self._here.text
        if found not in texts:
            raise self._refusal(f"{' or '.join(texts)} is expected")
        self._at += 1
        return found

    def _deeper(self) -> None:
        self._depth += 1
        if self._depth > DEPTH_MAX:
            raise self._refusal(f"at most {DEPTH_MAX} parentheses and negations within each other")

    def _refusal(self, reason: str) -> RuleTextRefused:
        return RuleTextRefused(reason, self._here.position)
