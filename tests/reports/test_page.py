"""The page of a report, as its own HTML says it; how a browser shows it is tested in in_browser."""

import dataclasses
import json
import re

from report_samples import HOSTILE, SIDES, Page, measurements, side, without_plotly

from lrbench.comparisons import make_report
from lrbench.report import absent, html, legend, page, wording
from lrbench.report.page import embedded
from lrbench.results import Ceiling


def test_the_page_is_one_small_file_that_may_not_ask_for_anything(report):
    text = html.render(report)
    assert len(text.encode()) < 2_500_000
    page = Page(without_plotly(text))
    (policy,) = [meta["content"] for meta in page.of("meta") if "http-equiv" in meta]
    assert policy.startswith("default-src 'none'; ")
    assert "connect-src" not in policy
    assert not page.of("link")
    assert not page.of("img")
    assert not [attributes for _, attributes in page.elements if "src" in attributes]
    assert all(link["href"].startswith("#") for link in page.of("a"))
    assert "http" not in re.sub("http-equiv", "", without_plotly(text))


def test_the_page_shows_every_row_under_an_anchor_of_its_own(report):
    page = Page(without_plotly(html.render(report)))
    ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert {f"vector_addition/10000/{side.implementation}" for side in SIDES} <= set(ids)
    shown = " ".join(" ".join(page.texts).split())
    for expected in (
        "AMD <EPYC>",
        "Load was 2.5: close other programs.",
        "not run: about 40 s a call",
        "wrong answer: relative error 1.6e+00 is above the tolerance 1e-10",
        "no difference resolved",
        "few samples: no verdict",
        legend.MARKS["algorithm"],
    ):
        assert expected in shown


CEILINGS = (Ceiling("read", 1, 24e4, 1.1e11), Ceiling("add", 1, 24e4, 1e11), Ceiling("flops", 1, None, 5.25e10))
WORK = {"flops": 1e4, "size_bytes": 24e4, "traffic": "add", "ceilings": CEILINGS}


def figures_of(text):
    return json.loads(re.findall(r'<script type="application/json" id="figures">(.*?)</script>', text)[0])


def test_the_page_draws_a_roofline_for_each_thread_count():
    both = [m for threads in (1, 2) for m in measurements(*SIDES, threads=threads, **WORK)]
    text = html.render(make_report(both))
    page = Page(without_plotly(text))
    plots = [plot for plot in page.of("div") if plot.get("class") == "plot"]
    drawn = figures_of(text)
    assert [plot["data-figure"] for plot in plots] == [str(i) for i in range(len(drawn))]
    captions = [part for part in page.texts if part.startswith("Roofline, ")]
    roofs = "Its roofs, the highest that any process found: 100 GB/s adding 240 kB, 52.5 Gflop/s in a matrix product."
    assert captions == [f"Roofline, 1 thread. {roofs}", f"Roofline, 2 threads. {roofs}"]
    assert [len(figure["data"]) for figure in drawn[-2:]] == [7, 7]  # a mark each, two roofs


def test_without_ceilings_there_is_no_roofline(report):
    page = Page(without_plotly(html.render(report)))
    assert "roofline" not in [attributes.get("id") for _, attributes in page.elements]


def test_a_problem_may_have_the_name_of_a_part_of_the_page():
    page = Page(without_plotly(html.render(make_report(measurements(*SIDES, problem="roofline", **WORK)))))
    ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert {"roofline", "roofline-2"} <= set(ids)


def test_the_page_lists_the_ceilings():
    shown = " ".join(" ".join(Page(without_plotly(html.render(make_report(measurements(**WORK))))).texts).split())
    assert "adding 1 240 kB 100 GB/s 100 GB/s 100 GB/s" in shown
    assert "matrix product 1 52.5 Gflop/s 52.5 Gflop/s 52.5 Gflop/s" in shown


def test_the_page_says_which_ceiling_is_taken():
    shown = " ".join(Page(without_plotly(html.render(make_report(measurements(*SIDES, **WORK))))).texts)
    assert wording.CEILINGS_TAKEN.startswith("The highest is what roofs and “of limit” are held against: ")
    assert wording.CEILINGS_TAKEN in shown
    assert "Taken is the highest that any process of the run found of each, not its median." in shown


def test_what_was_not_measured_of_starting_is_told_where_it_is_explained():
    timed = make_report(measurements(*SIDES[:2]))
    text = without_plotly(html.render(timed))
    assert absent.starts(timed) in re.search(r'<details class="reading" id="reading">.*?</details>', text, re.DOTALL)[0]
    assert text.count(absent.starts(timed)) == 1


def test_what_starting_costs_is_folded_below_its_table():
    costly = side("jit", 1e-6, first_call_s=1.5, first_call_cached_s=0.2, peak_memory_bytes=12.3e6)
    rows = make_report(measurements(costly, side("numpy_vectorized", 2e-6), SIDES[-1]))
    page = Page(without_plotly(html.render(rows)))
    folded = {"class": "costs", "id": "vector_addition/10000/starts"}
    assert folded in page.of("details")
    shown = " ".join(" ".join(page.texts).split())
    assert (
        "implementation first call first call, compiled peak memory jit 1.50 s 200 ms 12.3 MB numpy_ vectorized — — —"
        in shown
    )
    assert "absent —" not in shown
    unknown = Page(without_plotly(html.render(make_report(measurements(side("a", 1.0))))))
    assert {"class": "costs"} not in unknown.of("details")


def test_hostile_text_is_shown_and_not_obeyed(hostile):
    text = html.render(hostile)
    page = Page(without_plotly(text))
    assert len(page.of("script")) == 4
    assert "\x1b" not in without_plotly(text)
    assert wording.clean(HOSTILE) in "".join(page.texts)
    (data,) = re.findall(r'<script type="application/json" id="figures">(.*?)</script>', text, flags=re.DOTALL)
    assert "<" not in data
    assert json.loads(data)[0]["data"][0]["name"].startswith("&lt;script&gt;")


def test_embedded_json_cannot_end_its_element():
    value = {"</script><!--": ["<script>", "&", float("nan")]}
    text = embedded(value)
    assert not set("<>&") & set(text)
    assert json.loads(text) == {"</script><!--": ["<script>", "&", None]}


def test_columns_that_nothing_fills_are_left_out():
    bare = dataclasses.replace(side("a", 1.0), algorithm="")
    shown = html.render(make_report(measurements(bare)))
    assert ">digits</th>" not in shown
    assert ">algorithm</th>" not in shown
    full = html.render(make_report(measurements(side("a", 1.0, digits=3.0))))
    assert ">digits</th>" in full
    assert ">algorithm</th>" in full


def test_many_commits_are_told_by_their_ends():
    environment = [("commit", ", ".join(f"{k:040x}" for k in range(1, 10))), ("cpu", "A, B")]
    assert page.facts(environment, ("commit", "cpu")) == [
        ("commit", "0000000000 … 0000000000 (9)"),
        ("cpu", "A, B"),
    ]
