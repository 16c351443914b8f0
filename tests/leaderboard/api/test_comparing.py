"""`/compare` on bundles of real runs, against the same numbers worked out anew."""

from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from scipy import stats

from tests.leaderboard.api.servers import asgi

RESULTS = Path(__file__).parents[3] / "baselines" / "results" / "reference" / "mnist-color@1"
METHODS = ("prcl", "erm")
BUNDLE = {"Content-Type": "application/vnd.dgbench.submission+zip"}


@pytest.fixture(scope="module")
def submitted(tmp_path_factory):
    """A client of an API that was sent two bundles, and their ids."""
    from starlette.testclient import TestClient

    from dgbench.submission.pack.packing import pack
    from leaderboard.records import OPERATOR
    from leaderboard.service import Service
    from leaderboard.store.database import Store

    folder = tmp_path_factory.mktemp("compared")
    service = Service(Store.open(str(folder / "store")))
    secret = service.issue_token("ada", ["submitter"], OPERATOR).secret
    ids = {}
    with TestClient(asgi(service, max_body_bytes=2**26), base_url="http://localhost") as api:
        for method in METHODS:
            pack([RESULTS / method], folder / f"{method}.dgsub")
            answer = api.post(
                "/api/v1/submissions",
                content=(folder / f"{method}.dgsub").read_bytes(),
                headers={**BUNDLE, "Authorization": f"Bearer {secret}"},
            )
            assert answer.status_code == 201, answer.text
            ids[method] = answer.json()["submission_id"]
        yield api, ids
    service.close()


def right(method, domain):
    """Whether each seed of a stored run is right on each image, in the images' order."""
    by_seed = []
    for path in sorted((RESULTS / method).rglob("predictions.parquet")):
        table = pq.read_table(path).to_pandas()
        rows = table[table["domain"] == domain].sort_values("image_id")
        # Stored runs keep how far the predicted class is from the label.
        by_seed.append((rows["shift"] == 0).to_numpy())
    return np.array(by_seed)


def variances(values):
    """Variances of the mean: that of seeds, and the rest that neither seed nor image explains."""
    n_seeds, n_images = values.shape
    of_seed, of_image = values.mean(axis=1, keepdims=True), values.mean(axis=0, keepdims=True)
    rest = ((values - of_seed - of_image + values.mean()) ** 2).sum()
    return (
        of_seed.var(ddof=1) / n_seeds,
        rest / ((n_seeds - 1) * (n_images - 1)) / values.size,
    )


def test_the_paired_difference_is_that_of_the_predictions(submitted):
    """HPS of mnist-color is F of the shape, a mean over the domains `mp.color`."""
    from data_gen.spec_files import find_spec
    from dgbench.metrics.ceilings import solo_ceilings
    from dgbench.references import reference_of
    from dgbench.submission.answer_key.published import published_of

    api, ids = submitted
    (pair,) = api.get(f"/api/v1/compare?a={ids['prcl']}&b={ids['erm']}").json()["pairs"]
    spec = find_spec("mnist-color@1")
    ceilings = solo_ceilings(spec, reference_of(spec, published_of(spec).sources))["shape"]
    a, b = (
        np.mean([(right(m, name) - 0.1) / (c - 0.1) for name, c in ceilings.items()], axis=0)
        for m in METHODS
    )
    (seeds_a, rest_a), (seeds_b, rest_b) = variances(a), variances(b)
    of_images = (a.mean(axis=0) - b.mean(axis=0)).var(ddof=1) / a.shape[1]
    variance = seeds_a + seeds_b + of_images - rest_a - rest_b
    caution = 1 + of_images / (seeds_a + seeds_b + of_images)
    freedom = variance**2 / (
        caution * (seeds_a**2 / (len(a) - 1) + seeds_b**2 / (len(b) - 1))
        + of_images**2 / (a.shape[1] - 1)
    )
    expected = stats.t(freedom, loc=a.mean() - b.mean(), scale=np.sqrt(variance))
    assert (pair["first"], pair["second"]) == (ids["prcl"], ids["erm"])
    assert pair["difference"] == pytest.approx(a.mean() - b.mean(), abs=1e-9)
    assert (pair["low"], pair["high"]) == pytest.approx(expected.interval(0.95), abs=1e-9)
    p_value = 2 * stats.t(freedom).sf((a.mean() - b.mean()) / np.sqrt(variance))
    assert pair["p_value"] == pytest.approx(p_value, rel=1e-6)
    assert pair["p_value"] < 0.05


def test_a_reversed_comparison_has_the_opposite_sign(submitted):
    api, ids = submitted
    (pair,) = api.get(f"/api/v1/compare?a={ids['prcl']}&b={ids['erm']}").json()["pairs"]
    (back,) = api.get(f"/api/v1/compare?a={ids['erm']}&b={ids['prcl']}").json()["pairs"]
    assert back["difference"] == pytest.approx(-pair["difference"])
    assert (back["low"], back["high"]) == pytest.approx((-pair["high"], -pair["low"]))


def test_every_domain_has_the_accuracy_of_its_predictions(submitted):
    api, ids = submitted
    comparison = api.get(f"/api/v1/compare?a={ids['prcl']}&b={ids['erm']}").json()
    assert [row["method"] for row in comparison["rows"]] == ["prcl", "erm"]
    assert len(comparison["domains"]) == 8
    for domain in comparison["domains"]:
        for method, identifier in ids.items():
            accuracy = right(method, domain["domain"]).mean()
            assert domain["accuracy"][identifier] == pytest.approx(accuracy)


def test_a_comparison_needs_two_different_submissions(submitted):
    api, ids = submitted
    same = api.get(f"/api/v1/compare?a={ids['erm']}&b={ids['erm']}")
    assert (same.status_code, same.json()["code"]) == (422, "bad-number")
    assert api.get(f"/api/v1/compare?a={ids['erm']}").status_code == 422
