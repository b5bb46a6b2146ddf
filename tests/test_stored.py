"""Inputs that are files: made whole or not at all, scaled into files of their own, and watched by the gate."""

import shutil
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from click.testing import CliRunner

from lrbench import gate, stored
from lrbench.cli import main
from lrbench.problems import PROBLEMS, least_squares_out_of_core
from lrbench.registry import Case, Implementation

PROBLEM = next(problem for problem in PROBLEMS if problem.name == "least_squares_out_of_core")
SIZE = "3000x3"


@pytest.fixture(autouse=True)
def _own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("LRBENCH_CACHE", str(tmp_path))


def spoil(X, _y):
    """Write into the file, as no implementation may."""
    array = np.load(X, mmap_mode="r+")
    array[5, 1] += 1.0
    return np.zeros(array.shape[1]), 0.0


def test_a_product_is_another_file(tmp_path):
    path = tmp_path / "X.npy"
    np.save(path, np.arange(6.0).reshape(3, 2))
    array = stored.StoredArray(str(path))
    twice = array * -2.0
    np.testing.assert_array_equal(twice.open(), -2.0 * array.open())
    assert array.path != twice.path
    assert (array * -2.0).path == twice.path
    with pytest.raises(ValueError, match="read-only"):
        array.open()[0] = 1.0


def test_what_is_cut_short_leaves_no_file(tmp_path):
    def parts():
        yield (np.zeros(5),)
        message = "disk full"
        raise OSError(message)

    with pytest.raises(OSError, match="disk full"):
        stored.write((tmp_path / "X.npy",), ((10,),), parts())
    assert not list(tmp_path.iterdir())


def leave_free(monkeypatch, size_bytes):
    monkeypatch.setattr(shutil, "disk_usage", lambda _folder: SimpleNamespace(free=size_bytes))


NEEDED = 8 * 3000 * (3 + 1)


def test_what_does_not_fit_on_the_disk_is_refused_before_it_is_made(tmp_path, monkeypatch):
    def parts():
        pytest.fail("a part was made")
        yield

    leave_free(monkeypatch, 12_340_000_000)
    with pytest.raises(stored.NoRoom) as refusal:
        stored.write((tmp_path / "X.npy", tmp_path / "y.npy"), ((10**9, 1), (10**9,)), parts())
    assert str(refusal.value) == (
        f"{tmp_path}: 16 GB are to be written, and 12.3 GB are free. Make room, choose a smaller size, or set "
        "LRBENCH_CACHE to a folder on a larger disk."
    )
    assert not list(tmp_path.iterdir())


def test_files_that_just_fit_are_made(monkeypatch):
    leave_free(monkeypatch, NEEDED)
    X, _ = least_squares_out_of_core.make_files(SIZE, 0)
    leave_free(monkeypatch, 0)
    assert least_squares_out_of_core.make_files(SIZE, 0)[0] == X  # there already


def test_the_gate_needs_room_for_its_mirror_image_too(tmp_path, monkeypatch):
    leave_free(monkeypatch, 2 * NEEDED - 1)
    with pytest.raises(gate.Unavailable, match=r"0\.000192 GB are to be written, and 0\.000192 GB"):
        gate.ask(PROBLEM, SIZE)
    assert not list(tmp_path.rglob("*.npy"))


def test_a_disk_that_fills_up_before_the_mirror_image_is_told(tmp_path, monkeypatch):
    question = gate.ask(PROBLEM, SIZE)
    leave_free(monkeypatch, 0)
    case = Case(PROBLEM, SIZE, PROBLEM.implementation("one_pass_gram_blocks"))
    with pytest.raises(gate.Unavailable, match="are to be written, and 0 GB are free"):
        gate.prepare(case, question)
    assert len(list(tmp_path.rglob("*.npy"))) == 2


def test_the_mirror_image_is_all_that_the_gate_writes(tmp_path):
    gate.prepare(Case(PROBLEM, SIZE, PROBLEM.implementation("one_pass_gram_blocks")), gate.ask(PROBLEM, SIZE))
    names = sorted(path.name for path in tmp_path.rglob("*.npy"))
    assert names == ["X.npy", "X.times-1.npy", "y.npy", "y.times2.npy"]


def test_the_files_are_the_same_for_a_seed_and_made_once():
    X, y = least_squares_out_of_core.make_files(SIZE, 0)
    assert X.open().shape == (3000, 3)
    assert gate.checksum((X, y)) != gate.checksum(least_squares_out_of_core.make_files(SIZE, 1))
    made = Path(X.path).stat()
    assert least_squares_out_of_core.make_files(SIZE, 0) == (X, y)
    assert (Path(X.path).stat().st_mtime_ns, Path(X.path).stat().st_ino) == (made.st_mtime_ns, made.st_ino)


def test_parts_are_alike_whatever_the_number_of_rows(monkeypatch):
    monkeypatch.setattr(least_squares_out_of_core, "PART_ROWS", 1000)
    X, _ = least_squares_out_of_core.make_files(SIZE, 0)
    assert abs(X.open().mean(axis=0)).max() < 0.2
    assert abs(X.open().std(axis=0) - 1.0).max() < 0.2


def test_the_reference_is_that_of_the_arrays_in_memory():
    inputs = least_squares_out_of_core.make_files(SIZE, 0)
    found = least_squares_out_of_core.reference(inputs)
    in_memory = next(problem for problem in PROBLEMS if problem.name == "least_squares")
    want = in_memory.reference(tuple(np.array(array.open()) for array in inputs))
    for a, b in zip((*found.answers, *found.tails), (*want.answers, *want.tails), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-12)
    assert found.tolerance == pytest.approx(want.tolerance, rel=1e-6)


def test_who_writes_into_a_file_is_refused():
    question = gate.ask(PROBLEM, SIZE)
    convert = "lrbench.out_of_core.solvers:paths"
    spoiler = Implementation("spoiler", "none", f"{__name__}:spoil", convert=convert)
    with pytest.raises(gate.WrongAnswer):
        gate.prepare(Case(PROBLEM, SIZE, spoiler), question)
    assert gate.checksum(question.inputs) != question.checksum


@pytest.mark.parametrize("name", ["one_pass_gram_blocks", "refined_blocks", "numpy_memory_map"])
def test_digits_of_those_that_need_no_more_packages(name):
    prepared = gate.prepare(Case(PROBLEM, SIZE, PROBLEM.implementation(name)))
    assert prepared.digits > (15.5 if name == "refined_blocks" else 12.5)


def test_a_scheduler_is_for_problems_that_run_on_one():
    made = CliRunner().invoke(main, ["run", "--problem", "predict", "--scheduler", "tcp://127.0.0.1:1"])
    assert made.exit_code == 2
    assert "none of the problems chosen runs on Dask" in made.output


def test_a_scheduler_needs_dask(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    arguments = ["run", "--problem", "least_squares_out_of_core", "--scheduler", "tcp://127.0.0.1:1"]
    made = CliRunner().invoke(main, arguments)
    assert made.exit_code == 2
    assert "needs distributed: pip install 'lrbench[out-of-core]'" in made.output
