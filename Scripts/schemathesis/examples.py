"""Proves that every example in the contract obeys the schema that it illustrates: `examples.py FILE`."""

import json
import sys

from jsonschema import Draft202012Validator, FormatChecker
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

URI = "urn:contract"


def faults(contract):
    """A sentence for every example that breaks its schema."""
    registry = Registry().with_resource(URI, Resource(contents=contract, specification=DRAFT202012))

    def resolved(node):
        while "$ref" in node:
            node = registry.resolver(URI).lookup(node["$ref"]).contents
        return node

    def absolute(node):
        if isinstance(node, dict):
            return {
                key: URI + value if key == "$ref" and isinstance(value, str) else absolute(value)
                for key, value in node.items()
            }
        return [absolute(item) for item in node] if isinstance(node, list) else node

    def check(place, schema, value):
        validator = Draft202012Validator(absolute(schema), registry=registry, format_checker=FormatChecker())
        for error in validator.iter_errors(value):
            yield f"{place}{error.json_path.removeprefix('$')}: {error.message}"

    def parameters(place, nodes):
        for node in map(resolved, nodes):
            if "example" in node:
                yield from check(f"{place} {node['name']}", node["schema"], node["example"])

    def content(place, node):
        for media_type, body in node.get("content", {}).items():
            examples = body.get("examples", {})
            if not examples:
                yield f"{place} {media_type}: has no example"
            for name, example in examples.items():
                yield from check(f"{place} {name}", body["schema"], resolved(example)["value"])

    for path, item in contract["paths"].items():
        yield from parameters(path, item.get("parameters", []))
        for method, operation in item.items():
            if method == "parameters":
                continue
            place = f"{method.upper()} {path}"
            yield from parameters(place, operation.get("parameters", []))
            yield from content(f"{place} body", operation.get("requestBody", {}))
            for status, response in operation["responses"].items():
                yield from content(f"{place} {status}", resolved(response))


if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8") as file:
        found = list(faults(json.load(file)))
    sys.exit("\n".join(found) if found else 0)
