"""Python's packages and MXNet as programs of the languages: what they time, what they need, how they are installed."""

import json
import sys
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader

import pytest
from click.testing import CliRunner

from lrbench import cache
from lrbench.cli import main
from lrbench.languages import known, mxnet, packages, runner
from lrbench.languages.inputs import expected_checksum, vectors
from lrbench.languages.processes import Ended
from lrbench.languages.processes import run as run_program
from lrbench.languages.programs import FOLDER, Method, Missing, Program
from lrbench.problems import vector_addition

METHODS = [method for program in packages.PROGRAMS if program.source == "add.py" for method in program.methods]
REPEATED = [method for method in METHODS if not method.one_shot]


@pytest.fixture(scope="module")
def add():
    """Return the program for Python as a module."""
    loader = SourceFileLoader("add", str(FOLDER / "add.py"))
    module = module_from_spec(spec_from_loader("add", loader))
    sys.modules["add"] = module  # dataclasses look for their module there
    loader.exec_module(module)
    yield module
    del sys.modules["add"]


def test_the_program_has_the_methods_that_the_table_names(add):
    assert list(add.METHODS) == [method.name for method in METHODS]


@pytest.mark.parametrize("method", REPEATED, ids=lambda method: method.name)
def test_what_is_timed_is_what_lrbench_run_times(add, method):
    implementation = vector_addition.PROBLEM.implementation(method.name)
    how = add.METHODS[method.name]
    assert f"lrbench.{how.target}" == implementation.target
    assert (f"lrbench.{how.convert}" if how.convert else "") == implementation.convert
    assert (method.threads == "all") == (method.name == "numba_parallel")
    assert how.note.startswith({"given": add.GIVEN, "new": add.NEW}[method.output])


@pytest.mark.parametrize("program", [p for p in packages.PROGRAMS if p.source == "add.py"], ids=lambda p: p.name)
def test_a_package_that_is_missing_is_a_skip_with_its_reason(program, monkeypatch):
    needed = vector_addition.PROBLEM.implementation(program.methods[0].name).requires
    if not needed:
        assert program.name in {"lists", "numpy", "pyarrow"}  # lrbench itself needs these
        return
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    with pytest.raises(Missing, match=f"needs {needed[0]}: pip install "):
        program.prepare(program.path)


def test_cffi_without_a_compiler_is_a_skip(monkeypatch):
    pytest.importorskip("cffi", reason="needs cffi: pip install 'lrbench[peers]'")
    (program,) = (program for program in packages.PROGRAMS if program.name == "cffi")
    monkeypatch.setenv("CC", "none-here -m32")
    with pytest.raises(Missing, match=r"no none-here on PATH\. On Debian: apt install gcc"):
        program.prepare(program.path)


@pytest.mark.parametrize("n", [1, 8, 70_000])
def test_its_inputs_and_its_checksum_are_those_of_all_languages(add, n):
    a, b = add.inputs(n, 12345)
    for own, right in zip((a, b), vectors(0, n, 12345), strict=True):
        assert own.tolist() == right.tolist()
    assert add.checksum(a + b) == expected_checksum(n, 12345)
    assert add.checksum((a + b).tolist()) == expected_checksum(n, 12345)


def test_it_takes_several_sizes_in_one_process(tmp_path):
    program = FOLDER / "add.py"
    ended = run_program((sys.executable, str(program), "3,50", "2", "7", "numpy_out"), limit_s=60.0, folder=tmp_path)
    lines = [json.loads(line) for line in ended.output.splitlines()]
    assert [(line["n"], line["checksum"], len(line["seconds_per_call"])) for line in lines] == [
        (3, expected_checksum(3, 7), 2),
        (50, expected_checksum(50, 7), 2),
    ]


class Clock:
    """A clock that calls move on."""

    def __init__(self, call_s):
        self.now, self.call_s, self.calls = 0.0, call_s, 0

    def __call__(self):
        self.calls += 1
        self.now += self.call_s
        return self.calls

    def read(self):
        return self.now


@pytest.mark.parametrize(("call_s", "calls"), [(0.9e-6, 2048), (1.1e-6, 1024), (2e-3, 1), (3.0, 1)])
def test_a_sample_is_the_fewest_calls_that_take_a_millisecond(add, monkeypatch, call_s, calls):
    clock = Clock(call_s)
    monkeypatch.setattr(add.time, "perf_counter", clock.read)
    samples, found, output = add.repeated(lambda: clock, 4)
    assert found == calls
    assert samples == pytest.approx([call_s] * 4)
    assert output == clock.calls  # of the last call


def test_a_second_output_is_made_after_warming_up(add, monkeypatch):
    clock, made = Clock(1e-3), []
    monkeypatch.setattr(add.time, "perf_counter", clock.read)

    def make():
        made.append(clock.calls)
        return clock

    add.repeated(make, 2)
    assert len(made) == 2
    assert made[0] == 0
    assert made[1] == clock.calls - 2


