"""Which of the two languages that the platform speaks somebody would rather read."""

from __future__ import annotations


def prefers_english(accept_language: str | None) -> bool:
    """Tell whether a caller would rather read English than Chinese; without a word, Chinese.

    Source: RFC 9110 section 12.5.4.
    """
    weights = {"zh": 0.0, "en": 0.0}
    for part in (accept_language or "").split(","):
        tag, *parameters = (each.strip().lower() for each in part.split(";"))
        quality = next((each[2:] for each in parameters if each.startswith("q=")), "1")
        language = tag.split("-")[0]
        if language in weights:
            try:
                weights[language] = max(weights[language], float(quality))
            except ValueError:
                continue
    return weights["en"] > weights["zh"]
