"""What beginning costs: each figure from a process that has done nothing of the kind before."""

import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from lrbench.measure import starts
from lrbench.measure.plan import Job, Plan, schedule
from lrbench.measure.runner import Failure, Runner
from lrbench.results import STARTS

MB = 1e6


@pytest.fixture
def module(tmp_path, monkeypatch):
    """Write a module that can be imported, and return its name; numba is not loaded yet, whatever ran before."""
    monkeypatch.delitem(sys.modules, "numba", raising=False)

    def write(code):
        (tmp_path / "beginning.py").write_text(code, encoding="utf-8")
        monkeypatch.syspath_prepend(tmp_path)
        return "beginning"

    return write


def test_an_import_is_timed_in_a_process_that_has_not_imported_it(module):
    name = module("import time\ntime.sleep(0.2)\ndef f(): pass\n")
    assert starts.import_seconds(f"{name}:f") > 0.2
    assert starts.import_seconds(f"{name}:f") > 0.2  # again from nothing
    assert name not in sys.modules


def test_the_second_process_finds_what_the_first_has_compiled(module):
    # A stand-in for a compiler: whatever it keeps, it keeps where numba would.
    name = module(
        "import os, pathlib, time\n"
        "kept = pathlib.Path(os.environ['NUMBA_CACHE_DIR'], 'kept')\n"
        "def f(x):\n"
        "  if not kept.exists(): time.sleep(0.3); kept.touch()\n"
    )
    found = starts.first_calls(f"{name}:f", lambda: (1.0,))
    assert found.first_call_s > 0.3
    assert found.first_call_cached_s < 0.2
    again = starts.first_calls(f"{name}:f", lambda: (1.0,))
    assert again.first_call_s > 0.3  # nothing is left of it


def test_nothing_is_told_where_numba_has_been_loaded_with_the_cache_of_others(module, monkeypatch):
    name = module("def f(): pass\n")
    monkeypatch.setitem(sys.modules, "numba", None)
    assert starts.first_calls(f"{name}:f", tuple) == starts.Start()


@pytest.mark.parametrize("code", ["raise ValueError", "os._exit(3)", "os.kill(os.getpid(), 9)", "time.sleep(100)"])
def test_a_first_call_that_fails_or_hangs_has_no_figure(module, monkeypatch, code):
    monkeypatch.setattr(starts, "LIMIT_S", 0.5)
    name = module(f"import os, time\ndef f(x):\n  {code}\n")
    begun = time.monotonic()
    assert starts.first_calls(f"{name}:f", lambda: (1.0,)) == starts.Start()
    assert time.monotonic() - begun < 20


PEAKS = """
from lrbench.measure.starts import peak_memory_bytes

def temporaries():
    for _ in range(3):
        bytes_of = bytearray(32 * 2**20)
        del bytes_of

print(peak_memory_bytes(temporaries))
print(peak_memory_bytes(lambda: bytearray(b"1") * (8 * 2**20)))
print(peak_memory_bytes(lambda: None))
print(peak_memory_bytes(temporaries))  # freed memory is not reused
"""


@pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="needs Linux's record of peak memory")
def test_the_peak_of_a_call_counts_what_it_holds_at_once_and_its_answer():
    # In a process of its own: this one has threads that other tests have left, and they take memory when they like.
    run = subprocess.run([sys.executable, "-c", PEAKS], capture_output=True, text=True, check=True)
    peaks = [float(line) for line in run.stdout.split()]
    assert peaks == pytest.approx([32 * 2**20, 8 * 2**20, 0, 32 * 2**20], abs=MB)


def test_a_compiled_side_takes_longer_to_begin_and_its_record_holds_no_times():
    job = Job("gradient", "1000x2", 1, ("numpy_vectorized", "numba_jit"))
    runner = Runner()
    (pilot,) = [found for found in runner.pilots([job], 1) if not isinstance(found, Failure)]
    plan = Plan((schedule(pilot, sampling_s=0.02),), 6, 1, starts=frozenset({job}))
    (found,) = runner.starts(plan)
    assert found.key == ("gradient", "1000x2", 1, STARTS)
    numpy, numba = found.sides
    assert (numpy.epochs_s, numba.epochs_s) == ((), ())
    assert numba.first_call_s > 2 * numba.first_call_cached_s  # seconds of compiling against a file that is read
    assert numba.first_call_s > 10 * numpy.first_call_s
    assert numba.import_s > numpy.import_s > 0
    assert not list(runner.starts(replace(plan, done=frozenset({found.key}))))
