"""lrbench scaling: what it refuses, what it keeps, and what it does where a part cannot be measured."""

import errno
import json
import os
import re
import sys

import pytest
from click.testing import CliRunner
from scaling_document import DOCUMENT

from lrbench import stored
from lrbench.cli import main, scaling
from lrbench.out_of_core import usage


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--size", "1000"], "is not samples x features"),
        (["--size", "3x10"], "fewer samples"),
        (["--size", "1000x0"], "fewer samples|not samples"),
        (["--workers", "1,two"], "not whole numbers"),
        (["--workers", "1,,2"], "not whole numbers"),
        (["--block-mib", "0"], "not whole numbers"),
        (["--block-mib", "9" * 5000], "not whole numbers from 1 to 999999"),
        (["--implementation", "dask_gramm"], r"No implementation 'dask_gramm'\. Nearest: 'dask_gram'"),
    ],
)
def test_bad_usage_says_what_to_do(arguments, message, tmp_path):
    made = CliRunner().invoke(main, ["scaling", "--output", str(tmp_path), "--part", "workers", *arguments])
    assert made.exit_code == 2
    assert re.search(message, made.output)


def test_a_part_joins_what_the_folder_holds_of_the_same_size(tmp_path):
    from lrbench.cli.scaling import _before

    path = tmp_path / "scaling.json"
    assert _before(path, "1000x10") == {}
    path.write_text(json.dumps(DOCUMENT))
    assert _before(path, "1000x10") == DOCUMENT


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (json.dumps(DOCUMENT), "of size '1000x10', not of 1000x11"),
        (
            json.dumps({**DOCUMENT, "size": "1000x11", "passes": [{}]}),
            r"passes\[0\]: field 'page_cache' is None, .*Move it",
        ),
        ("{", "Move it away"),
    ],
)
def test_results_that_cannot_be_joined_are_not_overwritten(text, message, tmp_path):
    path = tmp_path / "scaling.json"
    path.write_text(text)
    made = CliRunner().invoke(main, ["scaling", "--output", str(tmp_path), "--size", "1000x11", "--part", "passes"])
    assert made.exit_code == 2
    assert re.search(message, " ".join(made.output.split()))
    assert path.read_text() == text


def test_a_part_that_fails_takes_none_of_those_before_it_along(tmp_path, monkeypatch):
    monkeypatch.setenv("LRBENCH_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(scaling, "_passes", lambda *_: iter(DOCUMENT["passes"]))

    def fails(*_):
        message = "the cluster fell"
        raise RuntimeError(message)

    monkeypatch.setattr(scaling, "_workers", fails)
    made = CliRunner().invoke(main, ["scaling", "--size", "1000x10", "--output", str(tmp_path)])
    assert str(made.exception) == "the cluster fell"
    kept = json.loads((tmp_path / "scaling.json").read_text())
    assert (kept["size"], kept["passes"]) == ("1000x10", DOCUMENT["passes"])


def test_a_full_disk_is_told_with_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setenv("LRBENCH_CACHE", str(tmp_path / "cache"))

    def full(*_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(stored, "write", full)
    made = CliRunner().invoke(main, ["scaling", "--size", "1000x10", "--part", "passes", "--output", str(tmp_path)])
    assert made.exit_code == 1
    assert "size 1000x10 cannot be made: No space left on device. Make room" in " ".join(made.output.split())


def test_files_larger_than_any_disk_are_refused_with_both_figures(tmp_path, monkeypatch):
    monkeypatch.setenv("LRBENCH_CACHE", str(tmp_path / "cache"))
    made = CliRunner().invoke(main, ["scaling", "--size", "9999999999999x300", "--output", str(tmp_path)])
    assert made.exit_code == 1
    assert re.search(r": 2\.41e\+07 GB are to be written, and \S+ GB are free\.", " ".join(made.output.split()))
    assert not list(tmp_path.rglob("*.npy"))


def test_a_process_that_ends_is_a_state_not_measured(monkeypatch, capsys):
    def ended(*_):
        message = "its process ended with exit code -9"
        raise usage.Ended(message)

    monkeypatch.setattr(usage, "alone", ended)
    assert list(scaling._passes("X.npy", "y.npy", ("full",))) == []  # noqa: SLF001  (a whole run takes minutes)
    assert "Page cache full: not measured: its process ended with exit code -9" in capsys.readouterr().err


def test_without_dask_its_part_is_skipped_or_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    monkeypatch.setattr("lrbench.cli.scaling._made", lambda *_: sys.exit(7))  # that far
    arguments = ["scaling", "--size", "1000x2", "--output", str(tmp_path / "here")]
    skipped = CliRunner().invoke(main, arguments)
    assert skipped.exit_code == 7
    assert "Skipped: The part 'workers' needs distributed: pip install 'lrbench[out-of-core]'." in skipped.output
    (tmp_path / "here").rmdir()
    refused = CliRunner().invoke(main, [*arguments, "--part", "workers"])
    assert refused.exit_code == 2
    assert "needs distributed" in refused.output
    assert not (tmp_path / "here").exists()


def test_a_folder_that_cannot_be_made_is_told_before_anything_is_measured(tmp_path):
    (tmp_path / "file").touch()
    made = CliRunner().invoke(main, ["scaling", "--output", str(tmp_path / "file" / "here"), "--part", "workers"])
    assert made.exit_code == 2
    assert "Choose another --output" in made.output
