"""Reports for the comment of a pull request."""

import pytest

from lrbench.report import markdown

MARKDOWN = """\
## Benchmark report

8 rows, 5 of them with a time, from lrbench (6 processes, each of one problem at one size)

> **Note:** Load was 2.5: close other programs.

### vector_addition at 10000, 1 thread

| implementation | median | IQR | speedup over numpy_vectorized | verdict | digits |
|---|--:|--:|--:|---|--:|
| python_loop | 400 us | 0 s | ≈ 1/200 | few samples: no verdict | 15.2 |
| numpy_vectorized | 2.00 us | 0 s | baseline |  | 15.9 |
| numpy_out | 2.00 us | 0 s | 1.000 [1.000, 1.000] | no difference resolved | 15.9 |
| numba_jit ~ | 1.60 us | 0 s | 1.25 [1.25, 1.25] | faster | 15.0 |
| fourier | 1.00 ms | 0 s | 0.00200 [0.00200, 0.00200] † | slower | 12.0 |
| slow | not run: about 40 s a call |  |  |  |  |
| broken | wrong answer: relative error 1.6e+00 is above the tolerance 1e-10 |  |  |  |  |

Skipped: absent (needs torch). pip install 'lrbench[peers]'

- Speedups without a mark are within one algorithm: what vectorising or compiling gains.
- † another algorithm than its baseline's: not a gain from vectorising alone.
- Brackets hold 95 % intervals, corrected for the number of rows in a table.
- A speedup after ≈ rests on few samples: no interval, no verdict.
- ~ floating-point sums may be reassociated.

<details><summary>First call</summary>

| case | first call |
|---|--:|
| vector_addition at 10000, 1 thread: numba_jit ~ | 250 ms |

</details>

<details><summary>Environment</summary>

- cpu: AMD &#60;EPYC&#62;

</details>
"""


def test_markdown_is_one_table_per_problem_and_size(report):
    assert markdown.render(report) == MARKDOWN


def test_markdown_escapes_what_it_did_not_write(hostile):
    text = markdown.render(hostile)
    assert "<script" not in text
    assert "`" not in text
    rows = [line for line in text.split("\n") if line.startswith("|")]
    assert [line.count("|") for line in rows] == [5, 5, 5, 5]
    assert markdown.escape("a_b __c__ *d* [e](f) ~~g~~ h ~") == (
        "a_b &#95;&#95;c&#95;&#95; &#42;d&#42; [e&#93;(f) &#126;&#126;g&#126;&#126; h ~"
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("@torvalds", "@<!-- -->torvalds"),
        ("me@evil.example", "me@<!-- -->evil.example"),
        ("owner/name#1", "owner/name#<!-- -->1"),
        ("gh-1", "gh-<!-- -->1"),
        ("http://evil.example", "http:<!-- -->//evil.example"),
        ("(www.evil.example", "(www<!-- -->.evil.example"),
        (":tada: :+1: :100: a::zap::b", ":<!-- -->tada: :<!-- -->+1: :<!-- -->100: a::<!-- -->zap::b"),
    ],
)
def test_a_name_mentions_nobody_and_links_to_nothing(text, expected):
    assert markdown.escape(text) == expected


def test_an_ordinary_name_stays_as_it_is():
    text = "snake_case größe_x 1000000x10 a/b 12.3 numba_jit ~ † ≈ 1/200 A @ B c# [1.2, 1.3]"
    assert markdown.escape(text) == text
    text = "test_a.py::TestX::test_y 12:30:45+00:00 std::size"
    assert markdown.escape(text) == text
