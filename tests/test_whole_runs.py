"""Whole runs of the program as users make them: killed, out of disk, slowed down, compared."""

import collections
import json
import os
import random
import resource
import signal
import subprocess
import sys
import time

import pytest

SMALL = ["--problem", "least_squares", "--size", "60x2", "--implementation", "solve", "--implementation", "qr"]
RUN = ["run", *SMALL, "--threads", "1", "--processes", "6"]


def lrbench(*arguments, **options):
    command = [sys.executable, "-m", "lrbench", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, **options)


def measured(folder):
    lines = (folder / "measurements.jsonl").read_text(encoding="utf-8").splitlines()
    return collections.Counter(json.loads(line)["process"] for line in lines)


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A run that nothing disturbed, which has also made the references."""
    folder = tmp_path_factory.mktemp("finished")
    done = lrbench(*RUN, "--output", folder)
    assert done.returncode == 0, done.stderr
    return folder


def test_a_run_killed_again_and_again_ends_with_everything_measured_once(finished, tmp_path):
    chance = random.Random()
    for _ in range(6):
        with subprocess.Popen(
            [sys.executable, "-m", "lrbench", *RUN, "--output", str(tmp_path)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        ) as process:
            time.sleep(chance.uniform(0.5, 5.0))
            process.send_signal(signal.SIGKILL)
    done = lrbench(*RUN, "--output", tmp_path)
    assert done.returncode == 0, done.stderr
    assert measured(tmp_path) == measured(finished)
    assert max(measured(tmp_path).values()) == 1
    rows = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))["rows"]
    assert [(row["implementation"], row["status"], row["processes"]) for row in rows] == [
        ("solve", "ok", 6),
        ("qr", "ok", 6),
    ]


def test_a_full_disk_is_said_clearly_and_costs_nothing_that_was_measured(finished, tmp_path):
    # A limit on the size of files stands for the disk: the write that passes it fails half-way, as on a full disk.
    longest = max(map(len, (finished / "measurements.jsonl").read_bytes().splitlines()))
    limit = int(2.5 * longest)
    full = lrbench(
        *RUN, "--output", tmp_path, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    )
    assert full.returncode == 1
    assert "File too large. What was measured before is kept; the same command goes on." in full.stderr
    shown = lrbench("report", tmp_path)
    assert shown.returncode == 0, shown.stderr
    assert "was cut while it was written; it is left out" in " ".join(shown.stdout.split())
    done = lrbench(*RUN, "--output", tmp_path)
    assert done.returncode == 0, done.stderr
    assert measured(tmp_path) == measured(finished)


def test_a_failure_is_tried_again_and_replaced(finished, tmp_path):
    path = tmp_path / "measurements.jsonl"
    records = [json.loads(x) for x in (finished / "measurements.jsonl").read_text(encoding="utf-8").splitlines()]
    for side in records[2]["sides"]:
        side.update(status="failed", reason="its process was killed", epochs_s=[], rounds=[])
    path.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    assert "its process was killed" in lrbench("report", tmp_path).stdout
    done = lrbench(*RUN, "--output", tmp_path)
    assert done.returncode == 0, done.stderr
    assert measured(tmp_path) == measured(finished)
    assert "its process was killed" not in done.stdout


@pytest.fixture(scope="module")
def sabotaged(tmp_path_factory):
    """Return an environment in whose processes `solve`, the baseline, is replaced by what some code makes of it."""

    def environment(code):
        folder = tmp_path_factory.mktemp("sabotage")
        lines = [
            "import lrbench.regression.closed_form as c, time",
            "right = c.solve",
            "def solve(X, y):",
            code,
            "c.solve = solve",
        ]
        (folder / "sitecustomize.py").write_text("\n".join(lines) + "\n", encoding="utf-8")
        return {**os.environ, "PYTHONPATH": os.pathsep.join([str(folder), os.environ.get("PYTHONPATH", "")])}

    return environment


SLOWER = "  for _ in range(9): right(X, y)\n  return right(X, y)"  # more than any neighbour on the machine can hide


@pytest.fixture(scope="module")
def runs(finished, sabotaged, tmp_path_factory):
    """Two folders of two runs each, as the program is and with `solve` ten times as slow; and one where it is wrong."""
    folder = tmp_path_factory.mktemp("runs")
    (folder / "before").mkdir()
    (folder / "before" / "1").symlink_to(finished)
    slower, wrong = sabotaged(SLOWER), sabotaged("  return tuple(1.001 * v for v in right(X, y))")
    for name, environment in (("before/2", None), ("slower/1", slower), ("slower/2", slower), ("wrong", wrong)):
        done = lrbench(*RUN, "--output", folder / name, env=environment)
        assert done.returncode == (name == "wrong"), done.stderr
    return folder


@pytest.mark.parametrize(
    ("baseline", "new", "code", "said"),
    [
        ("before/1", "before/1", 0, "Verdict: no regression."),
        ("before", "slower", 1, "Verdict: regression confirmed."),
        ("before/1", "wrong", 2, "least_squares/60x2/solve (1 thread): wrong answer: relative error 1.0e-03"),
        ("before/1", "nowhere", 3, "nowhere"),
        ("before/1", "slower/1", 4, "Verdict: too noisy to tell."),  # one run each confirms nothing
    ],
)
def test_every_exit_code_of_compare_comes_of_real_runs(runs, baseline, new, code, said):
    done = lrbench("compare", runs / baseline, runs / new)
    assert done.returncode == code, done.stdout + done.stderr
    assert said in " ".join((done.stdout + done.stderr).split())
    assert ("unpaired" in done.stdout) == (code != 3)


@pytest.mark.parametrize(
    ("options", "differs"),
    [
        (["--seed", "1"], "the data of least_squares at 60x2 differ (checksums"),
        (["--threads", "2"], "least_squares at 60x2 was measured with other thread counts"),
    ],
)
def test_runs_of_other_data_or_threads_are_told_apart(finished, tmp_path, options, differs):
    if options == ["--threads", "2"] and len(os.sched_getaffinity(0)) < 2:
        pytest.skip("one processor has no second thread")
    assert lrbench(*RUN, *options, "--output", tmp_path).returncode == 0
    refused = lrbench("compare", finished, tmp_path)
    assert refused.returncode == 3
    assert differs in refused.stdout
    together = lrbench("report", finished, tmp_path, "--output", tmp_path / "both.json")
    assert together.returncode == 0, together.stderr
    tables = json.loads((tmp_path / "both.json").read_text(encoding="utf-8"))["tables"]
    assert [table["end"] - table["first"] for table in tables] == [2, 2]


def interpreter(folder, name, environment):
    """Write a program that is this interpreter in another environment, as a second installation would be."""
    path = folder / name
    path.write_text(f'#!/bin/sh\nPYTHONPATH="{environment["PYTHONPATH"]}" exec "{sys.executable}" "$@"\n')
    path.chmod(0o755)
    return path


def test_two_interpreters_are_measured_in_turn_and_the_slower_one_is_found(sabotaged, tmp_path):
    one = interpreter(tmp_path, "one", {"PYTHONPATH": os.environ.get("PYTHONPATH", "")})
    other = interpreter(tmp_path, "other", sabotaged(SLOWER))
    options = ["compare", *SMALL, "--processes", 6, "--python", one]
    assert lrbench(*options, "--python", other).returncode == 1
    same = lrbench(*options, "--python", one, "--threshold", 300, "--output", tmp_path / "same")
    assert same.returncode == 0, same.stdout  # identical code never takes four times as long
    for which in ("old", "new"):
        assert measured(tmp_path / "same" / which) == dict.fromkeys(range(6), 1)
    again = lrbench(*options, "--python", one, "--output", tmp_path / "same")
    assert (again.returncode, "holds measurements already" in again.stderr) == (3, True)
