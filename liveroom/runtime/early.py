"""Reads the one setting that must be known before anything else is imported."""

from collections.abc import Mapping
from pathlib import Path

import yaml

DEFAULT = "eventlet"


def early_mode(environment: Mapping[str, str]) -> str:
    """``server.async_mode`` of the environment or the settings file; a broken file gets the default here."""
    given = environment.get("LIVEROOM_ASYNC_MODE")
    if given:
        return given if given in ("eventlet", "threading") else DEFAULT
    try:
        raw = yaml.safe_load(Path(environment.get("LIVEROOM_CONFIG") or "config.yaml").read_text(encoding="utf-8"))
        mode = raw["server"]["async_mode"]
    except (OSError, UnicodeDecodeError, yaml.YAMLError, KeyError, TypeError):
        return DEFAULT
    return mode if mode in ("eventlet", "threading") else DEFAULT
