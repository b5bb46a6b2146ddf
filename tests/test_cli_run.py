"""lrbench run as a user types it: what it prints, writes, goes on with and refuses, and its exit codes."""

import csv
import fcntl
import json
import re
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
from click.testing import CliRunner

from lrbench.cli import main
from lrbench.comparisons import Row
from lrbench.measure.environment import allowed_cpus
from lrbench.problems import PROBLEMS
from lrbench.registry import all_cases
from lrbench.results import STARTS

SMALL = ["--problem", "least_squares", "--size", "60x2", "--implementation", "solve", "--implementation", "qr"]
SMALL += ["--threads", "1"]


def lrbench(*arguments):
    return CliRunner().invoke(main, [str(a) for a in arguments])


def start(*arguments):
    command = [sys.executable, "-m", "lrbench", *map(str, arguments)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


@pytest.fixture(scope="module")
def small_run(tmp_path_factory):
    """One real run: two sides, six processes."""
    folder = tmp_path_factory.mktemp("run")
    return folder, lrbench("run", *SMALL, "--output", folder, "--processes", 6)


def test_a_run_states_its_plan_and_prints_its_tables_and_its_page(small_run):
    folder, done = small_run
    assert done.exit_code == 0, done.output
    lines = done.output.splitlines()
    assert lines[0] == "Pilot: 1 table to check and to try out."
    assert lines[1].startswith("Plan: 1 table, 6 processes each, ")
    assert " to go, " in lines[1]
    assert "least_squares at 60x2, 1 thread" in done.output
    assert lines[-1] == f"Report: {folder.resolve() / 'report.html'}"
    assert sorted(path.name for path in folder.iterdir() if not path.name.startswith(".")) == [
        "measurements.jsonl",
        "plan.json",
        "report.html",
        "report.json",
        "report.md",
    ]


@pytest.mark.parametrize("found", [True, False])
def test_a_page_is_opened_only_where_that_is_asked_for(small_run, monkeypatch, found):
    folder, _ = small_run
    opened = []
    monkeypatch.setattr("webbrowser.open", lambda address: opened.append(address) or found)
    lrbench("run", *SMALL, "--output", folder, "--processes", 6)
    assert opened == []
    done = lrbench("run", *SMALL, "--output", folder, "--processes", 6, "--open")
    assert done.exit_code == 0
    assert opened == [(folder / "report.html").resolve().as_uri()]
    assert ("No browser was found. Open " in done.output) is not found


def test_the_json_report_has_the_documented_fields(small_run):
    folder, _ = small_run
    report = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    assert {"environment", "ceilings", "noise_floor", "rows"} <= report.keys()
    assert [row["implementation"] for row in report["rows"]] == ["solve", "qr"]
    for row in report["rows"]:
        assert list(row) == list(Row.__dataclass_fields__)
        assert row["status"] == "ok"
        assert row["processes"] == 6
        assert row["median_s"] > 0
        assert row["digits"] > 12
        assert 0 < row["first_call_cached_s"] < 10
        assert 0 < row["first_call_s"] < 10
        assert 0 < row["import_s"] < 10
        assert row["peak_memory_bytes"] is None or row["peak_memory_bytes"] < 10e6
    assert report["rows"][1]["speedup_low"] <= report["rows"][1]["speedup"] <= report["rows"][1]["speedup_high"]


def test_a_finished_run_is_not_measured_again(small_run):
    folder, _ = small_run
    before = (folder / "measurements.jsonl").read_bytes()
    again = lrbench("run", *SMALL, "--output", folder, "--processes", 6)
    assert again.exit_code == 0
    assert "holds everything that is asked for. Start anew with --fresh." in again.output
    assert (folder / "measurements.jsonl").read_bytes() == before


def test_the_same_command_goes_on_to_the_end_that_was_planned(small_run):
    folder, _ = small_run  # six processes, where ten are the default
    again = lrbench("run", *SMALL, "--output", folder)
    assert again.exit_code == 0
    assert "holds everything that is asked for" in again.output


def test_a_run_goes_on_with_what_a_cut_one_left(small_run, tmp_path):
    lines = (small_run[0] / "measurements.jsonl").read_bytes().splitlines(keepends=True)
    assert len(lines) == 7
    (tmp_path / "measurements.jsonl").write_bytes(b"".join(lines[:4]) + lines[4][:70])
    done = lrbench("run", *SMALL, "--output", tmp_path, "--processes", 6)
    assert done.exit_code == 0, done.output
    assert "line 5 was cut while it was written; it is left out." in done.output
    found = (tmp_path / "measurements.jsonl").read_bytes().splitlines(keepends=True)
    assert found[:4] == lines[:4]
    assert sorted(json.loads(line)["process"] for line in found) == [STARTS, 0, 1, 2, 3, 4, 5]


def test_sides_that_were_not_measured_together_are_not_mixed(small_run):
    refused = lrbench("run", *SMALL[:4], "--threads", "1", "--output", small_run[0])
    assert refused.exit_code == 2
    assert "another choice of implementations for least_squares at 60x2: ['qr', 'solve'], now" in refused.output


@pytest.mark.parametrize(
    ("options", "message"),
    [(["--seed", "1"], "measurements of another seed: 0, now 1"), ([], "measurements of another environment (numpy)")],
)
def test_measurements_of_another_kind_are_not_mixed(small_run, tmp_path, options, message):
    text = (small_run[0] / "measurements.jsonl").read_text(encoding="utf-8")
    if not options:
        text = text.replace(f'"numpy":"{np.__version__}"', '"numpy":"0.0.1"')
    (tmp_path / "measurements.jsonl").write_text(text, encoding="utf-8")
    refused = lrbench("run", *SMALL, "--output", tmp_path, *options)
    assert refused.exit_code == 2
    assert message in refused.output
    assert "--fresh" in refused.output


def test_two_runs_do_not_share_a_folder(tmp_path):
    with (tmp_path / ".lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        refused = lrbench("run", *SMALL, "--output", tmp_path)
    assert refused.exit_code == 2
    assert "another run is writing there" in refused.output


@pytest.mark.usefixtures("small_run")  # which has made the reference
def test_an_interrupted_run_keeps_what_it_has(tmp_path):
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background jobs inherit that it is ignored
    with start("run", *SMALL, "--output", tmp_path, "--processes", 60) as process:
        for _ in range(1200):
            if (tmp_path / "measurements.jsonl").exists():
                break
            time.sleep(0.1)
        else:
            pytest.fail("nothing was measured")
        process.send_signal(signal.SIGINT)
        output, _ = process.communicate(timeout=60)
    assert process.returncode == 130, output
    assert "Interrupted. What was measured is kept; the same command goes on." in output
    assert lrbench("report", tmp_path).exit_code == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--problem", "least_sqares"], "No problem 'least_sqares'. Nearest: 'least_squares'"),
        (["--implementation", "numpy"], "No implementation 'numpy'. Nearest: 'numpy_out'"),
        (["--problem", "predict", "--implementation", "qr"], "No implementation 'qr'"),
        (["--size", "1000by2"], "Size '1000by2' is not made of whole numbers above zero"),
        (["--size", "0x2"], "Size '0x2' is not made of whole numbers above zero"),
        (["--size", "9" * 5000], "does not fit into this machine's memory"),
        (["--size", "900000000000x10"], "does not fit into this machine's memory"),
        (["--size", "3x2"], "Size '3x2' has fewer samples"),
        (["--problem", "fit", "--size", "1000"], "Size '1000' suits none of the problems chosen"),
        (["--threads", "0"], "--threads '0' is no number from 1 to"),
        (["--threads", "two"], "--threads 'two' is no number from 1 to"),
        (["--processes", "5"], "5 is not in the range x>=6"),
        (["--target", "price"], "belong to --data FILE, which is not given"),
        (["--data", "no_such.csv"], "--data needs --target COLUMN"),
        (["--data", "no_such.csv", "--target", "price"], "no_such.csv"),
        (["--data", "no_such.csv", "--target", "price", "--size", "10x2"], "--size and --data exclude each other"),
        (["--output", "/proc/nowhere"], "Choose another --output"),
    ],
)
def test_bad_usage_says_what_is_wrong(tmp_path, arguments, message):
    refused = lrbench("run", "--output", tmp_path, *arguments)
    assert refused.exit_code == 2
    assert message in " ".join(refused.output.split())
    assert "Traceback" not in refused.output


