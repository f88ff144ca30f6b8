"""A body that the document says is right, for any operation: what is refused then, is refused for something else."""

import re
from typing import Any

#: Texts of which one fits each pattern of the document.
_TEXTS = ("x", "x" * 8, "1", "CNY", "123456", "0" * 64, "2026-10-02", "x1")
_FORMATS = {
    "date": "2026-10-02",
    "date-time": "2026-10-02T04:00:00+08:00",
    "uuid": "00000000-0000-4000-8000-000000000000",
    "decimal": "0.1",
}
_PREFIX = re.compile(r"^\^([a-z]+_)\[0-9a-f\]\{32\}\$$")


class Bodies:
    """Writes bodies for the operations of a document. *named*: values for what is called so, wherever it fits."""

    def __init__(self, document: dict[str, Any], named: dict[str, str]) -> None:
        self._schemas = document["components"]["schemas"]
        self._paths = document["paths"]
        self._named = named

    def of(self, method: str, path: str) -> Any:  # noqa: ANN401  any JSON
        """Write a body for an operation, with everything that it must have; None where it takes none."""
        asked = self._paths[path][method].get("requestBody")
        if asked is None:
            return None
        return self._value("", next(iter(asked["content"].values()))["schema"])

    def _value(self, name: str, schema: dict[str, Any]) -> Any:  # noqa: ANN401  any JSON
        if "$ref" in schema:
            return self._value(name, self._schemas[schema["$ref"].rsplit("/", 1)[1]])
        for several in ("oneOf", "anyOf", "allOf"):
            if several in schema:
                return self._value(name, next(each for each in schema[several] if each.get("type") != "null"))
        if "const" in schema or "enum" in schema:
            return schema["const"] if "const" in schema else schema["enum"][0]
        return self._made(name, schema)

    def _made(self, name: str, schema: dict[str, Any]) -> Any:  # noqa: ANN401  any JSON
        kind, properties = schema.get("type"), schema.get("properties", {})
        if kind == "string":
            return self._text(name, schema)
        if kind == "array":
            return [self._value(name, schema["items"])] * schema.get("minItems", 0)
        if kind in {"integer", "number"}:
            return max(schema.get("minimum", 1), 1)
        return (
            True
            if kind == "boolean"
            else {each: self._value(each, properties[each]) for each in schema.get("required", [])}
        )

    def _text(self, name: str, schema: dict[str, Any]) -> str:
        if schema.get("format") in _FORMATS:
            return _FORMATS[schema["format"]]
        pattern = schema.get("pattern", "")
        prefixed = _PREFIX.match(pattern)
        own = [each for each in self._named.values() if prefixed and each.startswith(prefixed[1])]
        candidates = [*own, f"{prefixed[1]}{'0' * 32}"] if prefixed else list(_TEXTS)
        least, most = schema.get("minLength", 0), schema.get("maxLength", 10**6)
        for each in (*candidates, "x" * max(least, 1)):
            if least <= len(each) <= most and re.search(pattern, each):
                return str(each)
        raise AssertionError(f"{name}: no text is known that fits {schema}")
