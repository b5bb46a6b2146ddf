"""The cost model on literal machines, what lrbench scaling writes of literal samples, and how memory is told."""

import errno
import json
import math
import os
import re
import subprocess
import sys
import time

import numpy as np
import pytest
from click.testing import CliRunner

from lrbench import stored
from lrbench.cli import main, scaling
from lrbench.out_of_core import usage
from lrbench.out_of_core.cost_model import Machine, bytes_a_row, flops_a_row, predict
from lrbench.out_of_core.dask_engine import TASKS_A_THREAD, edges
from lrbench.report import scaling as report

MACHINE = Machine(
    flops_per_s=1e9,
    read_bytes_per_s=8e9,
    block_s=1e-4,
    task_s=1e-3,
    schedule_s=2e-3,
    fixed_s=0.01,
    network_bytes_per_s=1e9,
    latency_s=1e-3,
)
DOCUMENT = {
    "size": "1000x10",
    "size_bytes": 8.0 * 1000 * 11,
    "environment": {"cpu": "<b>fast</b>", "python": "CPython 3.11"},
    "passes": [
        {"page_cache": "full", "what": "first pass", "time_s": 0.5, "over_reading": 1.25, "anonymous_bytes": 2.0**29}
    ],
    "workers": [
        {
            "workers": 2,
            "block_bytes": 4 * 2**20,
            "time_s": 0.5,
            "bytes_per_s": 2e9,
            "efficiency": 0.9,
            "kernel_efficiency": 0.95,
            "model_s": 0.45,
            "model_over_measured": 0.9,
        }
    ],
    "forecasts": [
        {
            "n_samples": 10**9,
            "n_features": 100,
            "workers": 100,
            "time_s": 7200.0,
            "compute_s": 7199.0,
            "schedule_s": 2.0,
            "reduce_s": 0.5,
        }
    ],
    "implementations": [
        {
            "implementation": "mine",
            "status": "ok",
            "reason": "",
            "time_s": 1.0,
            "digits": 15.95,
            "anonymous_bytes": 0.0,
        },
        {"implementation": "theirs", "status": "failed", "reason": "no <memory>"},
    ],
}
TEXT = """\
Passes over 1000x10, 0.00 GiB, in one process

page cache, pass  time    GB/s  over reading  anonymous memory
full: first pass  500 ms  0.00  1.25          0.50 GiB

The first pass over 1000x10 by local workers of one thread

workers, block  time    GB/s  efficiency  of the kernel alone  model   model / measured
2, 4 MiB        500 ms  2.00  0.90        0.95                 450 ms  0.90

What the model says of clusters

samples x features, workers  time   compute  scheduler  travelling
1e+09 x 100, 100             2.0 h  2.0 h    2.00 s     500 ms

One call of each implementation on 1000x10, 0.00 GiB

implementation  time    digits  anonymous memory  reason
mine            1.00 s  15.9    0.00 GiB
theirs          failed                            no <memory>
"""


def test_one_worker_computes_all_blocks_in_turn():
    # 16 blocks of 1000 rows of 8 features: 110 flops a row; a task each, as there are few.
    cost = predict(MACHINE, n_samples=16_000, n_features=8, workers=1, block_bytes=8 * 8 * 1000)
    assert flops_a_row(8) == 110
    assert bytes_a_row(8) == 72
    assert cost.compute_s == pytest.approx(16 * (1e-3 + 1e-4) + 16_000 * (110e-9 + 72 / 8e9))
    assert cost.schedule_s == pytest.approx(16 * 2e-3)
    assert cost.reduce_s == 0
    assert cost.time_s == pytest.approx(0.01 + 16 * 2e-3)  # the scheduler is the slower of the two


def test_memory_limits_where_arithmetic_is_fast():
    fast = Machine(1e15, 8e9, 0.0, 0.0, 0.0, 0.0, 1e9, 0.0)
    cost = predict(fast, n_samples=10**6, n_features=9, workers=1, block_bytes=2**20)
    assert cost.time_s == pytest.approx(10**6 * (80 / 8e9 + 11 * 12 / 1e15))


def test_only_d_squared_numbers_travel_and_by_eights():
    cost = predict(MACHINE, n_samples=10**9, n_features=99, workers=512, block_bytes=2**25)
    assert cost.reduce_s == pytest.approx(3 * (1e-3 + 8 * 8 * 100**2 / 1e9))


def test_a_hundred_workers_take_a_hundredth_of_the_arithmetic():
    times = [
        predict(MACHINE, n_samples=10**9, n_features=100, workers=count, block_bytes=2**20).compute_s
        for count in (1, 100)
    ]
    assert times[0] / times[1] == pytest.approx(100, rel=0.1)


@pytest.mark.parametrize("n_blocks", [1, 15, 100, 12_345])
@pytest.mark.parametrize("threads", [1, 2, 64])
def test_tasks_keep_all_threads_busy_and_are_alike(n_blocks, threads):
    found = edges(n_blocks, threads)
    lengths = np.diff(found)
    assert (found[0], found[-1]) == (0, n_blocks)
    assert len(lengths) == min(n_blocks, TASKS_A_THREAD * threads)
    assert 1 <= lengths.min() <= lengths.max() <= lengths.min() + 1


def test_the_text():
    assert report.text(DOCUMENT) == TEXT


