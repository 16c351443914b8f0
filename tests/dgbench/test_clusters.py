"""Inside the job of a cluster a run is what it is outside: same steps, same predictions."""

import lightning.pytorch as pl
import pytest
import torch
from lightning.fabric.plugins.environments import SLURMEnvironment
from lightning.pytorch.utilities import rank_zero_only

from data_gen.foundation.errors import UsageError
from dgbench.results.folder import find_runs, read_record
from dgbench.training.energy import COUNTRY_VARIABLE, country_of_the_grid
from dgbench.training.rendezvous import OwnProcesses, ProcessRank
from tests.cli.terminal import dgbench
from tests.dgbench.clusters import CLUSTERS, EVERYTHING, path_with, stand_ins
from tests.dgbench.runs import assert_same_weights, run, weights_of

STEPS = 12


@pytest.fixture(scope="module")
def outside(tmp_path_factory):
    """Weights and predictions of three seeds, without any variables."""
    from dgbench.training.plan import Request

    request = Request(
        method="erm",
        benchmark="mnist-color-5k",
        steps=STEPS,
        batch_size=32,
        accelerator="cpu",
        out=tmp_path_factory.mktemp("outside"),
        with_energy=False,
        with_probes=False,
    )
    records = [run(request, seed) for seed in range(3)]
    weights = [weights_of(request, seed) for seed in range(3)]
    return weights, [record.predictions_digest for record in records]


@pytest.fixture
def cluster(request, monkeypatch, tmp_path):
    """The variables and commands of a cluster, in a folder with another program's checkpoint."""
    for name, value in CLUSTERS[request.param].items():
        monkeypatch.setenv(name, value)
    calls = stand_ins(tmp_path)
    monkeypatch.setenv("PATH", path_with(tmp_path))
    monkeypatch.chdir(tmp_path)
    torch.save({"state_dict": {}, "global_step": 7}, tmp_path / "hpc_ckpt_1.ckpt")
    yield request.param
    assert calls.read_text() == ""
    assert len(list(tmp_path.glob("hpc_ckpt_*"))) == 1


@pytest.mark.parametrize("cluster", CLUSTERS, indirect=True)
def test_seeds_in_one_job_are_the_trainings_that_they_are_outside(cluster, outside, request_for):
    weights, digests = outside
    assert len(set(digests)) == 3
    request = request_for(steps=STEPS)
    for seed in range(3 if cluster == "slurm" else 1):
        record = run(request, seed)
        assert record.predictions_digest == digests[seed]
        assert (record.hardware.n_devices, record.resumed) == (1, 0)
        assert_same_weights(weights_of(request, seed), weights[seed])


@pytest.mark.parametrize("cluster", ["slurm"], indirect=True)
@pytest.mark.usefixtures("cluster")
def test_lightning_alone_would_obey_the_cluster():
    """The specimen: what the harness would be without an environment of its own."""
    alone = pl.Trainer(devices=1, accelerator="cpu", logger=False, enable_checkpointing=False)
    assert alone._checkpoint_connector._hpc_resume_path is not None
    several = pl.Trainer(devices=2, accelerator="cpu", strategy="ddp", logger=False)
    assert isinstance(several._accelerator_connector.cluster_environment, SLURMEnvironment)


def test_ranks_are_the_ones_given_and_no_others():
    own = OwnProcesses(ProcessRank(1, 2, 12345))
    try:
        assert (own.global_rank(), own.world_size(), own.node_rank()) == (1, 2, 0)
        assert own.creates_processes_externally
        assert rank_zero_only.rank == 1
        with pytest.raises(ValueError, match="processes 4, but dgbench has set 2"):
            own.set_world_size(4)
    finally:
        OwnProcesses(ProcessRank())


@pytest.mark.slow
def test_two_devices_in_a_job_give_the_predictions_of_two_devices_outside(tmp_path):
    command = ("train", "erm", "mnist-color-5k", "--steps", STEPS, "--batch-size", 32, "--quiet")
    several = (*command, "--devices", 2, "--accelerator", "cpu", "--threads", 1)
    calls = stand_ins(tmp_path)
    digests = {}
    for name, variables in {"outside": {}, "inside": EVERYTHING}.items():
        more = {**variables, "PATH": path_with(tmp_path)}
        done = dgbench(*several, "--out", name, folder=tmp_path, **more)
        assert done.returncode == 0, done.stderr
        record = read_record(next(find_runs(tmp_path / name)))
        assert record.hardware.n_devices == 2
        digests[name] = record.predictions_digest
    assert digests["inside"] == digests["outside"]
    # codecarbon asks Slurm how much memory the job has.
    assert set(calls.read_text().splitlines()) <= {"scontrol show job 4711"}


@pytest.mark.parametrize(("given", "country"), [("deu", "DEU"), ("", None)])
def test_a_country_is_kept_by_its_code(monkeypatch, given, country):
    monkeypatch.setenv(COUNTRY_VARIABLE, given)
    assert country_of_the_grid() == country


@pytest.mark.parametrize("given", ["Germany", "DE", "XXX"])
def test_a_country_that_nobody_knows_is_refused(monkeypatch, request_for, given):
    monkeypatch.setenv(COUNTRY_VARIABLE, given)
    request = request_for(with_energy=True)
    with pytest.raises(UsageError, match=f"{given!r}, of which codecarbon knows no carbon"):
        run(request)
    assert not request.out.exists()


def test_an_energy_meter_that_fails_leaves_the_run_whole_and_says_why(monkeypatch, request_for):
    def fail(*_arguments, **_options):
        raise FileNotFoundError("no scontrol here")

    monkeypatch.setattr("codecarbon.OfflineEmissionsTracker", fail)
    record = run(request_for(with_energy=True))
    assert record.status == "done"
    assert record.cost.energy is None
    assert record.cost.energy_problem == "codecarbon: FileNotFoundError: no scontrol here"
