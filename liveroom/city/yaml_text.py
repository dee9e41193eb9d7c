"""YAML as people mean it: a key twice is a fault, ``no`` is a word, and 16:00 stays text until its key says more."""

import re
from pathlib import Path
from typing import Any

import yaml

from liveroom.runtime.errors import Fault, OnceLoader, line_of


class _Loader(OnceLoader):
    """Builds plain values only, by the rules of YAML 1.2 for what is a number, a truth or nothing."""

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012


for _tag, _pattern, _first in (
    ("bool", "true|false", "tf"),
    ("null", "null|~|", ["n", "~", ""]),
    ("int", "-?(?:0|[1-9][0-9]*)", "-0123456789"),
    ("float", r"-?[0-9]+\.[0-9]+", "-0123456789"),
):
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(f"^(?:{_pattern})$"), list(_first))


def read_yaml_text(path: Path, faults: list[Fault], *, empty: object = None) -> object:
    """The plain value of a YAML file, ``empty`` for an empty one; None and a fault with its line otherwise."""
    try:
        value: object = yaml.load(path.read_text("utf-8"), Loader=_Loader)
    except OSError as error:
        faults.append(Fault(path.name, f"cannot be read: {error.strerror}"))
    except yaml.MarkedYAMLError as error:
        faults.append(Fault(f"{path.name}: line {line_of(error)}", error.problem or "is not YAML"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        faults.append(Fault(path.name, f"is not YAML in UTF-8: {error}"))
    except RecursionError:
        faults.append(Fault(path.name, "is nested too deep"))
    else:
        if value is None and empty is None:
            faults.append(Fault(path.name, "is empty"))
        return empty if value is None else value
    return None
