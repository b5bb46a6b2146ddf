"""The commands as a user types them: what they print and refuse, and their exit codes."""

import errno
import json
import os
import resource
import subprocess
import sys

import numpy as np
import pytest
from click.testing import CliRunner
from result_files import DATA, PYTEST_BENCHMARK

from lrbench.cli import main
from lrbench.problems import PROBLEMS
from lrbench.registry import all_cases


def lrbench(*arguments):
    return CliRunner().invoke(main, [str(a) for a in arguments])


@pytest.mark.parametrize("arguments", [["--bogus"], ["--threshold", "x", "a", "b"], ["--processes", "1"]])
def test_bad_usage_of_compare_has_its_own_code(arguments):
    assert lrbench("compare", *arguments).exit_code == 3


def test_an_interpreter_that_does_not_exist_is_no_regression():
    small = ("--problem", "least_squares", "--size", "60x2", "--implementation", "solve")
    refused = lrbench("compare", "--python", "/no/such/python", "--python", sys.executable, *small)
    assert refused.exit_code == 3
    assert "/no/such/python" in refused.output


def test_the_list_is_the_registry():
    listed = json.loads(lrbench("list", "--json").output)["cases"]
    assert [case["id"] for case in listed] == [case.id for case in all_cases(PROBLEMS)]
    assert list(listed[0]) == ["id", "problem", "size", "implementation", "algorithm", "available", "reason"]
    assert all(bool(case["reason"]) != case["available"] for case in listed)
    shown = lrbench("list").output
    assert "least_squares/1000x2/qr" in shown
    # An extra's name is shown as it is, not taken for markup.
    assert all(case["reason"] in " ".join(shown.split()) for case in listed if "pip install" in case["reason"])


def test_the_machine_and_its_ceilings_are_described(monkeypatch):
    monkeypatch.setattr("lrbench.cli.machine.SWEEPS", 1)
    found = json.loads(lrbench("machine", "--threads", "1", "--json").stdout)
    assert list(found) == ["environment", "ceilings"]
    assert {row["kind"] for row in found["ceilings"]} == {"read", "add", "add_streaming", "flops"}
    assert {row["threads"] for row in found["ceilings"]} == {1}
    assert found["environment"]["cpu"]
    assert found["environment"]["numpy"] == np.__version__
    shown = lrbench("machine", "--threads", "1").output
    assert "add streaming" in shown
    assert "Gflop/s" in shown


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["no_such_folder"], "no_such_folder"),
        ([], "Missing argument 'PATHS...'"),
    ],
)
def test_a_report_of_nothing_says_so(arguments, message):
    refused = lrbench("report", *arguments)
    assert refused.exit_code == 2
    assert message in refused.output


@pytest.mark.parametrize("command", ["report", "accuracy"])
@pytest.mark.parametrize(
    ("code", "advice"),
    [
        ("ENOENT", "Choose a folder that exists and can be written."),
        ("EACCES", "Choose a folder that exists and can be written."),
        ("EROFS", "Choose a folder that exists and can be written."),
        ("ENOSPC", "Free some space there, or choose another place."),
        ("EDQUOT", "Free some space there, or choose another place."),
        ("EFBIG", "Raise the limit of a file's size (ulimit -f), or choose another place."),
        ("EIO", "Choose another place."),
    ],
)
def test_what_cannot_be_written_is_named_as_the_user_named_it(tmp_path, monkeypatch, command, code, advice):
    def refuse(path, _):
        raise OSError(getattr(errno, code), os.strerror(getattr(errno, code)), path.parent / ".x.md.iz4h8n66")

    monkeypatch.setattr("lrbench.results.write_whole", refuse)
    monkeypatch.setattr("lrbench.report.write_whole", refuse)
    given = [PYTEST_BENCHMARK] if command == "report" else ["--from", DATA / "accuracy.json"]
    refused = lrbench(command, *given, "--output", tmp_path / "x.md")
    assert refused.exit_code == 2
    told = f"Error: {tmp_path / 'x.md'}: {os.strerror(getattr(errno, code))}. {advice}"
    assert refused.stderr.endswith(told + "\n")


def test_a_file_that_grows_too_large_is_named(tmp_path):
    command = [sys.executable, "-m", "lrbench", "report", str(PYTEST_BENCHMARK), "--output", "x.html"]
    limit = (1024, 1024)
    refused = subprocess.run(
        command,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},  # the limit is not for those files
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, limit),
    )
    assert refused.returncode == 2
    assert "Error: x.html: File too large. Raise the limit" in refused.stderr
    assert list(tmp_path.iterdir()) == []


def test_figures_that_cannot_be_written_are_named_by_their_folder(tmp_path, monkeypatch):
    figure = pytest.importorskip("matplotlib.figure", reason="needs matplotlib: pip install 'lrbench[figures]'")

    def refuse(*_, **__):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(figure.Figure, "savefig", refuse)
    refused = lrbench("report", PYTEST_BENCHMARK, "--figures", tmp_path)
    assert refused.exit_code == 2
    assert f"{tmp_path}: No space left on device. Free some space there, or choose another place." in refused.output


@pytest.mark.parametrize("wrong", [["--output", "x.txt"], ["--figures", "figures"]])
def test_what_a_report_could_not_write_is_refused_before_anything_is(tmp_path, monkeypatch, wrong):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    monkeypatch.setattr("lrbench.readers.read", lambda _: pytest.fail("results were read"))
    refused = lrbench("report", PYTEST_BENCHMARK, "--output", tmp_path / "ok.md", wrong[0], tmp_path / wrong[1])
    assert refused.exit_code == 2
    assert "no report has the format '.txt'" in refused.output or "lrbench[figures]" in refused.output
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("command", ["run", "report", "compare", "list", "machine"])
def test_every_command_has_help_with_an_example(command):
    shown = lrbench(command, "--help")
    assert shown.exit_code == 0
    assert f"  lrbench {command}" in shown.output
    assert shown.output in lrbench(command, "-h").output
    assert f"\n  {command} " in lrbench("--help").output.partition("Commands:")[2]


def test_help_needs_no_numpy():
    code = "import sys\nfrom lrbench.cli import main\ntry:\n    main(['--help'])\nfinally:\n    print(*sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, env=os.environ)
    assert "numpy" not in run.stdout.split("\n")[-2].split()
