"""Digests never change: each kind is computed here from a fixed input.

If one of them differs, everything that carries the old one (data sets, run folders, bundles,
signatures, stores) is no longer recognised. Change the code back, not the value.
"""

import hashlib
import zipfile
from pathlib import Path

import numpy as np
import pytest

from data_gen.manifest import SourceRecord
from data_gen.spec_files import find_spec, registered
from dgbench.metrics.intervals import Summary
from dgbench.results.folder import read_record
from dgbench.results.record import Configuration, MethodRecord
from dgbench.submission.format.alignment import predictions_digest
from dgbench.submission.format.bundle import read_bundle
from dgbench.submission.format.manifest import submission_id
from dgbench.submission.scoring.evidence import Evidence
from tests.dgbench.verification.records import a_record

ROOT = Path(__file__).parents[2]
GOLDEN = ROOT / "tests" / "dgbench" / "submission" / "golden" / "v1.dgsub"

SPECS = {
    "colored-mnist@1": "3f5a62b4413f15df79787248777cd003b50a7a5679f9d3ff3a0de1ac90a6997e",
    "fashion-color@1": "187697ed78d37cc8c37aa6db3b253bb04dd5c182e46c5caf6bbc41b7fde64366",
    "mnist-collage-shuffled@1": "454f1196e7a478b317f7dbf4afda25d39a313871ad5353b6309ec47962df24ca",
    "mnist-collage-shuffled@2": "b514175249af8bf722ce841c41999c5ca1df42a4be1d196021f5ee4cd69bc626",
    "mnist-collage@1": "9ce26d6641a441bd1a8c6e16a61b10b1ad714da5a9a92dc875d5d044f273b5b7",
    "mnist-collage@2": "39a27631b4993436c5fd5441981846ca71ce691a815c14f5ea7edc3f8858d5c9",
    "mnist-color-5k@1": "95d42014aaa8f9bec94a9a183dc68f7c7dea4558b2148a0c76cbcce92153ad1f",
    "mnist-color-dev@1": "381cc70ea1334d5126df21367141337568338f65e6ac17c2bfda45fd6e554277",
    "mnist-color-rho900@1": "03b4f56cd068ebc5ca26b496146ca7c59b86c927607bb207a2e0e64385ac66c0",
    "mnist-color-rho950@1": "d1eed35586f768ba9e6e36b7dd1eba74f93e94df4f345353aa0872f4bee7c362",
    "mnist-color-rho980@1": "12f1a1a4cbb847b43891871c7ec344caa8c61585a3031649c0f9a616d04553d7",
    "mnist-color-rho995@1": "1420b78a16ddf9c3e3a0f0ed7bda648b8f2139d418ae27ea64235aa46d65d946",
    "mnist-color-sat05@1": "210cedc527616d965fb58d2dda5fc533a77966e3ec768850ad88ef3749b66afa",
    "mnist-color-sat10@1": "28e7ef5d7d22c710cd55984b43c9de1b6dae15d0d4174cf82d18955c63342aab",
    "mnist-color-sat20@1": "69c07eaf9219603b4d89a00ccb7ad8ec464e0d344a8bcda3056f06642f4ebe5f",
    "mnist-color-sat35@1": "9d49911eed84dba8afbcf8d94c983b974af695950f53d4c696bb6437c9ca2b89",
    "mnist-color-sat60@1": "38b5a89625c573a7b6593537ec9c8528be5a3114cec18f12ce2b53c1ad4f604d",
    "mnist-color-swap-dev@1": "0ff4eebaa8739855950e52972292cd8eca92e6ab262dfed9ffe9c39cf59690aa",
    "mnist-color-swap@1": "949e530a9e8e1bc5bdc3511b7db987327fab92c9e59710440e705c10bf2c52ca",
    "mnist-color-tint05@1": "2868cdcb9809f4cfc3997d54afd1e33e75b3e182d50f42fe19c42b3b264f1129",
    "mnist-color-tint20@1": "b47405c83bf01406b01797018b15efe238b611cdbf702318aff8663ce9e85c63",
    "mnist-color-tint30@1": "76fda6a14db701d3e358c675b5f5f3979bf12e730f7d4fbb44de5aef96f9ea03",
    "mnist-color-tint50@1": "17f155df9d2b088361d4a808c4d26d7b5613389226beae06ffe053367c68010b",
    "mnist-color-tint75@1": "0b8f4fc283ee6ae573c2c50934d8b859297e1b684dbbd9708a8fa30169110c61",
    "mnist-color-weak@1": "2b69700f3743b1f91b460a3914e8283ffd2f5bf752d6e5a234fe52a2d0d5532f",
    "mnist-color@1": "7a438da1c4d08091c2e83c9b42aec18eebce3883b1def8088f3c12ce16d4849d",
    "mnist-fashion-dominoes@1": "23bf5c7c9d5523920b319b3bfa9d019c42ae580fddc2b2d681469676963a3c69",
    "mnist-ladder-dev@1": "fe1e9b50dd21b9dfe169ed4819a99ca701bd94de61503d5037cb6f6569897284",
    "mnist-ladder@1": "c7b188e45d963129251eea9f71578bc87ea29961c99ea03ebb93057febd6a45d",
    "mnist-ladder@2": "5683a7999b83de9110b60b6f09736a98a24e8875644f1d80b80e7aaf1a60a6e4",
    "mnist-position@1": "63c08df0d7c5cc67045f8bc577d1fa3242d2e82c29f1cfda91811ad1be727091",
    "mnist-texture@1": "406c460caa6286466a622d8aa4d78fb7a720fedcc2572a346370eeec0906cb1f",
    "rotated-mnist@1": "68e665bd8ff0a64ea97095669c06f16e14d8909a10024666d59f97fd3850857e",
}


