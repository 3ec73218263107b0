"""The protocol's metaservices, in the form of its Annex B: who takes part, what is offered, what is allowed."""

from typing import Any

from kartini.exchange import openapi, published
from kartini.exchange.edge.caller import Asked
from kartini.exchange.edge.faults import Fault, bad, unknown_service
from kartini.exchange.edge.http import Reply, Request, json
from kartini.exchange.edge.state import State


def list_clients(request: Request, state: State) -> Reply:
    """``GET /listClients[?xRoadInstance=]``: who takes part; for everybody. Of another instance we know nobody."""
    known = state.view.subsystems if _is_ours(request, state) else {}
    return json({"member": [_listed(name, code, state) for code, name in known.items()]})


def _is_ours(request: Request, state: State) -> bool:
    return request.query.get("xRoadInstance", state.view.instance) == state.view.instance


def _listed(name: str, code: str, state: State) -> dict[str, Any]:
    instance, kind, member, subsystem = name.split("/")
    return {
        "id": {
            "xroad_instance": instance,
            "member_class": kind,
            "member_code": member,
            "subsystem_code": subsystem,
            "object_type": "SUBSYSTEM",
        },
        "name": member,
        "subsystem_name": state.view.titles.get(code, subsystem),
    }


def _list_methods(asked: Asked, state: State) -> Reply:
    return _methods(asked, state, allowed=False)


def _allowed_methods(asked: Asked, state: State) -> Reply:
    return _methods(asked, state, allowed=True)


def _methods(asked: Asked, state: State, *, allowed: bool) -> Reply:
    here = [
        contract
        for contract, answerer in sorted(state.view.services.items())
        if state.view.name(answerer.subsystem) == asked.service.provider
        and (not allowed or state.view.purposes(asked.caller.subsystem, contract))
    ]
    return json({"service": [_method(asked, contract) for contract in here]})


def _method(asked: Asked, contract: str) -> dict[str, Any]:
    known = contract in published.queries()
    here = asked.service
    return {
        "xroad_instance": here.instance,
        "member_class": here.member_class,
        "member_code": here.member,
        "subsystem_code": here.subsystem,
        "service_code": contract,
        "object_type": "SERVICE",
        "service_type": "OPENAPI" if known else "REST",
        "endpoint_list": [{"method": "POST", "path": "/"}] if known else [],
    }


def _get_openapi(asked: Asked, state: State) -> Reply:
    contract = asked.request.query.get("serviceCode", "")
    if not contract:
        raise bad("Say which service: ?serviceCode= and its full name, as listMethods has it.")
    answerer = state.view.services.get(contract)
    if answerer is None or state.view.name(answerer.subsystem) != asked.service.provider:
        raise unknown_service(contract)
    query = published.queries().get(contract)
    if query is None:
        raise Fault("Server.ServerProxy.ServiceType", "Invalid service type: REST", status=404)
    name = f"{asked.service.provider}/{contract}"
    return json(openapi.document(query, service=name, base_url=state.base_url))


METASERVICES = {
    "listMethods": _list_methods,
    "allowedMethods": _allowed_methods,
    "getOpenAPI": _get_openapi,
}
