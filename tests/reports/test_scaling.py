"""What lrbench scaling writes of literal samples: a text, a page and tables of Markdown."""

from scaling_document import DOCUMENT

from lrbench.report import scaling as report

TEXT = """\
Passes over 1000x10, 0.00 GiB, in one process

page cache, pass  time    GB/s  over reading  anonymous memory
full: first pass  500 ms  0.00  1.25          0.50 GiB

The first pass over 1000x10 by local workers of one thread

workers, block  time    GB/s  efficiency  of the kernel alone  model   model / measured
2, 4 MiB        500 ms  2.00  0.90        0.95                 450 ms  0.90

What the model says of clusters

samples x features, workers  time   compute  scheduler  travelling
1e+09 x 100, 100             2.0 h  2.0 h    2.00 s     500 ms

One call of each implementation on 1000x10, 0.00 GiB

implementation  time    digits  anonymous memory  reason
mine            1.00 s  15.9    0.00 GiB
theirs          failed                            no <memory>
"""


def test_the_text():
    assert report.text(DOCUMENT) == TEXT


def test_the_page_holds_the_tables_and_escapes_what_it_shows():
    page = report.page(DOCUMENT)
    assert "no &lt;memory&gt;" in page
    assert "<b>fast" not in page
    assert "2 workers, 4 MiB: 2.00 GB/s, efficiency 0.90" in page


def test_the_markdown():
    rows = [line for line in report.markdown(DOCUMENT).splitlines() if line.startswith("|")]
    assert rows[1:3] == ["|---|--:|--:|--:|--:|", "| full: first pass | 500 ms | 0.00 | 1.25 | 0.50 GiB |"]
    assert rows[-1] == "| theirs | failed |  |  | no &#60;memory&#62; |"


def test_no_format_obeys_what_was_read():
    row = {"implementation": "a\x1b[2J", "status": "failed", "reason": "b\u202ec\n"}
    document = {**DOCUMENT, "implementations": [row], "passes": [{**DOCUMENT["passes"][0], "what": "d\x07"}]}
    for render in (report.text, report.markdown, report.page):
        shown = render(document)
        assert not {"\x1b", "\u202e", "\x07"} & set(shown)
        assert r"a\x1b[2J" in shown.replace("&#91;", "[").replace("&#92;", "\\")


def test_a_part_that_was_not_measured_is_left_out():
    found = report.text({**DOCUMENT, "workers": [], "passes": []})
    assert found.startswith("One call of each")