def sha256(data):
    return hashlib.sha256(data.encode() if isinstance(data, str) else data).hexdigest()


def test_every_shipped_benchmark_is_pinned():
    assert set(SPECS) == set(registered())


@pytest.mark.parametrize("name", sorted(SPECS))
def test_a_benchmark_keeps_its_digest(name):
    assert find_spec(name).digest == SPECS[name]


def test_a_configuration_keeps_its_digest():
    configuration = Configuration(
        benchmark="mnist-color@1",
        spec_digest="a",
        sources={"mnist": SourceRecord(name="mnist", digest="b")},
        generator_seed=0,
        multiply=1,
        official=True,
        train_domain="train",
        method=MethodRecord(name="erm", version="1", source_digest="c"),
        hyper_parameters={"learning_rate": 1e-5, "name": "Zoë", "none": None},
        backbone="small-cnn",
        steps=3000,
        batch_size=128,
        precision="32-true",
    )
    assert (
        configuration.digest == "b089195a498381825bc6d1e09c334261e42b603701f1b3b29ab76eb208864b70"
    )


def test_stored_runs_lie_under_the_digests_of_their_configurations():
    folders = sorted(path.parent for path in ROOT.glob("baselines/results/*/*/*/*/*/run.json"))
    assert folders
    for folder in folders[::10]:
        assert read_record(folder).configuration.digest[:12] == folder.parent.name


def test_predictions_keep_their_digest():
    pred = np.arange(24, dtype=np.uint8).reshape(2, 12) % 10
    probabilities = np.arange(240, dtype=np.uint16).reshape(10, 2, 12)
    assert (
        predictions_digest(pred, None)
        == "a2a4133c37fa881b44bdfb0f9d2051647273ccd608789bac8bbc43df5ff825e5"
    )
    assert (
        predictions_digest(pred, probabilities)
        == "0b676cd699e4d11be14709b265b38e83742e251c9dc533f3794390515986d515"
    )


def test_a_manifest_keeps_its_bytes_and_content_its_id():
    assert (
        sha256(read_bundle(GOLDEN).manifest.canonical)
        == "6f5ac9c627d41b58ba2fc750d2a0fc6a77b359fb85f0c3ea2cc7d1e3a1700dc1"
    )
    assert submission_id({"b": [1, 0.5, None], "a": "é"}) == "7ry3y7jydyzjygidsg3osu5k62wzq3ja"


def test_the_signed_content_of_a_record_keeps_its_bytes():
    assert (
        sha256(a_record(verifier="Zoë", seconds=1e-7).canonical)
        == "3ccca47217ad7a574b05ae7fc68cce77886461f19ebba7eae69823f437933bae"
    )


def test_evidence_keeps_its_bytes():
    summary = Summary(
        estimate=0.625,
        n_seeds=2,
        seed_variance=0.015625,
        image_variance=0.03125,
        rest_variance=0.0,
        seed_means=(0.5, 0.75),
        image_means=np.array([0.25, 0.5, 1.0]),
    )
    evidence = Evidence(
        seeds=(0, 1),
        domains=("id", "up.color"),
        starts=(0, 2, 3),
        bits=np.array([[0b10100000], [0b01100000]], np.uint8),
        summary=summary,
        replicates=np.array([0.5, 0.75], np.float32),
    )
    assert (
        sha256(evidence.to_bytes())
        == "a306b53c7fef121967ad66cb4bcfe0cb65d7ae2392b287e135ed1e29ba2df0ac"
    )


@pytest.fixture
def audited(tmp_path):
    """A store of which nothing but the audit log is filled, with two entries."""
    from leaderboard.store import audit
    from leaderboard.store.database import Store

    store = Store.open(str(tmp_path / "board.sqlite"))
    with store.write() as session:
        for number, detail in enumerate(({"name": "Zoë", "n": 1}, {"share": 0.1, "none": None})):
            time = f"2026-01-0{number + 1}T00:00:00.000000Z"
            audit.append(
                session, time=time, actor="someone", action="receive", subject="S", detail=detail
            )
    yield store
    store.close()


def test_the_audit_log_keeps_its_chain(audited):
    from leaderboard.store import audit

    with audited.read() as session:
        assert (
            audit.head(session)
            == "df4c2a3a338c5a0c5a73244c234d2c9fea827de627b2b4a8be0a46eac004c3b0"
        )


def test_a_backup_keeps_the_bytes_of_its_members(audited, tmp_path):
    from leaderboard.store.backup import backup
    from leaderboard.store.models import SCHEMA

    backup(audited, tmp_path / "backup.zip")
    with zipfile.ZipFile(tmp_path / "backup.zip") as archive:
        assert (
            sha256(archive.read("tables/audit.jsonl"))
            == "24c55ac011894e19f24f3bb4d9e32d3607665867096bb782166a7fa4019ef49d"
        )
        # The list names the revision of the tables, which grows with every migration.
        first_list = archive.read("backup.json").replace(SCHEMA.encode(), b"0001")
        assert (
            sha256(first_list) == "628a2d073953fd97b898ffcf0a5b21ba4e725c5638cf5c3957e562fb984b864c"
        )
