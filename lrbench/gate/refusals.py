"""Why a case has no time."""


class WrongAnswer(Exception):
    """An implementation was refused; the message says why."""


class Unavailable(Exception):
    """A case cannot be run here; the message says why and what to do."""


class TooSlow(Unavailable):
    """A case would take longer than its figure tells; the message says how long."""
