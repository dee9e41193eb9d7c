"""YAML that refuses a key written twice, of which plain YAML would silently keep the last."""

from collections.abc import Hashable
from typing import Any

import yaml


class OnceLoader(yaml.SafeLoader):
    """Builds plain values only. Raises yaml.MarkedYAMLError at a repeated key."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        """Refuse a repeated key."""
        seen: set[str] = set()
        for key, _ in node.value:
            text = str(key.value)
            if text in seen:
                raise yaml.MarkedYAMLError(problem=f"key {text!r} is written twice", problem_mark=key.start_mark)
            seen.add(text)
        return super().construct_mapping(node, deep)


def line_of(error: yaml.MarkedYAMLError) -> int:
    """The line of a fault, from 1."""
    return int(error.problem_mark.line) + 1 if error.problem_mark else 1
