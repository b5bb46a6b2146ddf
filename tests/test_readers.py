"""What lrbench run has written, read back; and files that are not there."""

import json
from dataclasses import replace

import pytest
from languages_documents import DOCUMENT
from result_files import LINE, write

from lrbench.readers import read
from lrbench.results import BadRecord, append


@pytest.fixture
def folder(tmp_path):
    append(tmp_path / "measurements.jsonl", LINE)
    return tmp_path


def test_a_folder_of_lrbench_and_its_file_are_the_same(folder):
    assert read([folder]) == read([folder / "measurements.jsonl"]) == ([LINE], [])


def test_a_path_given_twice_is_read_once(folder):
    assert read([folder, folder / "measurements.jsonl", f"{folder}/./"]) == ([LINE], [])


def test_a_line_that_was_cut_is_left_out_with_a_remark(folder):
    path = folder / "measurements.jsonl"
    path.write_text(path.read_text() + '{"format": "lrbench-meas')
    measurements, remarks = read([path])
    assert measurements == [LINE]
    assert remarks == [f"{path}: line 2 was cut while it was written; it is left out."]


def test_what_is_not_there_is_named(tmp_path):
    with pytest.raises(BadRecord, match=r"absent.json: cannot be read \(No such file or directory\)"):
        read([tmp_path / "absent.json"])
    with pytest.raises(BadRecord, match=r"has neither measurements\.jsonl nor results of asv"):
        read([tmp_path])


@pytest.mark.parametrize("field", ["number", "first_call_s", "epochs_s"])
def test_impossible_numbers_in_our_own_lines_are_refused(folder, field):
    line = json.loads((folder / "measurements.jsonl").read_text())
    line["sides"][0][field] = [10**300, 1] if field == "epochs_s" else 10**300
    (folder / "measurements.jsonl").write_text(json.dumps(line) + "\n")
    with pytest.raises(BadRecord, match=f"line 1: field '{field}' .* no (possible value|number)"):
        read([folder])


@pytest.mark.parametrize("date", [7, None, ["2026"], {"at": 1}])
def test_files_of_a_folder_are_read_whatever_stands_for_a_date(tmp_path, date):
    append(tmp_path / "measurements.jsonl", replace(LINE, environment={"commit_date": date}))
    write(tmp_path / "languages.json", json.loads(json.dumps(DOCUMENT)))
    assert {measurement.source for measurement in read([tmp_path])[0]} == {"lrbench", "lrbench languages"}


@pytest.mark.parametrize("name", ["loop.json", "measurements.jsonl", "a" * 300])
def test_a_path_that_leads_nowhere_is_named(tmp_path, name):
    if len(name) < 300:
        (tmp_path / name).symlink_to(name)
    path = tmp_path if name == "measurements.jsonl" else tmp_path / name
    with pytest.raises(BadRecord, match=rf"^{tmp_path}/{name}: cannot be read \("):
        read([path])