def test_a_size_given_twice_is_measured_once(tmp_path):
    done = lrbench("run", *SMALL, "--size", "60x2", "--output", tmp_path, "--processes", 6)
    assert done.exit_code == 0, done.output
    assert len((tmp_path / "measurements.jsonl").read_text(encoding="utf-8").splitlines()) == 7


def test_a_short_budget_leaves_tables_out_and_the_same_command_goes_on_with_them(tmp_path):
    options = ["--implementation", "solve", "--implementation", "qr", "--threads", "1"]
    sizes = {case.size for case in all_cases(PROBLEMS) if case.implementation.name == "qr"}
    measured = 0
    for _ in range(2):
        done = lrbench("run", *options, "--output", tmp_path, "--budget", 1)
        assert done.exit_code == 0, done.output
        note = rf"(\d+) of {len(sizes)} tables found no time in 1 s: least_.*?\. The same command goes on with them; "
        left = int(re.search(note, " ".join(done.output.split()))[1])
        rows = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))["rows"]
        assert {row["status"] for row in rows} == {"ok"}
        assert measured < len({row["size"] for row in rows}) == len(sizes) - left
        measured = len(sizes) - left


def test_what_was_named_is_measured_however_short_the_budget(tmp_path):
    sizes = [f"{n}x2" for n in range(60, 60 + 2 * len(allowed_cpus()))]
    options = ["--problem", "least_squares", "--implementation", "solve", "--implementation", "qr", "--threads", "1"]
    options += [word for size in sizes for word in ("--size", size)]
    done = lrbench("run", *options, "--output", tmp_path, "--budget", 1)
    assert done.exit_code == 0, done.output
    assert "This is more than 1 s: 6 processes of the fewest rounds take as long." in done.output
    rows = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))["rows"]
    assert {(row["size"], row["status"]) for row in rows} == {(size, "ok") for size in sizes}


