"""Which texts have the shape of a secret: one rule for every text of the program that is shown."""

import re

WORDS = r"_*(?:[a-z]{1,16}(?:[_/+-][a-z]{1,16})+|[A-Z]{1,16}(?:[_/+-][A-Z]{1,16})+)_*"
"""Words without digits and in one case, as names of modules and constants have them."""
SHAPES = re.compile(
    r"""
      (?i:token|secret|password|passwd|api[_-]?key|bearer|session[_-]?id)
    | ^(?!{WORDS}$)[A-Za-z0-9+/_=-]{24,}$    # base64, hex, JWT parts, UUIDs, which may be a session
    | \b\d{9,}\b                   # card and phone numbers
    | [^@\s]+@[^@\s]+\.[A-Za-z]{2,}\b      # e-mail addresses
    | ://[^/\s]*:[^/\s]*@          # credentials in a URL
    | -----BEGIN
    | \beyJ[\w-]{8,}               # JWT
    | \b(?:AKIA|ASIA|AIza)[\w-]{12,}
    | \b[A-Za-z]{2,6}[_-](?=[A-Za-z]*\d)(?=\d*[A-Za-z])[A-Za-z0-9]{16,}
    | \b(?=[a-f]*\d)(?=\d*[a-f])[0-9a-f]{16,}\b
    | \b\d{3}-\d{2}-\d{4}\b        # social security
    | (?<!\w)\+\d(?:[ ().-]{0,2}\d){7,}      # phone numbers
    """.replace("{WORDS}", WORDS),
    re.VERBOSE,
)
PASSWORD = re.compile(r"(?=[^\d]*\d)(?=[^A-Za-z]*[A-Za-z])(?=.*[!$%^&*?~])[^\s/]{8,64}")
"""A whole text with letters, digits and signs that no name of a file, module or charset has."""
CARD = re.compile(r"\b(?:\d{4}(?:[ -]\d{4}){3}|\d{4}[ -]\d{6}[ -]\d{5})\b")
IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b")


def looks_secret(text: str) -> bool:
    """Whether a text has the shape of a secret, or has one in it."""
    return (
        SHAPES.search(text) is not None
        or PASSWORD.fullmatch(text) is not None
        or any(is_card(found.group()) for found in CARD.finditer(text))
        or any(is_iban(found.group()) for found in IBAN.finditer(text))
    )


def is_card(text: str) -> bool:
    """Whether the check digit of a card number is right (Luhn)."""
    digits = [int(digit) for digit in reversed(text) if digit.isdigit()]
    doubled = [sum(divmod(2 * digit, 10)) for digit in digits[1::2]]
    return (sum(digits[::2]) + sum(doubled)) % 10 == 0


def is_iban(text: str) -> bool:
    """Whether the check digits of an account number are right (ISO 13616)."""
    plain = text.replace(" ", "")
    return int("".join(str(int(sign, 36)) for sign in plain[4:] + plain[:4])) % 97 == 1
