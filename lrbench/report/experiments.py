"""What experiments found: on a terminal and in Markdown. The figures are in the page."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from lrbench.report.markdown import escape
from lrbench.report.wording import clean

if TYPE_CHECKING:
    from rich.console import RenderableType

Document = Mapping[str, Any]  # environment, seed, experiments: what `lrbench experiment --json` prints


def title(name: str) -> str:
    """Return an experiment's name as a heading: 'closed_form_or_sgd' as 'Closed form or SGD'."""
    words = ["SGD" if word == "sgd" else word for word in clean(name).split("_")]
    text = " ".join(words)
    return text[:1].upper() + text[1:]


def renderables(document: Document) -> "list[RenderableType]":
    """Return what a rich console prints: each question with its answer. Texts are shown, never obeyed as markup."""
    from rich.text import Text

    found: list[RenderableType] = []
    for experiment in document["experiments"]:
        found += [Text(title(experiment["name"]), style="bold"), Text(clean(experiment["question"]), style="italic")]
        if experiment["status"] == "ok":
            found.append(Text(clean(experiment["answer"])))
        else:
            found.append(Text(f"{experiment['status']}: {clean(experiment['reason'])}", style="red"))
        found += [Text(f"Skipped: {clean(line)}", style="yellow") for line in experiment["skipped"]]
        found.append(Text())
    return found


def markdown(document: Document) -> str:
    """Return questions, answers, texts and tables as GitHub's Markdown; figures by their captions."""
    return "\n\n".join(line for each in document["experiments"] for line in _section(each)) + "\n"


def _section(experiment: Mapping[str, Any]) -> Iterator[str]:
    yield f"## {escape(title(experiment['name']))}"
    yield f"*{escape(experiment['question'])}*"
    if experiment["status"] != "ok":
        yield f"{experiment['status']}: {escape(experiment['reason'])}"
    if experiment["answer"]:
        yield f"**{escape(experiment['answer'])}**"
    yield from (f"Skipped: {escape(line)}" for line in experiment["skipped"])
    yield from (_part(part) for part in experiment["parts"])


def _part(part: Mapping[str, Any]) -> str:
    match part["kind"]:
        case "heading":
            return f"### {escape(part['text'])}"
        case "formula":
            return "\n".join(f"    {line}" for line in part["text"].split("\n"))
        case "correction":
            return f"> {escape(part['text'])}"
        case "figure":
            return f"*Figure: {escape(part['caption'])} {escape(part['alternative'])}*"
        case "grid":
            head = [_line(part["columns"]), "|---|" + "--:|" * (len(part["columns"]) - 1)]
            return "\n".join((f"{escape(part['caption'])}", "", *head, *(_line(line) for line in part["lines"])))
        case _:
            return escape(part["text"])


def _line(cells: "list[str]") -> str:
    return f"| {' | '.join(escape(cell) for cell in cells)} |"
