"""One AsyncAPI 3 document for all events of the house: what is stated, in which envelope, how it is brought."""

import inspect
from typing import Any

from pydantic.json_schema import models_json_schema

from kartini.contracts import Event
from kartini.exchange import published

ENVELOPE = {"type": "object", "required": ["specversion", "id", "source", "type", "data"]}
PROPERTIES: dict[str, Any] = {
    "specversion": {"type": "string", "const": "1.0"},
    "id": {"type": "string", "description": "the same for every delivery of one fact"},
    "source": {"type": "string", "description": "who states it: instance/class/member/subsystem"},
    "type": {"type": "string", "description": "the name of the contract"},
    "time": {"type": "string", "format": "date-time"},
    "datacontenttype": {"type": "string", "const": "application/json"},
    "partitionkey": {"type": "string", "description": "facts with the same key come in order"},
    "sequence": {"type": "string", "description": "the place of the fact among all facts"},
    "deprecated": {"type": "boolean", "description": "nothing new should hear it"},
    "deprecationfrom": {"type": "string", "format": "date-time", "description": "since when"},
    "deprecationsunset": {"type": "string", "format": "date-time", "description": "when it ends"},
}


def document(*, title: str, base_url: str) -> dict[str, Any]:
    """``base_url`` is where the exchange answers: members fetch events there, or get them by webhook."""
    host, _slash, way = base_url.partition("://")[2].partition("/")
    events = published.events()
    _map, schemas = models_json_schema(
        [(event, "serialization") for event in events.values()],
        ref_template="#/components/schemas/{model}",
    )
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": title,
            "version": "1.0.0",
            "description": (
                "Facts that systems of the regency state. Each comes as a CloudEvent (1.0, structured JSON): by "
                "webhook, signed after Standard Webhooks, or fetched with a cursor. A grant is needed for each."
            ),
        },
        "defaultContentType": "application/cloudevents+json",
        "servers": {
            "exchange": {
                "host": host,
                "protocol": base_url.partition("://")[0],
                **({"pathname": f"/{way}"} if way else {}),
                "security": [{"$ref": "#/components/securitySchemes/oauth2"}],
            }
        },
        "channels": {name: _channel(name, event) for name, event in events.items()},
        "operations": {name: _operation(name, event) for name, event in events.items()},
        "components": {
            "messages": {name: _message(name, event) for name, event in events.items()},
            "schemas": schemas.get("$defs", {}),
            "securitySchemes": {"oauth2": _oauth(base_url)},
        },
    }


def _channel(name: str, event: type[Event]) -> dict[str, Any]:
    return {
        "address": name,
        "description": inspect.getdoc(event) or name,
        "servers": [{"$ref": "#/servers/exchange"}],
        "messages": {"fact": {"$ref": f"#/components/messages/{name}"}},
    }


def _operation(name: str, event: type[Event]) -> dict[str, Any]:
    """``send``: the house sends, the subscriber receives."""
    return {
        "action": "send",
        "channel": {"$ref": f"#/channels/{name}"},
        "summary": (inspect.getdoc(event) or name).split("\n", 1)[0],
        "messages": [{"$ref": f"#/channels/{name}/messages/fact"}],
    }


def _message(name: str, event: type[Event]) -> dict[str, Any]:
    said = {"data": {"$ref": f"#/components/schemas/{event.__name__}"}}
    payload = ENVELOPE | {"properties": PROPERTIES | said}
    return {
        "name": name,
        "title": event.__name__,
        "contentType": "application/cloudevents+json",
        "payload": payload,
        "examples": [{"name": "example", "payload": example(event)}],
    }


def example(event: type[Event]) -> dict[str, Any]:
    """A whole envelope with the contract's own example in it."""
    return {
        "specversion": "1.0",
        "id": "01938c2e-7b1a-7c3d-9e55-3f0d6a1b2c4d",
        "source": f"/{event.name.partition('.')[0]}",
        "type": event.name,
        "datacontenttype": "application/json",
        "data": dict(event.example),
    }


def _oauth(base_url: str) -> dict[str, Any]:
    flow = {"tokenUrl": f"{base_url}/oauth2/token", "availableScopes": {}}
    return {"type": "oauth2", "flows": {"clientCredentials": flow}}
