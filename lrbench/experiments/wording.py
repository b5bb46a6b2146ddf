"""Numbers as a text shows them."""

_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def number(value: float, spec: str = "g") -> str:
    """Return a number in a format of Python's, with a true minus sign, and powers of ten written as such."""
    mantissa, _, exponent = f"{value:{spec}}".partition("e")
    text = mantissa.replace("-", "−")
    return f"{text} · 10{str(int(exponent)).translate(_RAISED)}" if exponent else text
