"""What the head of the page says of the tables that its sentences do not tell of."""

import re

from gradient_tables import FAST, PLAIN, measured, side
from report_samples import Page, without_plotly

from lrbench.comparisons import make_report
from lrbench.report import elsewhere, html, leaders
from lrbench.results import Side

SLOW = side("fast", 9e-6)


def found(report):
    tables = list(report.tables)
    return elsewhere.lowest([(table, f"#{i}") for i, table in enumerate(tables)], leaders.foremost(tables))


def told(made):
    return [(part.place, [(w.name, [link.size for link in w.links]) for w in part.winners]) for part in made.parts]


def test_the_lowest_median_of_every_other_table_is_told():
    sizes = {"1000x2": (PLAIN, FAST), "10x2": (PLAIN, SLOW), "100x2": (PLAIN, SLOW), "20x2": (PLAIN, FAST)}
    runs = [m for threads in (1, 2) for size, s in sizes.items() for m in measured(*s, size=size, threads=threads)]
    made = found(make_report(runs))
    assert told(made) == [
        ("", [("plain", ["10x2", "100x2"]), ("fast", ["20x2"])]),
        ("2 threads", [("fast", ["1000x2", "20x2"]), ("plain", ["10x2", "100x2"])]),
    ]
    assert made.count == 7
    assert not made.is_folded


def test_one_table_has_nothing_elsewhere():
    assert found(make_report(measured(PLAIN, FAST))).count == 0


def test_a_table_without_a_time_is_told_without_a_name():
    dead = Side("plain", "sum", "plain", status="failed", reason="killed")
    made = found(make_report([*measured(PLAIN), *measured(dead, size="10x2")]))
    assert told(made) == [("", [("", ["10x2"])])]


def head(report):
    return re.search(r'<section class="answers".*?</section>', without_plotly(html.render(report)), re.DOTALL)[0]


def test_the_head_links_every_other_table_and_folds_many():
    several = make_report([m for size in ("1000x2", "10x2", "100x2") for m in measured(PLAIN, FAST, size=size)])
    links = [a["href"] for a in Page(head(several)).of("a")]
    assert links == ["#gradient/1000x2", "#gradient/10x2", "#gradient/100x2"]
    assert "Lowest median elsewhere: fast at <a" in head(several)
    assert "<details" not in head(several)
    many = make_report([m for n in range(1, 12) for m in measured(PLAIN, FAST, size=f"{n}x2")])
    assert "<summary>Lowest median in the 10 other tables" in head(many)
    assert len(Page(head(many)).of("a")) == 11


def test_tables_without_sizes_are_told_by_their_conditions():
    report = make_report([m for seed in (1, 2) for m in measured(PLAIN, FAST, size="", seed=seed)])
    shown = " ".join("".join(Page(head(report)).texts).split())
    assert "Lowest median elsewhere: seed 2: fast in its table" in shown
