"""How programs are run: several sizes in one process, short samples once more, rounds while there is time."""

import sys

import pytest
from language_programs import LOOP

from lrbench.languages import runner
from lrbench.languages.programs import Method, Program
from lrbench.languages.runner import measure

ONCE = Method("once", "once", "protocol", "new", 1.0, one_shot=True)

# A program of the protocol that takes several sizes and takes down how it was called; `change` may alter each line.
TEXT = """
import json, pathlib, sys
here = pathlib.Path(__file__).parent
with (here / "calls").open("a") as file:
    print(*sys.argv[1:], file=file)
calls = len((here / "calls").read_text().splitlines())
repetitions, seed = map(int, sys.argv[2:4])
for n in map(int, sys.argv[1].split(",")):
    total = 0.0
    for i in range(n):
        u = (31337 * i + seed) % 65521
        s = u * u % 65521
        total += (1 + i % 7) * ((2 * s + 1) / 65536 + (2 * (s * u % 65521) + 1) / 32768)
    line = {"method": sys.argv[4], "label": "by hand", "n": n, "dtype": "float64",
            "seconds_per_call": [1e-3] * repetitions,
            "calls_per_sample": 1, "checksum": total, "language": "Pretended", "version": "1", "flags": "", "note": ""}
    CHANGE
    print(json.dumps(line), flush=True)
"""


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Return a function that measures a program with a line changed, and gives rows by size and the calls made."""
    monkeypatch.setattr(runner, "find_ceilings", lambda *_, **__: ())

    def measured(change="pass", *, methods=(LOOP,), sizes=(10, 100, 1_000), many_sizes=True, **options):
        source = tmp_path / "program.py"
        source.write_text(TEXT.replace("CHANGE", change), encoding="utf-8")
        command = (sys.executable, str(source))
        program = Program("p", "P", str(source), methods, lambda _: command, many_sizes=many_sizes)
        options = {"rounds": 1, **options}
        rows, _ = measure([program], sizes, advance=lambda *_: None, **options)
        calls = (tmp_path / "calls").read_text(encoding="utf-8").splitlines()
        return {(row.method, row.size): row for row in rows}, calls

    return measured


def test_one_process_takes_all_sizes_of_a_program_that_can(run):
    rows, calls = run()
    assert calls == ["10,100,1000 9 1 loop"]
    assert {(size, row.status, row.median_s) for (_, size), row in rows.items()} == {
        (10, "ok", 1e-3),
        (100, "ok", 1e-3),
        (1_000, "ok", 1e-3),
    }
    assert run(many_sizes=False)[1][1:] == ["10 9 1 loop", "100 9 1 loop", "1000 9 1 loop"]


def test_sizes_with_fewer_samples_have_a_process_of_their_own(run):
    slow = Method("loop", "loop", "loop", "given", 1e6)  # a millisecond an element
    assert run(methods=(slow,))[1] == ["10 9 1 loop", "100,1000 3 1 loop"]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ("if n == 100: sys.exit('boom')", "its process ended with exit code 1: boom"),
        ("if n == 100: line['checksum'] += 1.0", "wrong answer: checksum"),
        ("if n == 100: continue", "printed nothing"),
    ],
)
def test_one_size_that_fails_spoils_no_other(run, change, reason):
    rows, calls = run(change)
    assert calls == ["10,100,1000 9 1 loop", "10 9 1 loop", "100 9 1 loop", "1000 9 1 loop"]
    assert rows["loop", 100].status == "failed"
    assert rows["loop", 100].reason.startswith(reason)
    assert [rows["loop", size].status for size in (10, 1_000)] == ["ok", "ok"]


def test_after_a_hang_larger_sizes_are_not_tried(run):
    rows, calls = run("if n >= 100: import time; time.sleep(60)", limit_s=1.0)
    assert len(calls) == 3
    assert [rows["loop", size].status for size in (10, 100, 1_000)] == ["ok", "failed", "not run"]


def test_samples_that_were_too_short_are_taken_once_more(run):
    rows, calls = run("if calls == 1: line['seconds_per_call'] = [1e-4] * repetitions")
    assert len(calls) == 2
    assert {row.status for row in rows.values()} == {"ok"}


def test_samples_that_stay_too_short_are_a_failure(run):
    rows, calls = run("line['seconds_per_call'] = [1e-4] * repetitions", sizes=(10,))
    assert len(calls) == 3
    assert rows["loop", 10].reason == "a sample took 0.1 ms: too short to be timed"


def test_rounds_go_on_while_there_is_time(run):
    rows, calls = run(rounds=4)
    assert [call.split()[2] for call in calls] == ["1", "2", "3", "4"]  # each with inputs of its own
    assert rows["loop", 10].processes == 4
    assert len(rows["loop", 10].samples_s) == 4


def test_without_time_only_what_is_called_once_goes_on(run):
    rows, calls = run(methods=(LOOP, ONCE), rounds=5, budget_s=0.0)
    assert sum(call.endswith("loop") for call in calls) == 1
    assert sum(call.endswith("once") for call in calls) == 3
    assert rows["once", 10].processes == 3
    assert rows["loop", 10].processes == 1


def test_what_failed_is_not_run_again_and_the_others_are(run):
    rows, calls = run("if n == 100: sys.exit('boom')", rounds=3)
    assert [call.split()[0] for call in calls] == ["10,100,1000", "10", "100", "1000", "10,1000", "10,1000"]
    assert rows["loop", 1_000].processes == 3


def test_the_cheapest_are_the_ones_that_time_is_left_for(run):
    cheap, dear = (Method(name, name, "loop", "given", 1.0) for name in ("cheap", "dear"))
    _, calls = run(
        "if sys.argv[4] == 'dear': import time; time.sleep(1.5)",
        methods=(dear, cheap),
        sizes=(10,),
        rounds=3,
        budget_s=3.0,
    )
    assert sum(call.endswith("cheap") for call in calls) == 3
    assert sum(call.endswith("dear") for call in calls) == 1
