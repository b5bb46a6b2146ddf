"""asv, pytest-benchmark and the registry have the same cases under the same names, and asv times warm calls."""

import json
import math
import subprocess
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import SimpleNamespace

import asv
import pytest
from asv.config import Config
from asv.util import load_json
from asv_runner.benchmarks.time import TimeBenchmark

from lrbench.problems import PROBLEMS
from lrbench.registry import all_cases

ROOT = Path(__file__).parents[1]
RUNNER = Path(asv.__file__).with_name("benchmark.py")  # what asv starts in its environments
CASES = ROOT / "benchmarks" / "cases.json"
IDS = sorted(case.id for case in all_cases(PROBLEMS))
OWN_IDS = sorted(case.id for case in all_cases(PROBLEMS) if case.problem.quick and not case.implementation.is_peer)
QUICK = {"number": 1, "repeat": 1, "rounds": 1}  # and warmup_time 0: what `asv run --quick` sets


def output_of(*command, cwd=ROOT):
    started = [sys.executable, *map(str, command)]
    return subprocess.run(started, cwd=cwd, check=True, text=True, capture_output=True).stdout


@pytest.fixture(scope="module")
def discovered(tmp_path_factory):
    """Return what asv finds in benchmarks/, in a process of its own, as asv does."""
    path = tmp_path_factory.mktemp("asv") / "benchmarks.json"
    output_of(RUNNER, "discover", ROOT / "benchmarks", path)
    return json.loads(path.read_text())


@pytest.fixture
def driver():
    """Return benchmarks/cases.py as a module that this test alone uses."""
    spec = spec_from_file_location("cases", CASES.with_suffix(".py"))
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def parameters(discovered, kind):
    of_kind = [found for found in discovered if found["name"].endswith(f".{kind}")]
    return [parameter.strip("'") for found in of_kind for parameter in found["params"][0]]


@pytest.mark.parametrize("kind", ["time_call", "track_digits"])
def test_asv_has_each_case_of_the_registry_once_but_none_of_a_peer(discovered, kind):
    assert OWN_IDS != IDS
    assert sorted(parameters(discovered, kind)) == OWN_IDS


def test_pytest_has_each_case_of_the_registry_once():
    listed = output_of("-m", "pytest", "--collect-only", "-q", "--large", "tests/test_speed.py")
    assert sorted(line.partition("[")[2].rstrip("]") for line in listed.splitlines() if "::" in line) == IDS


def test_cases_json_is_what_lrbench_list_prints():
    """Mend it with: lrbench list --json --histories > benchmarks/cases.json."""
    listed = json.loads(output_of("-m", "lrbench", "list", "--json", "--histories"))
    stored = json.loads(CASES.read_text(encoding="utf-8"))
    for case in (*listed["cases"], *stored["cases"]):
        del case["available"], case["reason"]  # they depend on what is installed
    assert stored == listed


def test_asv_takes_each_version_from_its_problem(discovered):
    versions = {found["params"][0][0].strip("'").partition("/")[0]: found["version"] for found in discovered}
    assert versions == {problem.name: problem.version for problem in PROBLEMS if problem.quick}


def test_each_peak_of_memory_has_its_do_nothing_twin(discovered):
    measured = parameters(discovered, "peakmem_call")
    assert measured
    assert set(measured) <= set(OWN_IDS)
    assert parameters(discovered, "peakmem_nothing") == measured


@pytest.mark.parametrize("settings", [QUICK, {}])
@pytest.mark.parametrize("call_s", [1e-6, 3.0])
def test_asv_times_warm_calls_even_when_quick(driver, monkeypatch, settings, call_s):
    clock, n_called = 0.0, 0

    def call():
        nonlocal clock, n_called
        clock += 100.0 if n_called == 0 else call_s  # the first one compiles
        n_called += 1

    def prepare(_case):
        call()
        return SimpleNamespace(call=call, digits=15.0)

    monkeypatch.setattr(driver.time, "perf_counter", lambda: clock)
    monkeypatch.setattr(driver.gate, "prepare", prepare)
    case_id = "gradient/1000x2/numba_jit"
    cases = driver.Gradient()
    sources = [SimpleNamespace(warmup_time=0, **settings), cases.time_call, cases, driver]  # as asv ranks them
    benchmark = TimeBenchmark("time_call", cases.time_call, sources)
    benchmark.set_param_idx(driver.Gradient.params.index(case_id))
    assert not benchmark.do_setup()
    result = benchmark.do_run()
    assert result["number"] == 1
    assert result["samples"] == pytest.approx([call_s] * len(result["samples"]), rel=1e-6)
    assert n_called * call_s > len(result["samples"]) * driver.SAMPLE_S  # each sample a loop of calls


def test_asv_skips_with_a_reason(driver):
    slow = next(case for case in all_cases(PROBLEMS) if case.too_slow)
    for case_id, reason in [
        (slow.id, slow.too_slow),
        ("gradient/1000x2/added_later", "No case 'gradient/1000x2/added"),
    ]:
        with pytest.raises(NotImplementedError, match=reason):
            driver.prepare(case_id)


def test_asv_skips_a_commit_from_before_the_gate(driver, monkeypatch):
    monkeypatch.setattr(driver, "PROBLEMS", ())
    monkeypatch.delattr(driver, "gate")
    with pytest.raises(NotImplementedError, match=r"no lrbench\.gate"):
        driver.prepare("gradient/1000x2/numba_jit")


def test_asv_stores_a_skip_as_not_a_number(tmp_path):
    slow = next(case.id for case in all_cases(PROBLEMS) if case.too_slow and case.problem.name == "gradient")
    ids = [case["id"] for case in json.loads(CASES.read_text(encoding="utf-8"))["cases"]]
    position = [case_id for case_id in ids if case_id.startswith("gradient/")].index(slow)
    name, result = f"cases.Gradient.time_call-{position}", tmp_path / "result.json"
    output_of(RUNNER, "run", ROOT / "benchmarks", name, json.dumps(QUICK), "None", result, cwd=tmp_path)
    assert math.isnan(json.loads(result.read_text()))


def test_asv_knows_every_key_of_the_configuration():
    """It accepts an unknown one in silence."""
    keys = load_json(ROOT / "asv.conf.json", js_comments=True).keys()
    assert keys <= vars(Config()).keys() | {"version"}
