"""Everything that a method may import from dgbench."""

from annotated_types import Ge, Gt, Le, Lt

from data_gen.foundation.errors import DGBenchError, UsageError
from dgbench.api.batch import Batch, UndeclaredError
from dgbench.api.config import Config
from dgbench.api.method import Losses, LossMethod, Method
from dgbench.api.ranges import Choice, Integers, LogUniform, Range, Uniform
from dgbench.api.task import Task
from dgbench.results.facts import Paper, Paradigm

__all__ = [
    "Batch",
    "Choice",
    "Config",
    "DGBenchError",
    "Ge",
    "Gt",
    "Integers",
    "Le",
    "LogUniform",
    "LossMethod",
    "Losses",
    "Lt",
    "Method",
    "Paper",
    "Paradigm",
    "Range",
    "Task",
    "UndeclaredError",
    "Uniform",
    "UsageError",
]
