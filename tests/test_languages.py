"""Programs in other languages: right answers of all that are installed, and every way of going wrong refused."""

import json
import os
import sys
import time
from fractions import Fraction

import pytest
from hatchling.builders.wheel import WheelBuilder
from language_programs import LOOP, RIGHT, measure, program

from lrbench.languages import known, processes
from lrbench.languages.inputs import expected_checksum, vectors
from lrbench.languages.judging import SHORTEST_SAMPLE_S, Asked, Refused, check_speed, judge
from lrbench.languages.programs import FOLDER, Method, Missing, Program
from lrbench.results import Ceiling

ROOT = FOLDER.parents[2]


@pytest.mark.parametrize("n", [1, 7, 1000])
@pytest.mark.parametrize("seed", [0, 1, 2**31 - 1])
def test_the_expected_checksum_is_the_exact_one(n, seed):
    total = Fraction(0)
    for i in range(n):
        u = (31337 * i + seed) % 65521
        s, t = u * u % 65521, u * u % 65521 * u % 65521
        total += (1 + i % 7) * (Fraction(2 * s + 1, 2**16) + Fraction(2 * t + 1, 2**15))
    assert Fraction(expected_checksum(n, seed)) == total


def test_no_sum_of_the_checksum_can_be_rounded():
    largest_term = 7 * ((2 * 65520 + 1) / 2**16 + (2 * 65520 + 1) / 2**15)
    assert 10**9 * largest_term * 2**16 < 2**53
    assert max(program.largest_n for program in known.PROGRAMS) <= 10**9


def test_a_checksum_over_several_pieces_is_that_of_the_whole(monkeypatch):
    whole = expected_checksum(1000, 5)
    monkeypatch.setattr("lrbench.languages.inputs._PIECE", 64)
    assert expected_checksum.__wrapped__(1000, 5) == whole


def test_neither_inputs_nor_sums_are_whole_numbers():
    a, b = vectors(0, 65521, 3)
    for values in (a, b, a + b):
        assert (values % 1.0 != 0.0).all()


@pytest.mark.parametrize("chosen", known.PROGRAMS, ids=lambda p: f"{p.name} {p.methods[0].title}")
def test_every_language_that_is_installed_adds_right(chosen, tmp_path):
    try:
        command = chosen.prepare(chosen.path)
    except Missing as error:
        pytest.skip(str(error))
    for n in (1, 1001):
        for method in chosen.methods:
            count, shortest_s = (1, 0.0) if method.one_shot else (3, SHORTEST_SAMPLE_S)
            asked = Asked(method.name, n, count, expected_checksum(n, 9), shortest_s)
            ended = processes.run((*command, str(n), str(count), "9", method.name), limit_s=120.0, folder=tmp_path)
            answer = judge(ended, asked)
            assert answer.dtype == ("float32" if chosen.name == "mxnet" else "float64")
            assert any(character.isdigit() for character in answer.version)
    assert not list(tmp_path.iterdir())  # it leaves nothing where it runs


@pytest.mark.parametrize("chosen", {p.source: p for p in known.PROGRAMS}.values(), ids=lambda p: p.source)
def test_a_program_without_a_method_runs_all_and_refuses_one_that_it_has_not(chosen, tmp_path):
    try:
        command = chosen.prepare(chosen.path)
    except Missing as error:
        pytest.skip(str(error))
    ended = processes.run((*command, "10", "1", "1"), limit_s=120.0, folder=tmp_path)
    lines = [json.loads(line) for line in ended.output.splitlines()]
    own = [method.name for method in chosen.methods]
    # The packages of Python share one source: all that are installed are run.
    assert [line["method"] for line in lines if chosen.source != "add.py" or line["method"] in own] == own
    assert {line["language"] for line in lines} == {chosen.language}
    ended = processes.run((*command, "10", "1", "1", "magic"), limit_s=120.0, folder=tmp_path)
    assert ended.code == 2
    assert "magic" in ended.errors


def test_methods_have_one_name_each_within_a_language():
    titles = [(program.language, method.title) for program in known.PROGRAMS for method in program.methods]
    assert len(set(titles)) == len(titles)


def test_the_wheel_brings_every_program():
    shipped = {file.relative_path for file in WheelBuilder(str(ROOT)).recurse_included_files()}
    assert {f"lrbench/vector_addition/languages/{program.source}" for program in known.PROGRAMS} <= shipped


def test_a_right_program_has_its_row(tmp_path, monkeypatch):
    (row,) = measure(program(tmp_path, RIGHT + "print(json.dumps(line))"), rounds=3, monkeypatch=monkeypatch)
    assert (row.status, row.reason, row.processes) == ("ok", "", 3)
    assert (row.language, row.method, row.version, row.size) == ("Broken", "loop", "1", 10)
    assert (row.median_s, row.iqr_s, row.seconds_per_element) == (1e-6, 0.0, 1e-7)
    assert row.samples_s == ((1e-6,) * 9,) * 3


