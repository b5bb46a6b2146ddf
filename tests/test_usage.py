"""How much memory and time a call takes, and that it is ended where that is more than allowed."""

import math
import subprocess
import sys
import time

import numpy as np
import pytest

from lrbench.out_of_core import usage


@pytest.mark.skipif(sys.platform != "linux", reason="needs Linux's /proc, which tells anonymous memory")
def test_the_peak_of_anonymous_memory_is_seen():
    code = (
        "import time; import numpy as np; from lrbench.out_of_core import usage\n"
        "def hold():\n"
        "    held = np.ones(2**23)\n"
        "    time.sleep(0.5)  # many looks, however busy the machine is\n"
        "    return float(held.sum())\n"
        "before = usage.used(lambda: None).anonymous_bytes\n"
        "found = usage.used(hold)\n"
        "print(found.answer, found.anonymous_bytes - before)"
    )  # in a process that holds nothing else, and whose children do not
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    answer, more = map(float, run.stdout.split())
    assert answer == 2**23
    assert 0.9 * 2**26 < more < 1.5 * 2**26


def sleep_within(limit_s):
    return usage.used(lambda: time.sleep(5), usage.Limits(time_s=limit_s))


def take_within(limit_bytes):
    return usage.used(lambda: np.ones(2**25).sum() + time.sleep(1.0), usage.Limits(anonymous_bytes=limit_bytes))


def fail():
    message = "not today"
    raise ValueError(message)


@pytest.mark.skipif(sys.platform != "linux", reason="needs Linux's /proc, which tells anonymous memory")
@pytest.mark.parametrize(
    ("arguments", "message"), [((sleep_within, 0.1), "longer than allowed"), ((take_within, 2**27), "more memory than")]
)
def test_who_takes_more_than_allowed_is_ended(arguments, message):
    with pytest.raises(usage.Ended, match=message):
        usage.alone(*arguments)


def test_what_a_process_raises_is_raised_here():
    assert usage.alone(math.sqrt, 4.0) == 2.0
    with pytest.raises(ValueError, match="not today"):
        usage.alone(fail)
