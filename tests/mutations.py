"""Seeded mutations of result files: values replaced, removed, moved, scaled or nested, keys doubled, bytes changed."""

import copy
import json

JUNK = (
    *(None, True, False, 0, -1, 1, 2**63, 10**400, 10**4299, 1e308, -1e308, 1e-320),
    *(float("nan"), float("inf"), -float("inf")),
    *("", "'", "'''", "'\\x'", "\ud800", "\x00", "\x1b[2J", "<script>alert(1)</script>", "é" * 300, "x" * 100_000),
    *([], {}, [[]], [None], [1, "2"], {"a": []}, {"": None}, [0.5] * 1000, ["'a'", "'b'"], [["1"] * 10] * 9),
    "'a'" + "+'a'" * 3000,
)


def places(document, path=()):
    """Yield the path to every value in a document."""
    yield path
    children = (
        document.items() if isinstance(document, dict) else enumerate(document) if isinstance(document, list) else ()
    )
    for key, value in children:
        yield from places(value, (*path, key))


def damaged(text, rng):
    """Return the bytes of a damaged file."""
    kind = rng.random()
    if kind < 0.65:
        text = "".join(_replaced(line, rng) + "\n" for line in _documents(text))
    content = text.encode("utf-8", "surrogatepass")
    return _bytes_changed(content, rng) if kind > 0.5 else content


def _documents(text):
    lines = text.splitlines()
    try:
        return [json.loads(line) for line in lines]
    except ValueError:
        return [json.loads(text)]


def _replaced(document, rng):
    """Return the text of a document with values replaced, removed, moved, nested, or a key doubled."""
    for _ in range(rng.randint(1, 4)):
        found = list(places(document))[1:]
        if not found:
            return json.dumps(rng.choice(JUNK))
        _change(document, rng.choice(found), rng.choice(found), rng)
    text = json.dumps(document)
    if rng.random() < 0.05:
        deep = rng.choice((10, 60, 500, 5000, 200_000))
        text = text.replace("1", "[" * deep + "]" * deep, 1)
    if rng.random() < 0.05:
        text = text.replace("{", '{"results": {}, "results": {}, ', 1)
    return text


def _at(document, path):
    for key in path:
        document = document[key]
    return document


def _change(document, path, other, rng):
    """Remove, rename or replace the value at one path, perhaps by a copy of that at another."""
    parent, last = _at(document, path[:-1]), path[-1]
    what, was = rng.randrange(8), parent[last]
    if what >= 6:  # of the same type still, so that what follows the reader is tried as well
        parent[last] = _alike(was, rng)
    elif what == 0:
        del parent[last]
    elif what == 1:
        parent[last] = copy.deepcopy(_at(document, other))
    elif what == 2 and isinstance(parent, dict):
        parent[str(rng.choice(JUNK))[:50]] = parent.pop(last)
    else:
        parent[last] = copy.deepcopy(rng.choice(JUNK))


def _alike(value, rng):
    """Return another value of the same type: a number of any magnitude, a strange text, a longer or shorter list."""
    if isinstance(value, bool) or value is None:
        return rng.choice((True, False, None))
    if isinstance(value, int | float) and not abs(value) < 1e200:
        return -value
    if isinstance(value, int | float):
        scaled = rng.choice((1.0, -1.0, 0.0)) * (value or 1.0) * 10.0 ** rng.uniform(-25, 25)
        return round(scaled) if isinstance(value, int) else scaled
    if isinstance(value, str):
        return rng.choice([junk for junk in JUNK if isinstance(junk, str)] + [value + value, value[:-1], value.upper()])
    if isinstance(value, list):
        return rng.choice((value[1:], value * 2, value[::-1]))
    return {name.swapcase(): part for name, part in value.items()}


def _bytes_changed(content, rng):
    for _ in range(rng.randint(1, 4)):
        at, until = sorted(rng.randrange(len(content) + 1) for _ in range(2))
        what = rng.randrange(6)
        if what == 0:
            content = content[:at]
        elif what == 1:
            content = content[:at] + rng.randbytes(rng.randint(1, 8)) + content[at + rng.randint(0, 8) :]
        elif what == 2:
            content = content[:at] + content[until:]
        elif what == 3:
            content = content[:until] + content[at : min(until, at + 5000)] + content[until:]
        elif what == 4:
            content = (
                content[:at]
                + rng.choice((b"1e999", b"9" * 5000, b"NaN", b"-0", b"\\ud800", b"\xff\xfe", b"\x00"))
                + content[at:]
            )
        else:
            content = (
                content[:at] + bytes([content[at] ^ (1 << rng.randrange(8))]) + content[at + 1 :]
                if at < len(content)
                else content
            )
    return content
