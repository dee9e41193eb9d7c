"""Opens the bucket of an S3-compatible server, with keys and address from the environment."""

import os
from datetime import timedelta
from typing import TYPE_CHECKING

from obstore.store import S3Store

from liveroom.media.away import FAILURES, StoreAway, away

if TYPE_CHECKING:  # they are types alone
    from obstore.store import ClientConfig, RetryConfig

KEYS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
ADDRESSES = ("AWS_ENDPOINT", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3")
# Somebody waits for a picture. What is to be kept waits on the disk and is tried again by whoever keeps it.
CLIENT: "ClientConfig" = {"connect_timeout": timedelta(seconds=5), "timeout": timedelta(seconds=60)}
RETRY: "RetryConfig" = {"max_retries": 2, "retry_timeout": timedelta(seconds=20)}


def open_bucket(url: str) -> S3Store:
    """The store at ``s3://bucket/prefix``; nothing is asked of it yet. Raises StoreAway: no key, or no such address."""
    for name in KEYS:
        if not os.environ.get(name):  # without keys the library would ask the machine's network for some
            raise StoreAway(f"the media store {url} needs {name} in the environment")
    plain = any(os.environ.get(name, "").startswith("http://") for name in ADDRESSES)
    try:
        return S3Store.from_url(url, client_options={**CLIENT, "allow_http": plain}, retry_config=RETRY)
    except FAILURES as error:
        raise away(url, error) from error
