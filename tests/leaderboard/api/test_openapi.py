"""The OpenAPI document, and the API held to it by what schemathesis makes up."""

import jsonschema
import pytest

from tests.leaderboard.api.servers import asgi


def test_every_operation_is_described_and_answers_as_described(api, filled):
    document = api.get("/api/v1/openapi.json").json()
    assert document["openapi"] == "3.1.0"
    names = {
        operation["operationId"]
        for path in document["paths"].values()
        for operation in path.values()
    }
    assert names == {
        "health",
        "ready",
        "leaderboard",
        "compare",
        "feed",
        "specs",
        "spec",
        "submission",
        "scores",
        "history",
        "bundle",
        "submit",
        "withdraw",
        "reveal",
        "verify",
    }
    answer = api.get("/api/v1/leaderboard?benchmark=mnist-color@1").json()
    responses = document["paths"]["/leaderboard"]["get"]["responses"]
    schema = responses["200"]["content"]["application/json"]["schema"]
    whole = {**schema, "components": document["components"]}
    jsonschema.Draft7Validator(whole).validate(answer)
    assert len(answer["rows"]) == len(filled)
    answer["rows"][0]["hps"] = "high"
    with pytest.raises(jsonschema.ValidationError, match="high"):
        jsonschema.Draft7Validator(whole).validate(answer)


def test_operations_that_need_a_token_say_so(api):
    document = api.get("/api/v1/openapi.json").json()
    for path in document["paths"].values():
        for method, operation in path.items():
            assert ("security" in operation) == (method != "get")
            assert ("401" in operation["responses"]) == (method != "get")


@pytest.mark.slow
def test_the_api_agrees_with_its_document(request, service, filled, token, monkeypatch):
    """Made-up requests, valid and not: no defect, nothing that is not described."""
    import schemathesis
    from hypothesis import HealthCheck, Phase, given, seed, settings, strategies
    from schemathesis import GenerationMode
    from schemathesis.specs.openapi.checks import negative_data_rejection, positive_data_acceptance

    from leaderboard.api.limits import RateLimiter
    from leaderboard.service import Service

    monkeypatch.setattr(RateLimiter, "take", lambda *_: None)
    real = Service(service.store)  # with the real scorer, in its child processes
    request.addfinalizer(real.close)
    schema = schemathesis.openapi.from_asgi(
        "/api/v1/openapi.json", asgi(real, allowed=("testserver",))
    )
    headers = {
        "Authorization": f"Bearer {token('submitter', 'verifier', daily_quota=None)}",
    }
    statuses = {}
    for seen in schema.get_all_operations():
        operation = seen.ok()
        cases = operation.as_strategy(GenerationMode.POSITIVE) | operation.as_strategy(
            GenerationMode.NEGATIVE
        )

        @seed(1)
        @settings(
            max_examples=60,
            deadline=None,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=cases, identifier=strategies.sampled_from([None, *filled]))
        def probe(case, identifier):
            excluded = []
            if case.operation.definition.raw["operationId"] in MORE_RULES:
                excluded.append(positive_data_acceptance)
            if identifier is not None:  # half of what is asked for is there
                use_known(case, identifier)
                excluded += [positive_data_acceptance, negative_data_rejection]
            response = case.call(headers=headers)
            statuses.setdefault(case.operation.label, set()).add(response.status_code)
            case.validate_response(response, headers=headers, excluded_checks=excluded)

        probe()
    assert len(filled) == 3
    assert len(statuses) == 15
    assert all(status < 500 for seen in statuses.values() for status in seen)
    assert 200 in set.intersection(*(seen for label, seen in statuses.items() if label in ANSWERED))
    assert {403, 404} <= statuses["DELETE /submissions/{submission_id}"]
    assert {404, 422} <= set.union(*statuses.values())


def use_known(case, identifier):
    if case.path_parameters:
        valid = {"submission_id": identifier, "spec": "mnist-color"}
        case.path_parameters = {name: valid[name] for name in case.path_parameters}
    if isinstance(case.query, dict):
        valid = {"benchmark": "mnist-color@1", "a": identifier}
        case.query = {name: valid.get(name, value) for name, value in case.query.items()}


ANSWERED = {
    "GET /health",
    "GET /ready",
    "GET /leaderboard",
    "GET /specs",
    "GET /specs/{spec}",
    "GET /submissions/{submission_id}",
    "GET /submissions/{submission_id}/scores",
    "GET /submissions/{submission_id}/audit",
    "GET /submissions/{submission_id}/bundle",
}
"""Operations that random requests reach often enough. Comparing has tests elsewhere."""
MORE_RULES = {"leaderboard", "compare", "submit", "verify"}
"""Where a schema cannot say all: dates, two different ids, bundles, signatures."""
