"""The commands as a user types them: what they print and refuse, and their exit codes."""

import json
import os
import subprocess
import sys

import numpy as np
import pytest
from click.testing import CliRunner

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
