"""Fixtures for every test: the real servers, and how hypothesis draws its examples."""

import os
import sys

from hypothesis import settings

pytest_plugins = [
    "tests.services.browser",
    "tests.services.openid_provider",
    "tests.services.postgres",
    "tests.services.redis",
    "tests.services.s3",
    "tests.services.server",
]

# Hundreds of processes of the room are started: each compiles all our code anew where Python may not keep it.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

# No example is failed for being slow; the check of a change is the same examples every time.
settings.register_profile("here", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") else "here")
