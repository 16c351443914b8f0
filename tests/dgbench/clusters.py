"""The variables of clusters and launchers, as a job of theirs finds them, and their commands."""

import os
import stat

SLURM = {
    "SLURM_JOB_ID": "4711",
    "SLURM_JOB_NAME": "train",
    "SLURM_JOB_NODELIST": "node[1-2]",
    "SLURM_NODELIST": "node[1-2]",
    "SLURM_NTASKS": "4",
    "SLURM_NTASKS_PER_NODE": "2",
    "SLURM_NNODES": "2",
    "SLURM_NODEID": "1",
    "SLURM_LOCALID": "1",
    "SLURM_PROCID": "3",
    "SLURM_CPUS_PER_TASK": "1",
}
LSF = {
    "LSB_JOBID": "4711",
    "LSB_HOSTS": "batch node1 node1",
    "LSB_DJOB_RANKFILE": "nowhere",
    "LSB_DJOB_NUMPROC": "2",
    "JSM_NAMESPACE_LOCAL_RANK": "1",
    "JSM_NAMESPACE_RANK": "3",
    "JSM_NAMESPACE_SIZE": "4",
}
PBS = {"PBS_JOBID": "4711.head", "PBS_NODEFILE": "nowhere", "PBS_NUM_PPN": "2", "NCPUS": "2"}
KUBEFLOW = {
    "KUBERNETES_PORT": "tcp://127.0.0.1:443",
    "MASTER_ADDR": "train-master-0",
    "MASTER_PORT": "23456",
    "WORLD_SIZE": "4",
    "RANK": "3",
}
TORCHRUN = {
    "TORCHELASTIC_RUN_ID": "none",
    "TORCHELASTIC_USE_AGENT_STORE": "True",
    "GROUP_RANK": "1",
    "GROUP_WORLD_SIZE": "2",
    "LOCAL_RANK": "1",
    "LOCAL_WORLD_SIZE": "2",
    "MASTER_ADDR": "127.0.0.1",
    "MASTER_PORT": "29500",
    "RANK": "3",
    "WORLD_SIZE": "4",
}
MPI = {
    "OMPI_COMM_WORLD_SIZE": "4",
    "OMPI_COMM_WORLD_RANK": "3",
    "OMPI_COMM_WORLD_LOCAL_RANK": "1",
    "PMI_RANK": "3",
    "PMI_SIZE": "4",
}
LIGHTNING = {
    "PL_TRAINER_MAX_STEPS": "3",
    "PL_TRAINER_GRADIENT_CLIP_VAL": "0.001",
    "PL_GLOBAL_SEED": "1",
    "NODE_RANK": "1",
}
CLUSTERS = {
    "slurm": SLURM,
    "lsf": LSF,
    "pbs": PBS,
    "kubeflow": KUBEFLOW,
    "torchrun": TORCHRUN,
    "mpi": MPI,
    "lightning": LIGHTNING,
}
EVERYTHING = {name: value for cluster in CLUSTERS.values() for name, value in cluster.items()}


def stand_ins(folder, *names):
    """Commands that write down that they were called. Returns the file in which they do."""
    calls = folder / "calls.txt"
    calls.touch()
    for name in names or ("scontrol", "srun", "sbatch", "mpirun", "jsrun"):
        command = folder / name
        command.write_text(f'#!/bin/sh\necho {name} "$@" >> {calls}\n')
        command.chmod(command.stat().st_mode | stat.S_IXUSR)
    return calls


def path_with(folder):
    return f"{folder}{os.pathsep}{os.environ['PATH']}"