def test_the_page_holds_the_tables_and_escapes_what_it_shows():
    page = report.page(DOCUMENT)
    assert "no &lt;memory&gt;" in page
    assert "<b>fast" not in page
    assert "2 workers, 4 MiB: 2.00 GB/s, efficiency 0.90" in page


def test_the_markdown():
    rows = [line for line in report.markdown(DOCUMENT).splitlines() if line.startswith("|")]
    assert rows[1:3] == ["|---|--:|--:|--:|--:|", "| full: first pass | 500 ms | 0.00 | 1.25 | 0.50 GiB |"]
    assert rows[-1] == "| theirs | failed |  |  | no &#60;memory&#62; |"


def test_a_part_that_was_not_measured_is_left_out():
    found = report.text({**DOCUMENT, "workers": [], "passes": []})
    assert found.startswith("One call of each")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--size", "1000"], "is not samples x features"),
        (["--size", "3x10"], "fewer samples"),
        (["--size", "1000x0"], "fewer samples|not samples"),
        (["--workers", "1,two"], "not whole numbers"),
        (["--workers", "1,,2"], "not whole numbers"),
        (["--block-mib", "0"], "not whole numbers"),
        (["--block-mib", "9" * 5000], "not whole numbers from 1 to 999999"),
        (["--implementation", "dask_gramm"], r"No implementation 'dask_gramm'\. Nearest: 'dask_gram'"),
    ],
)
def test_bad_usage_says_what_to_do(arguments, message, tmp_path):
    made = CliRunner().invoke(main, ["scaling", "--output", str(tmp_path), "--part", "workers", *arguments])
    assert made.exit_code == 2
    assert re.search(message, made.output)


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


def test_a_part_joins_what_the_folder_holds_of_the_same_size(tmp_path):
    from lrbench.cli.scaling import _before

    path = tmp_path / "scaling.json"
    assert _before(path, "1000x10") == {}
    path.write_text(json.dumps(DOCUMENT))
    assert _before(path, "1000x10") == DOCUMENT


@pytest.mark.parametrize(
    ("text", "message"),
    [(json.dumps(DOCUMENT), "of size '1000x10', not of 1000x11"), ("[]", "of size None"), ("{", "Move it away")],
)
def test_results_that_cannot_be_joined_are_not_overwritten(text, message, tmp_path):
    path = tmp_path / "scaling.json"
    path.write_text(text)
    made = CliRunner().invoke(main, ["scaling", "--output", str(tmp_path), "--size", "1000x11", "--part", "passes"])
    assert made.exit_code == 2
    assert re.search(message, " ".join(made.output.split()))
    assert path.read_text() == text


def test_a_part_that_fails_takes_none_of_those_before_it_along(tmp_path, monkeypatch):
    monkeypatch.setenv("LRBENCH_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(scaling, "_passes", lambda *_: iter(DOCUMENT["passes"]))

    def fails(*_):
        message = "the cluster fell"
        raise RuntimeError(message)

    monkeypatch.setattr(scaling, "_workers", fails)
    made = CliRunner().invoke(main, ["scaling", "--size", "1000x10", "--output", str(tmp_path)])
    assert str(made.exception) == "the cluster fell"
    kept = json.loads((tmp_path / "scaling.json").read_text())
    assert (kept["size"], kept["passes"]) == ("1000x10", DOCUMENT["passes"])


def test_a_full_disk_is_told_with_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setenv("LRBENCH_CACHE", str(tmp_path / "cache"))

    def full(*_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(stored, "write", full)
    made = CliRunner().invoke(main, ["scaling", "--size", "1000x10", "--part", "passes", "--output", str(tmp_path)])
    assert made.exit_code == 1
    assert "size 1000x10 cannot be made: No space left on device. Make room" in " ".join(made.output.split())


def test_a_process_that_ends_is_a_state_not_measured(monkeypatch, capsys):
    def ended(*_):
        message = "its process ended with exit code -9"
        raise usage.Ended(message)

    monkeypatch.setattr(usage, "alone", ended)
    assert list(scaling._passes("X.npy", "y.npy", ("full",))) == []  # noqa: SLF001  (a whole run takes minutes)
    assert "Page cache full: not measured: its process ended with exit code -9" in capsys.readouterr().err


def test_without_dask_its_part_is_skipped_or_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    monkeypatch.setattr("lrbench.cli.scaling._made", lambda *_: sys.exit(7))  # that far
    arguments = ["scaling", "--size", "1000x2", "--output", str(tmp_path / "here")]
    skipped = CliRunner().invoke(main, arguments)
    assert skipped.exit_code == 7
    assert "Skipped: The part 'workers' needs distributed: pip install 'lrbench[out-of-core]'." in skipped.output
    (tmp_path / "here").rmdir()
    refused = CliRunner().invoke(main, [*arguments, "--part", "workers"])
    assert refused.exit_code == 2
    assert "needs distributed" in refused.output
    assert not (tmp_path / "here").exists()


def test_a_folder_that_cannot_be_made_is_told_before_anything_is_measured(tmp_path):
    (tmp_path / "file").touch()
    made = CliRunner().invoke(main, ["scaling", "--output", str(tmp_path / "file" / "here"), "--part", "workers"])
    assert made.exit_code == 2
    assert "Choose another --output" in made.output
