"""Every service of the house at the edge, asked by schemathesis with what its own OpenAPI file allows and does not."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import requests
import schemathesis
from django.utils import timezone
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi import checks
from urllib3 import HTTPResponse

from kartini.exchange import credentials, openapi, published, registry
from kartini.exchange.errors import Unanswered
from kartini.exchange.models import Grant, Subsystem
from kartini.exchange.testing import open_exchange
from kartini.exchange.tests.outsider import Outsider
from kartini.exchange.upstream import Answer

pytestmark = pytest.mark.django_db
EXAMPLES = 15
CHECKS = [
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_schema_conformance,
    checks.positive_data_acceptance,
    checks.negative_data_rejection,
]


@pytest.fixture
def outsider(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A system that may ask everything; built-in answerers are asked in this process."""
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
    with open_exchange():
        now = timezone.now()
        tester = Subsystem.objects.create(
            code="tester", member="diskominfo", title="Tester", built_in=False
        )
        Grant.objects.bulk_create(
            Grant(
                asker=tester,
                contract=contract,
                purpose="governance",
                basis="test",
                state="approved",
                asked_at=now,
                decided_at=now,
            )
            for contract in registry.answerers
        )
        known, secret = credentials.make_secret(subsystem=tester, at=now)
        outsider = Outsider(tmp_path)
        outsider.state.upstream.ask = in_this_process  # type: ignore[assignment,method-assign]
        token = outsider.token(f"{known.pk}:{secret}").json["access_token"]
        outsider.bearer = f"Bearer {token}"
        yield outsider
        outsider.loop.close()


async def in_this_process(
    _method: str, url: str, _headers: Any, body: bytes, **_how: Any
) -> Answer:
    """A handler may be without an answer; anything else that it raises fails the test as an internal error."""
    contract = url.rpartition("/")[2]
    try:
        found = registry.answerers[contract](registry.queries[contract].model_validate_json(body))
    except Unanswered as refusal:
        return Answer(refusal.status, "application/json", b"{}", {})
    text = found.model_dump_json(exclude_unset=True)
    return Answer(200, "application/json", text.encode(), {})


def send(outsider: Outsider, service: str, body: bytes, more: dict[str, str]) -> requests.Response:
    """As an answer in the form that schemathesis judges."""
    said: dict[str, Any] = {**more, "authorization": outsider.bearer}
    answer = outsider.send(f"/r1/{service}/", body, **said)
    response = requests.Response()
    response.status_code, response._content = answer.status, answer.body
    response.headers.update(answer.headers)
    response.raw = HTTPResponse(headers=answer.headers, status=answer.status)
    response.request = requests.Request("POST", f"http://testserver/r1/{service}/").prepare()
    return response


@pytest.mark.parametrize("contract", sorted(registry.answerers))
@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
def test_a_service_keeps_to_its_own_description(
    outsider: Outsider, contract: str, mode: GenerationMode
) -> None:
    service = outsider.state.view.service(contract)
    document = openapi.document(
        published.queries()[contract], service=service, base_url=outsider.state.base_url
    )
    schema = schemathesis.openapi.from_dict(document)
    operation = schema["/"]["POST"]

    @given(case=operation.as_strategy(generation_mode=mode))
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=[*HealthCheck],
    )
    def ask(case: Any) -> None:
        body = case.body if isinstance(case.body, bytes) else json.dumps(case.body).encode()
        headers = {n.lower().replace("-", "_"): str(v) for n, v in (case.headers or {}).items()}
        if re.match(openapi.NAME["pattern"], headers.get("x_road_client", "")):
            headers["x_road_client"] = outsider.state.view.name("tester")  # the judge invents one
        response = send(outsider, service, body, headers)
        case.validate_response(response, checks=CHECKS)
        if response.status_code >= 400:
            assert response.json()["type"] == response.headers["x-road-error"]

    ask()
