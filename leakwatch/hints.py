"""What somebody probably meant, for the end of a message."""

from collections.abc import Mapping
from difflib import get_close_matches


def did_you_mean(name: str, known: Mapping[str, object] | set[str]) -> str:
    """The closest known name, or all of them."""
    close = get_close_matches(name.replace("-", "_"), known, n=1)
    if close:
        return f"; did you mean {close[0]!r}?"
    return f"; expected one of {', '.join(sorted(known))}"
