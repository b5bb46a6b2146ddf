"""What of a report fits into a comment: the first parts whole, the next one cut at a line, and what is missing."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

_RESERVED = 200  # bytes of what is said to be missing: more than four counts of seven digits need


@dataclass(frozen=True, slots=True)
class Part:
    """A table or a list, which may be cut after any of its lines."""

    kind: str  # "table" or "list", for what is said to be missing
    before: str  # its title, and the head of its table, whose line ends here
    lines: tuple[str, ...] = ()
    after: str = ""  # what is told of it, and what closes it

    @property
    def text(self) -> str:
        """The whole part."""
        return "\n".join((self.before, *self.lines)) + self.after


def fitting(head: Sequence[str], parts: Sequence[Part], details: Sequence[str], most: int) -> str:
    """Return all that takes at most so many bytes, in order; the head always, details only where no part is missing."""
    left = most - _size("\n\n".join(head)) - _RESERVED
    kept: list[str] = []
    for position, part in enumerate(parts):
        if _size(part.text) + 2 > left:
            lines = _lines_within(part, left - 2)
            cut = [_without(part, lines).text] if lines else []
            kept += [*cut, _missing_text(part, lines, parts[position + bool(lines) :])]
            return _joined(head, kept)
        left -= _size(part.text) + 2
        kept.append(part.text)
    for detail in details:
        if detail and _size(detail) + 2 <= left:
            left -= _size(detail) + 2
            kept.append(detail)
    return _joined(head, kept)


def _size(text: str) -> int:
    """Return the bytes of a text, of which there are at least as many as characters, whichever a site counts."""
    return len(text.encode("utf-8", "backslashreplace"))


def _joined(head: Sequence[str], kept: Sequence[str]) -> str:
    return "\n\n".join(part for part in (*head, *kept) if part) + "\n"


def _lines_within(part: Part, most: int) -> int:
    """Return how many of a part's lines fit beside what stands before and after them."""
    left = most - _size(part.before) - _size(part.after)
    for count, line in enumerate(part.lines):
        left -= _size(line) + 1
        if left < 0:
            return count
    return len(part.lines)


def _without(part: Part, count: int) -> Part:
    return Part(part.kind, part.before, part.lines[:count], part.after)


def _missing_text(part: Part, kept: int, left_out: Sequence[Part]) -> str:
    """Return '_1044 rows more of this table, and 3 tables more, do not fit into a comment: see ..._'.

    part: the one that was cut; kept: how many of its lines are there, none where it is left out as a whole.
    """
    cut = len(part.lines) - kept if kept else 0
    counts = Counter(each.kind for each in left_out)
    told = " and ".join(f"{_counted(count, kind)} more" for kind, count in counts.items())
    if cut:
        rows = f"{_counted(cut, 'row' if part.kind == 'table' else 'line')} more of this {part.kind}"
        told = f"{rows}, and {told}," if told else rows
    verb = "does" if cut + len(left_out) == 1 else "do"
    return f"_{told} {verb} not fit into a comment: see the report as .html, .csv or .json._"


def _counted(count: int, what: str) -> str:
    """Return '1 row' or '2 rows'."""
    return f"{count} {what}{'s' * (count != 1)}"
