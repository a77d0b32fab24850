"""Keeps generated requests meaningful where a schema cannot: values that only the server can hand out or remember."""

import threading
import uuid

import schemathesis
from schemathesis.core.parameters import ParameterLocation

_seen = set()
_lock = threading.Lock()


@schemathesis.serializer("application/x-ndjson")
def lines(context, value):
    """JSON Lines are a text."""
    return {"data": value.encode() if isinstance(value, str) else str(value).encode()}


@schemathesis.hook
def before_call(context, case, kwargs):
    _refresh_idempotency_key(case)
    _drop_invented_cursor(case)


def _refresh_idempotency_key(case):
    """A key used twice would answer the second request from memory, and hide what the server makes of it."""
    if case.meta is not None and case.meta.is_negative_at(ParameterLocation.HEADER):
        return
    for name, value in (case.headers or {}).items():
        if name.lower() != "idempotency-key":
            continue
        # Quotes around the whole key do not count.
        use = (case.operation.label, str(value).strip('"'))
        with _lock:
            is_new = use not in _seen
            _seen.add(use)
        if not is_new:
            case.headers[name] = str(uuid.uuid4())


def _drop_invented_cursor(case):
    """Only a `next_cursor` is a right cursor, not an invented one. Malformed ones stay: they must be refused."""
    if case.meta is not None and case.meta.is_negative_at(ParameterLocation.QUERY):
        return
    if case.query:
        case.query.pop("cursor", None)
