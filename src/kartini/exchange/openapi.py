"""One OpenAPI 3.1 document per service, generated from its contract: for API publishers and for developers."""

import inspect
from typing import Any

from pydantic.json_schema import models_json_schema

from kartini.contracts import Purpose, Query
from kartini.exchange.identifiers import LONGEST_ID

PROBLEM = {
    "type": "object",
    "required": ["type", "message", "detail"],
    "properties": {
        "type": {"type": "string", "examples": ["Server.ServerProxy.AccessDenied"]},
        "message": {"type": "string"},
        "detail": {"type": "string"},
    },
}
PART = r"(?!\.+(/|$))[A-Za-z0-9'()+,\-.=?]{1,100}"
NAME = {"type": "string", "pattern": f"^{PART}/{PART}/{PART}/{PART}$"}
ID = {"type": "string", "maxLength": LONGEST_ID, "pattern": r"^(?!.*[0-9]{16})[!-~]*$"}
PURPOSE = {"type": "string", "enum": ["", *map(str, Purpose)]}
REFUSALS = {
    "400": "The request cannot be read or does not fit the contract.",
    "401": "The caller is not known, or its token or signature does not hold.",
    "405": "This service is asked by POST.",
    "413": "The request is too large.",
    "429": "The rate of the grant is used up.",
    "500": "No grant, no answer, or an answerer that failed; X-Road-Error and type say which.",
}


def document(query: type[Query[Any]], *, service: str, base_url: str) -> dict[str, Any]:
    """``service`` is the full name, ``base_url`` where the edge answers."""
    answer = query.answer_type()
    _map, schemas = models_json_schema(
        [(query, "validation"), (answer, "serialization")],
        ref_template="#/components/schemas/{model}",
    )
    return {
        "openapi": "3.1.0",
        "info": {
            "title": query.name,
            "version": query.name.rpartition(".v")[2] or "1",
            "summary": inspect.getdoc(query) or query.name,
            "description": inspect.getdoc(answer) or "",
        },
        "servers": [{"url": f"{base_url}/r1/{service}"}],
        "security": [{"oauth2": []}],
        "paths": {"/": {"post": _operation(query, answer)}},
        "components": {
            "schemas": {**schemas.get("$defs", {}), "Problem": PROBLEM},
            "securitySchemes": {"oauth2": _oauth(base_url)},
        },
    }


def _operation(query: type[Query[Any]], answer: type[Any]) -> dict[str, Any]:
    refusals = {
        status: {"description": words, "content": _content("Problem")}
        for status, words in REFUSALS.items()
    }
    return {
        "operationId": query.__name__,
        "deprecated": query.deprecated_on is not None,
        "summary": inspect.getdoc(query) or query.name,
        "parameters": [
            _header("X-Road-Client", "instance/class/member/subsystem of the caller", NAME, True),
            _header("X-Road-Id", "the caller's own number of this call; no person's number", ID),
            _header(
                "X-Kartini-Purpose", "where the caller has grants for several purposes", PURPOSE
            ),
        ],
        "requestBody": {
            "required": True,
            "content": _content(query.__name__, dict(query.example)),
        },
        "responses": {
            "200": {
                "description": inspect.getdoc(answer) or "The answer.",
                "content": _content(answer.__name__, dict(answer.example)),
            },
            **refusals,
        },
    }


def _content(schema: str, example: dict[str, Any] | None = None) -> dict[str, Any]:
    said: dict[str, Any] = {"schema": {"$ref": f"#/components/schemas/{schema}"}}
    return {"application/json": said | ({"example": example} if example is not None else {})}


def _header(name: str, words: str, schema: dict[str, Any], needed: bool = False) -> dict[str, Any]:
    return {
        "name": name,
        "in": "header",
        "required": needed,
        "description": words,
        "schema": schema,
    }


def _oauth(base_url: str) -> dict[str, Any]:
    flow = {"tokenUrl": f"{base_url}/oauth2/token", "scopes": {}}
    return {"type": "oauth2", "flows": {"clientCredentials": flow}}


def schemas(query: type[Query[Any]]) -> dict[str, Any]:
    """JSON Schema of the question and of its answer, as two properties of one object."""
    answer = query.answer_type()
    places, made = models_json_schema([(query, "validation"), (answer, "serialization")])
    return {
        "type": "object",
        "properties": {
            "question": places[query, "validation"],
            "answer": places[answer, "serialization"],
        },
        **made,
    }
