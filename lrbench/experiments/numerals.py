"""Numbers as people write them."""

import math

_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_PLAIN = (1e-4, 1e6)  # magnitudes that are read more easily without a power of ten


def rounded(value: float, digits: int = 2) -> str:
    """Return a number with so many significant digits: '370', '0.26', '22 000', '6·10⁻¹⁶'; minus is a real one.

    Digits before the decimal point beyond them become zeros.
    """
    if value == 0.0 or not math.isfinite(value):
        return f"{value:g}"
    mantissa, exponent = f"{abs(value):.{digits - 1}e}".split("e")
    sign, power = "−" if value < 0.0 else "", int(exponent)
    if not _PLAIN[0] <= abs(value) < _PLAIN[1]:
        factor = (
            "" if float(mantissa) == 1.0 else f"{mantissa.rstrip('0').rstrip('.') if '.' in mantissa else mantissa}·"
        )
        return f"{sign}{factor}10{str(power).translate(_SUPERSCRIPTS)}"
    plain = f"{float(f'{mantissa}e{exponent}'):.{max(0, digits - 1 - power)}f}"
    return sign + (f"{int(plain):,}".replace(",", " ") if "." not in plain and len(plain) > 4 else plain)  # noqa: PLR2004  (1000 reads well unparted)
