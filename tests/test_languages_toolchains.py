"""Compilers and interpreters: found, used, their results kept, and every failure given its reason."""

import pytest
from language_programs import LOOP, measure

from lrbench.languages import known
from lrbench.languages.programs import FOLDER, BuildFailed, Missing, Program
from lrbench.languages.toolchains import Compiler, Interpreter


def test_what_is_not_installed_is_skipped_with_the_package_to_install(monkeypatch):
    monkeypatch.setenv("PATH", "")
    others = [program for program in known.PROGRAMS if program.language != "Python"]
    found = measure(*others, sizes=(10,), monkeypatch=monkeypatch)
    reasons = {row.language: row.reason for row in found}
    assert {row.status for row in found} == {"skipped"}
    assert reasons["Fortran"] == "no gfortran on PATH. On Debian: apt install gfortran"
    assert reasons["JavaScript"] == "no node or nodejs on PATH. On Debian: apt install nodejs"
    assert all("apt install" in reason or "https://" in reason for reason in reasons.values())


def stub(folder, text):
    path = folder / "compiler"
    path.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
    path.chmod(0o755)
    return Compiler((str(path),), "On Debian: apt install it", ("{source}", "{target}"))


@pytest.fixture
def cache_here(tmp_path, monkeypatch):
    monkeypatch.setenv("LRBENCH_CACHE", str(tmp_path / "cache"))
    source = tmp_path / "program.x"
    source.write_text("x")
    return source


def test_a_compiler_on_path_that_does_not_work_is_a_skip(cache_here, tmp_path):
    with pytest.raises(Missing, match=r"compiler does not work \(its process ended with exit code 1: no toolchain\)"):
        stub(tmp_path, "echo v1; echo no toolchain >&2; exit 1")(cache_here)


def test_a_program_that_does_not_build_is_a_failed_row(cache_here, tmp_path, monkeypatch):
    compiler = stub(tmp_path, '[ $1 = --version ] && echo v1 && exit; echo "a.x:1: error: no such word" >&2; exit 1')
    with pytest.raises(BuildFailed):
        compiler(cache_here)
    (row,) = measure(Program("x", "X", str(cache_here), (LOOP,), compiler), monkeypatch=monkeypatch)
    assert (row.status, row.reason) == ("failed", "compiler does not build it: a.x:1: error: no such word")
    assert [path.name for path in (tmp_path / "cache").glob("languages/*/*")] == []


def test_what_was_built_is_kept_until_the_source_changes(cache_here, tmp_path):
    compiler = stub(tmp_path, f"echo v1; echo built >> {tmp_path}/log; cp /bin/true $2 2>/dev/null; exit 0")
    first = compiler(cache_here)
    assert first == compiler(cache_here)
    cache_here.write_text("y")
    assert compiler(cache_here) != first
    assert (tmp_path / "log").read_text() == "built\n" * 3  # its version, and two builds


def test_an_interpreter_is_the_first_of_its_names_on_path(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    (tmp_path / "nodejs").write_text("#!/bin/sh\n")
    (tmp_path / "nodejs").chmod(0o755)
    command = Interpreter(("node", "nodejs"), "", ("--flag",))(FOLDER / "add.js")
    assert command == (str(tmp_path / "nodejs"), "--flag", str(FOLDER / "add.js"))
