"""The Content-Security-Policy of the page: our own scripts and styles by hash, nothing else.

Hashes instead of a nonce: a nonce that stands in a saved file is no secret, and with hashes
the same report gives the same file.
"""

from base64 import b64encode
from collections.abc import Iterable
from hashlib import sha256


def policy(scripts: Iterable[str], styles: Iterable[str]) -> str:
    """The policy for a page with these inline scripts and style sheets.

    Args:
        scripts: the text of each `script` element, to the last space.
        styles: the text of each `style` element.

    Returns:
        the value of the header or `meta` element: no request, no form, no frame, no `eval`,
        no attribute that is a script or a style.
    """
    return "; ".join(
        [
            "default-src 'none'",
            f"script-src {sources(scripts)}",
            f"style-src {sources(styles)}",
            "base-uri 'none'",
            "form-action 'none'",
        ]
    )


def sources(texts: Iterable[str]) -> str:
    """Hash sources for these texts."""
    return " ".join(f"'sha256-{digest(text)}'" for text in texts)


def digest(text: str) -> str:
    """SHA-256 in base64, as browsers compute it over the element's text."""
    return b64encode(sha256(text.encode()).digest()).decode()
