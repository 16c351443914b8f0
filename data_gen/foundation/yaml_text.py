"""YAML as plain values: no objects, and no key that is there twice."""

from collections import Counter
from typing import Any

import yaml
from typing_extensions import override

from data_gen.foundation.errors import UsageError


class _UniqueKeyLoader(yaml.CSafeLoader):
    """YAML that refuses a repeated key instead of keeping the last one."""

    @override
    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = Counter(key.value for key, _ in node.value if isinstance(key, yaml.ScalarNode))
        if repeated := [key for key, count in keys.items() if count > 1]:
            raise yaml.constructor.ConstructorError(
                None, None, f"the key {repeated[0]!r} is here twice", node.start_mark
            )
        return super().construct_mapping(node, deep=deep)


def parse_yaml(text: str, *, where: str) -> Any:
    """Parse YAML. Errors call it `where`."""
    try:
        return yaml.load(text, Loader=_UniqueKeyLoader)  # noqa: S506 (a safe loader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f" line {mark.line + 1}" if mark else ""
        problem = getattr(error, "problem", None) or "not readable"
        raise UsageError(f"{where}:{line} is not valid YAML: {problem}.") from error