def test_the_documents_protocol_is_one_call_by_the_wall_clock(add, monkeypatch):
    clock = Clock(0.25)
    monkeypatch.setattr(add.time, "time", clock.read)
    assert add.once(clock) == ([0.25], 1, 1)


def test_methods_with_sizes_have_them_in_the_usual_sweep_and_all_where_sizes_are_asked_for():
    few = Method("few", "few", "protocol", "new", 1.0, sizes=(1000,))
    program = Program("p", "P", "add.py", (few,), lambda path: (str(path),))
    assert [job.n for job in runner._jobs(program, runner.SIZES)] == [1000]  # noqa: SLF001  (all else measures)
    assert [job.n for job in runner._jobs(program, (5, 6))] == [5, 6]  # noqa: SLF001  (likewise)


# MXNet's environment


@pytest.fixture
def commands(tmp_path, monkeypatch):
    """Have a cache of its own, and take down commands; the one that makes an environment makes its interpreter."""
    monkeypatch.setenv("LRBENCH_CACHE", str(tmp_path))
    run, fails = [], {}

    def pretend(command, **_):
        run.append(command[1:])
        for word, failure in fails.items():
            if word in command:
                return Ended(b"", failure, 0.1, code=1)
        if "venv" in command:
            python = mxnet._python(mxnet.Path(command[-1]))  # noqa: SLF001  (where pip would put it)
            python.parent.mkdir(parents=True)
            python.touch()
        return Ended(b"", "", 0.1)

    monkeypatch.setattr(mxnet, "run", pretend)
    monkeypatch.setattr(mxnet, "PYTHON", sys.version_info[:2])
    run_and_fails = run, fails
    cache.fingerprint.cache_clear()
    return run_and_fails


def test_without_an_environment_mxnet_is_a_skip_that_says_how_to_get_it(commands):
    with pytest.raises(Missing, match=r"MXNet is not installed\. .* lrbench languages --only mxnet"):
        mxnet.prepare(FOLDER / "add_mxnet.py")
    assert commands[0] == []


def test_the_environment_is_made_once_with_the_last_numpy_that_works(commands):
    mxnet.install()
    venv, pip, check = commands[0]
    assert venv[:2] == ["-m", "venv"]
    assert pip[:3] == ["-m", "pip", "install"]
    assert pip[-2:] == ["mxnet==1.9.1", "numpy==1.23.5"]
    assert check == ["-c", "import mxnet"]
    python, source = mxnet.prepare(FOLDER / "add_mxnet.py")
    assert python.endswith("environment/bin/python")
    assert source.endswith("add_mxnet.py")
    mxnet.install()
    assert len(commands[0]) == 3


@pytest.mark.parametrize(
    ("step", "failure", "reason"),
    [
        ("venv", "ensurepip is not available", r"ensurepip is not available\. On Debian: apt install python3\.11-venv"),
        ("pip", "Could not find a version", r"Could not find a version\. Is the package index reached\?"),
        ("import mxnet", "libgfortran.so.3: not found", r"libgfortran\.so\.3: not found\. Its wheel does not fit"),
    ],
)
def test_a_step_that_fails_is_told_and_leaves_no_environment(commands, step, failure, reason):
    commands[1][step] = failure
    with pytest.raises(Missing, match=f"MXNet cannot be installed: .* exit code 1: {reason}"):
        mxnet.install()
    with pytest.raises(Missing, match="MXNet is not installed"):
        mxnet.prepare(FOLDER / "add_mxnet.py")


def test_another_python_is_looked_for_and_missed(commands, monkeypatch):
    monkeypatch.setattr(mxnet, "PYTHON", (3, 2))
    monkeypatch.setattr(mxnet, "_NAME", "python3.2")
    with pytest.raises(Missing, match=r"MXNet works up to Python 3\.2, and no python3\.2 is on PATH\. Install one\."):
        mxnet.install()
    assert commands[0] == []
    monkeypatch.setattr(mxnet.shutil, "which", lambda name: f"/opt/{name}")
    assert mxnet.interpreter() == "/opt/python3.2"


@pytest.mark.parametrize(("only", "installed"), [("mxnet", 1), ("MXNet", 1), ("python", 0)])
def test_only_what_is_asked_for_by_its_own_name_is_installed(only, installed, monkeypatch):
    calls, reason = [], "no index"

    def fail():
        calls.append(1)
        raise Missing(reason)

    (program,) = (program for program in known.PROGRAMS if program.name == "mxnet")
    pretended = Program("mxnet", "Python", "add_mxnet.py", program.methods, program.prepare, install=fail)
    monkeypatch.setattr(known, "PROGRAMS", (pretended,))
    monkeypatch.setattr(runner, "measure", lambda *_, **__: ([], []))
    done = CliRunner().invoke(main, ["languages", "--only", only, "--json"])
    assert len(calls) == installed
    assert done.exit_code == installed
    assert ("Error: no index" in done.output) == bool(installed)