BROKEN = {
    "wrong sum": ("line['checksum'] += 2**-16; print(json.dumps(line))", "wrong answer: checksum "),
    "sum of another seed": ("sys.argv[3] = '7'; line['checksum'] = 1.0; print(json.dumps(line))", "wrong answer: "),
    "nothing": ("", "printed nothing"),
    "text": ("print('the sum is', total)", "line 1 of standard output is no JSON object: 'the sum is "),
    "text before": ("print('hello'); print(json.dumps(line))", "line 1 of standard output is no JSON object: 'hello'"),
    "a number": ("print(1)", "line 1 of standard output is no JSON object: '1'"),
    "nested": ("print('[' * 100000)", "line 1 of standard output is no JSON object: '[[["),
    "no text at all": ("sys.stdout.buffer.write(bytes(range(256)))", "line 1 of standard output is no JSON object: "),
    "twice": ("print(json.dumps(line)); print(json.dumps(line))", "printed 2 lines, where one was asked for"),
    "not a number": ("line['checksum'] = float('nan'); print(json.dumps(line))", "is no JSON object: "),
    "no checksum": ("del line['checksum']; print(json.dumps(line))", "'checksum' is missing, where a number is"),
    "huge checksum": ("line['checksum'] = 10**400; print(json.dumps(line))", "'checksum' is 1000"),
    "another method": ("line['method'] = 'whole'; print(json.dumps(line))", "'method' is 'whole', where 'loop' was"),
    "another size": ("line['n'] = 5; print(json.dumps(line))", "'n' is 5, where 10 was asked for"),
    "fewer samples": ("line['seconds_per_call'].pop(); print(json.dumps(line))", "printed 8 samples, where 9 were"),
    "negative": ("line['seconds_per_call'][0] = -1.0; print(json.dumps(line))", "where times above 0 are expected"),
    "short samples": ("line['calls_per_sample'] = 1; print(json.dumps(line))", "a sample took 0.001 ms: too short"),
    "no calls": ("line['calls_per_sample'] = 0; print(json.dumps(line))", "'calls_per_sample' is 0, where a whole"),
    "text for version": ("line['version'] = 12; print(json.dumps(line))", "'version' is 12, where a text is expected"),
    "exit code": ("print(json.dumps(line)); sys.exit(3)", "its process ended with exit code 3"),
    "exception": ("raise ValueError('no luck')", "its process ended with exit code 1: ValueError: no luck"),
    "killed": ("import os; os.kill(os.getpid(), 9)", "its process ended with signal 9 (SIGKILL)"),
    "crash": ("import os; os.abort()", "its process ended with signal 6 (SIGABRT)"),
    "never ends": ("import time; time.sleep(1000)", "no answer within 1 s; its process group was ended"),
    "ends late": ("print(json.dumps(line), flush=True); import time; time.sleep(1000)", "no answer within 1 s"),
    "closes and stays": ("import os, time; os.close(1); os.close(2); time.sleep(1000)", "no answer within 1 s"),
    "floods": ("while True: print('x' * 9999)", "more than 1 MB on standard output; its process group was ended"),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_a_broken_program_is_a_failed_row_with_its_reason(kind, tmp_path, monkeypatch):
    change, reason = BROKEN[kind]
    limit_s = 1.0 if "within 1 s" in reason else 30.0
    started = time.monotonic()
    (row,) = measure(program(tmp_path, RIGHT + change), limit_s=limit_s, monkeypatch=monkeypatch)
    assert row.status == "failed"
    assert reason in row.reason
    assert len(row.reason) < 500
    assert (row.median_s, row.seconds_per_element, row.samples_s) == (None, None, ())
    assert time.monotonic() - started < 20.0


def test_a_failure_in_a_later_round_is_not_dropped(tmp_path, monkeypatch):
    text = RIGHT + "line['checksum'] += seed == 2\nprint(json.dumps(line))"
    (row,) = measure(program(tmp_path, text), rounds=3, monkeypatch=monkeypatch)
    assert (row.status, row.processes) == ("failed", 1)


def test_standard_error_is_free_and_kept_short(tmp_path, monkeypatch):
    text = RIGHT + "sys.stderr.write('warning\\n' * 10**6)\nprint(json.dumps(line))"
    (row,) = measure(program(tmp_path, text), monkeypatch=monkeypatch)
    assert row.status == "ok"


@pytest.mark.parametrize("stream", ["stdout", "stderr"])
def test_what_a_program_prints_fills_no_memory(stream, tmp_path):
    text = f"import sys\nfor _ in range(3000): sys.{stream}.write('x' * 9999)"
    ended = processes.run([sys.executable, "-c", text], limit_s=30.0, folder=tmp_path)
    assert bool(ended.stopped) == (stream == "stdout")
    assert len(ended.output) <= processes.MOST_BYTES + 65536
    assert len(ended.errors) <= 4000


def test_after_a_hang_larger_sizes_are_not_tried(tmp_path, monkeypatch):
    found = measure(
        program(tmp_path, "import time; time.sleep(1000)"), sizes=(10, 100, 1000), limit_s=0.5, monkeypatch=monkeypatch
    )
    assert [row.status for row in found] == ["failed", "not run", "not run"]
    assert found[2].reason == "failed at 10: no answer within 0.5 s; its process group was ended"


def test_calls_that_a_compiler_dropped_are_found_by_their_speed(tmp_path, monkeypatch):
    ceilings = [Ceiling("add", 1, 240.0, 1e9), Ceiling("add", 1, 2.4e5, 2e9), Ceiling("read", 1, 240.0, 9e9)]
    text = RIGHT + "line.update(seconds_per_call=[TIME * n] * 9, calls_per_sample=10**12)\nprint(json.dumps(line))"
    (row,) = measure(program(tmp_path, text.replace("TIME", "2e-9")), ceilings=ceilings, monkeypatch=monkeypatch)
    assert (row.status, row.reason) == (
        "failed",
        "12 GB/s, where this machine's additions reach 2: calls were dropped",
    )
    (row,) = measure(program(tmp_path, text.replace("TIME", "4e-9")), ceilings=ceilings, monkeypatch=monkeypatch)
    assert row.status == "ok"
    check_speed(24e-9, 10, 1e10)
    with pytest.raises(Refused, match="calls were dropped"):
        check_speed(24e-9, 10, 2e9)


@pytest.mark.parametrize("how", ["hangs", "ends"])
def test_children_end_with_their_program(how, tmp_path):
    pid = tmp_path / "pid"
    text = (
        "import pathlib, subprocess, sys, time\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(1000)'])\n"
        f"pathlib.Path({str(pid)!r}).write_text(str(child.pid))\n"
        f"time.sleep({1000 if how == 'hangs' else 0})\n"
    )
    started = time.monotonic()
    ended = processes.run([sys.executable, "-c", text], limit_s=5.0, folder=tmp_path)
    assert bool(ended.stopped) == (how == "hangs")
    assert time.monotonic() - started < (15.0 if how == "hangs" else 4.0)  # the child holds the streams open
    deadline = time.monotonic() + 5.0
    while is_running(int(pid.read_text())) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not is_running(int(pid.read_text()))


def is_running(pid):
    try:
        os.kill(pid, 0)
        with open(f"/proc/{pid}/stat", encoding="ascii") as status:  # noqa: PTH123  (gone at any moment)
            return status.read().rpartition(")")[2].split()[0] != "Z"
    except (ProcessLookupError, FileNotFoundError):
        return False


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="this system binds no process to a processor")
def test_a_program_is_confined_to_the_processors_that_it_is_given(tmp_path):
    before = os.sched_getaffinity(0)
    text = "import os; print(sorted(os.sched_getaffinity(0)))"
    cpu = max(before)
    assert processes.run([sys.executable, "-c", text], limit_s=30.0, folder=tmp_path, cpus={cpu}).output == (
        f"[{cpu}]\n".encode()
    )
    assert os.sched_getaffinity(0) == before


def test_what_would_take_too_long_or_too_much_memory_is_not_run(tmp_path, monkeypatch):
    slow = Method("loop", "loop", "loop", "given", 2_100.0)
    (row,) = measure(program(tmp_path, "", methods=(slow,)), sizes=(10_000_000,), monkeypatch=monkeypatch)
    assert (row.status, row.reason) == ("not run", "about 21 s a call")
    given = program(tmp_path, "")
    assert given.refusal(slow, 1_000_000, 1e12) == ""
    assert given.refusal(LOOP, 100_000_000, 1e12) == "about 10 s to make the inputs"
    assert given.refusal(LOOP, 10_000_000, 3.2e8) == "needs about 0.3 GB of memory"
    assert known.PROGRAMS[0].refusal(LOOP, 10_000_000, 1e12) == ""


def test_a_program_that_cannot_be_started_is_a_failed_row(tmp_path, monkeypatch):
    given = Program("x", "X", "x", (LOOP,), lambda _: (str(tmp_path / "absent"),))
    (row,) = measure(given, monkeypatch=monkeypatch)
    assert (row.status, row.reason) == ("failed", "cannot be started: No such file or directory")