@pytest.mark.parametrize(("processes", "fewer"), [(7, "problems, sizes or processes"), (6, "problems or sizes")])
def test_a_run_longer_than_its_limit_says_what_shortens_it(tmp_path, monkeypatch, processes, fewer):
    monkeypatch.setattr("lrbench.cli.choice.LONGEST_S", 1.0)
    done = lrbench("run", *SMALL, "--output", tmp_path, "--processes", processes)
    assert done.exit_code == 0, done.output
    message = f"This is more than 1 s: {processes} processes of the fewest rounds take as long. Choose fewer {fewer}."
    assert message in done.output
    assert "--budget 1" not in done.output


def test_a_run_of_which_everything_fails_says_so(tmp_path, monkeypatch):
    (tmp_path / "sitecustomize.py").write_text(
        "import os, sys\nif '-P' in sys.orig_argv:\n    os._exit(7)\n", encoding="utf-8"
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    done = lrbench("run", *SMALL, "--output", tmp_path / "out", "--budget", 10)
    assert done.exit_code == 1, done.output
    assert "exit code 7" in done.output
    rows = json.loads((tmp_path / "out" / "report.json").read_text(encoding="utf-8"))["rows"]
    assert {row["status"] for row in rows} == {"failed"}


@pytest.fixture
def houses(tmp_path):
    """Write a small table of houses with a text column and missing values; return its path."""
    rng = np.random.default_rng(4)
    path = tmp_path / "houses.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["area", "age", "quarter", "price"])
        for k in range(300):
            area, age, quarter = rng.uniform(40, 200), rng.uniform(0, 90), ("north", "south", "west")[k % 3]
            price = 3000 * area - 900 * age + 10_000 * (quarter == "west") + rng.normal(0, 20_000)
            writer.writerow([f"{area:.1f}", "" if k % 50 == 7 else f"{age:.0f}", quarter, f"{price:.0f}"])
    return path


def own(rows):
    """Return the rows of what needs no other library than lrbench itself."""
    peers = {i.name for problem in PROBLEMS for i in problem.implementations if i.is_peer}
    return [row for row in rows if row["implementation"] not in peers]


def test_a_users_table_is_measured(houses, tmp_path):
    options = ["--one-hot", "quarter", "--drop-missing", "--problem", "least_squares", "--problem", "fit"]
    options += ["--threads", "1", "--processes", 6, "--output", tmp_path / "out"]
    done = lrbench("run", "--data", houses, "--target", "price", *options)
    assert done.exit_code == 0, done.output
    assert "least_squares at 294x4, 1 thread" in done.output
    assert "standardised" in done.output
    rows = json.loads((tmp_path / "out" / "report.json").read_text(encoding="utf-8"))["rows"]
    assert {row["status"] for row in own(rows) if row["problem"] == "least_squares"} == {"ok"}
    assert all("does not come within" in row["reason"] for row in own(rows) if row["status"] != "ok")
    assert {row["problem"] for row in own(rows)} == {"least_squares", "fit"}
    assert "standardised" in (tmp_path / "out" / "report.md").read_text(encoding="utf-8")


def test_exactly_linear_data_have_no_excess_loss(tmp_path):
    X = np.random.default_rng(5).standard_normal((200, 2))
    lines = [f"{a!r},{b!r},{3 * a - 2 * b + 7!r}" for a, b in X.tolist()]
    (tmp_path / "linear.csv").write_text("\n".join(["a,b,y", *lines]) + "\n", encoding="utf-8")
    options = ["--problem", "fit", "--problem", "least_squares", "--processes", 6, "--threads", "1"]
    options += ["--output", tmp_path / "out"]
    done = lrbench("run", "--data", tmp_path / "linear.csv", "--target", "y", *options)
    assert done.exit_code == 0, done.output
    rows = json.loads((tmp_path / "out" / "report.json").read_text(encoding="utf-8"))["rows"]
    assert {row["status"] for row in own(rows) if row["problem"] == "fit"} == {"skipped"}
    assert {row["status"] for row in own(rows) if row["problem"] == "least_squares"} == {"ok"}


def test_a_column_that_is_no_number_names_the_ways_out(houses, tmp_path):
    refused = lrbench("run", "--data", houses, "--target", "price", "--output", tmp_path / "out")
    assert refused.exit_code == 2
    assert "--one-hot quarter" in " ".join(refused.output.split())
    assert "--drop quarter" in " ".join(refused.output.split())


def test_reports_of_a_run_are_written_in_every_format(small_run, tmp_path):
    outputs = [tmp_path / f"report.{ending}" for ending in ("html", "md", "csv", "json")]
    done = lrbench("report", small_run[0], *(part for path in outputs for part in ("--output", path)))
    assert done.exit_code == 0, done.output
    assert all(path.stat().st_size > 100 for path in outputs)
