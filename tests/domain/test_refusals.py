"""A no is an ordinary exception: it can be raised, chained, noted and carried to another process."""

import pickle
from contextlib import contextmanager

import pytest

from liveroom.domain.requests import Code, Malformed, Refused

BOTH = [Refused(Code.PAST, "lies in the past", "until"), Malformed("until", "is not a text")]


@pytest.mark.parametrize("no", BOTH)
def test_it_survives_what_happens_to_exceptions(no: Exception) -> None:
    @contextmanager
    def passing() -> object:
        yield

    with pytest.raises(type(no)) as caught, passing():
        raise no from ValueError("cause")
    caught.value.add_note("while testing")
    caught.value.with_traceback(None)
    assert isinstance(caught.value.__cause__, ValueError)


@pytest.mark.parametrize("no", BOTH)
def test_it_says_the_same_elsewhere(no: Exception) -> None:
    there = pickle.loads(pickle.dumps(no))
    assert vars(there) == vars(no)
    assert str(there) == str(no)
    assert "until" in (there.field, str(there))
