"""Keys as text: short, escaped, and masked where their shape is that of a secret.

One rule says which texts look like a secret, for every text of the program that is shown. A UUID
is masked although most are harmless: session ids are UUIDs too, and a path loses nothing, for a key
is no part of a signature. Names of constants, classes, files and places stay readable.
"""

import re
from functools import lru_cache

from leakwatch.heap.objects import identities, is_class, is_exactly, type_name

LONGEST = 40
LOOKED_AT = 5 * LONGEST
"""Characters of a key that are searched for secrets: what lies behind is not shown, and the search
takes the square of the length."""
WRITTEN = {"__annotate_func__": "__annotate__", "__annotations_cache__": "__annotations__"}
"""Attributes that a class has under another name than programs write (CPython 3.14 and later)."""
NUMBERS = identities((int, bool, type(None)))


def attribute_text(name: object) -> str:
    """`.name`, or an entry of the `__dict__` where it is no name that a program writes.

    A namespace may have any string for a key, and even keys that are no strings.
    """
    if type(name) is str and name.isidentifier() and not has_secret(name[:LOOKED_AT]):
        return f".{WRITTEN.get(name, name)}"
    return f".__dict__[{key_text(name)}]"


def key_text(key: object) -> str:
    """A mapping's key as Python would write it, safe to print.

    Only exact builtin types are shown; any other key is named by its type, for its `repr`
    is code of the program.
    """
    kind = type(key)
    if kind is str:
        return string_text(str(key))
    if is_exactly(key, NUMBERS):
        # Numbers of nine digits and more tend to be somebody's.
        number = str(key)
        return number if len(number) < 9 else f"<{len(number)} digits>"
    if kind is bytes:
        return "b'…'"
    if kind is tuple:
        return tuple_text(key)  # type: ignore[arg-type]
    if is_class(key):
        return type_name(key)  # type: ignore[arg-type]
    return f"<{type_name(kind)}>"


MOST_ELEMENTS = 6
"""Elements shown of a tuple that is a key; what a cache or a metric is keyed by has fewer."""


def tuple_text(key: tuple[object, ...]) -> str:
    """A key of several parts, element by element: of composite keys the values are the cause.

    Beside a part that is named after a secret all other texts are masked.
    """
    parts = key[:MOST_ELEMENTS]
    secret = any(type(part) is str and NAMES.search(part[:LOOKED_AT]) for part in parts)
    shown = [
        f"'{mask(part)}'" if secret and type(part) is str else key_text(part) for part in parts
    ]
    if len(key) > MOST_ELEMENTS:
        shown.append("…")
    return f"({', '.join(shown)}{',' * (len(key) == 1)})"


def string_text(text: str) -> str:
    """A string in quotes, or its length in place of what looks like a secret."""
    shown = QUERY.sub(r"\1…", text[:LOOKED_AT])
    if looks_secret(shown):
        return f"'{mask(text)}'"
    text = shown
    if len(text) > LONGEST:
        text = text[: LONGEST - 1] + "…"
    return ascii(text) if not text.isprintable() else repr(text)


SHAPES = re.compile(
    r"""
      (?<![^@\s])[^@\s]+?(?:@|%40)[^@\s]+\.[A-Za-z]{2,}\b      # e-mail addresses
    | ://[^/\s]*:[^/\s]*@          # credentials in a URL
    | ://[0-9a-f]{16,}@            # a key in the place of the user
    | -----BEGIN
    | \beyJ[\w-]{8,}               # JWT
    | (?<![A-Za-z0-9])MII[A-Za-z0-9+/]{12,}          # a key or certificate in DER
    | \b(?:AKIA|ASIA|AIza)[\w-]{12,}
    | \b(?:ya29\.|1//0|xox[a-z]-|xapp-)\S{8,}
    | \b(?:sk|pk|rk)_(?:live|test)_\w{8,}
    | \b(?:github_pat_|npm_|pypi-)[\w-]{16,}
    | \b[A-Za-z]{2,6}[_-](?=[A-Za-z]*\d)(?=\d*[A-Za-z])[A-Za-z0-9]{16,}
    | (?<![A-Za-z0-9])(?:[A-Z]{0,4}[0-9a-f]{16,}|[0-9A-F]{16,})(?![A-Za-z0-9])
    | (?i:\b[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\b)
    | \b\d{9,}\b                   # card and phone numbers
    | \b\d{3}-\d{2}-\d{4}\b        # social security
    | (?<!\w)\+\d(?:[ ().-]{0,2}\d){7,}      # phone numbers, with the country
    | (?<![\w.])(?:\(\d{3}\)\ ?|\d{3}[ .-])\d{3}[ .-]\d{4}(?![\w.])
    | (?<!\w)0(?=(?:[ /-]?\d){9})\d{1,4}[ /-]\d{2,4}[ /-]?\d{4,}
    | \b(?:Basic|Bearer)\s+(?=\S*[a-z][A-Z]|\S*\d)[\w.+/=-]{6,}
    | (?i:\b(?:authorization|cookie)["']?\s*[=:]\s*\S.*)
    | (?i:token|secret|passw(?:or)?d|pwd|(?:api|account|shared)[_-]?(?:access)?key|signature
        |sess(?:ion)?[_-]?id|\.sid)\w*["']?\s*[=:]\s*["']?[^\s=:]\S*
    """,
    re.VERBOSE,
)
NAMES = re.compile(r"(?i:token|secret|password|passwd|api[_-]?key|bearer|session[_-]?id)")
"""Keys with such a word are masked whole; in a sentence it is a word like any other."""
RUN = re.compile(r"[A-Za-z0-9+/_=-]{16,}")
TURN = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Za-z])(?=\d)|(?<=\d)(?=[A-Za-z])")
"""Where a capital follows a small letter, or letters and digits change over. Names have one in
seven characters or fewer, `SomeModel2024V2Serializer` one in five, random base64 and hex 3 in 7."""
WORDS = re.compile(r"_*(?:[a-z]{1,16}(?:[_/+-][a-z]{1,16})+|[A-Z]{1,16}(?:[_/+-][A-Z]{1,16})+)_*")
"""Words without digits and in one case, as names of modules and constants have them."""
PLAIN = re.compile(
    r"_*+[A-Z]?[a-z]{2,15}+(?:(?:_++[A-Z]?|[A-Z])[a-z]{2,15}+)*+_*+"
    r"|_*+[A-Z]{2,15}+(?:_++[A-Z]{2,15}+)*+_*+"
)
"""Most names of attributes; not asked further, for every global of a module may be asked for."""
TURNS = ((16, 3), (24, 4), (32, 5))
"""A run that long is random with a turn in so many characters."""
NO_NAME = 64
"""Characters of a run that is no name, unless it is made of words."""
PASSWORD = re.compile(r"(?=[^\d]*\d)(?=[^A-Za-z]*[A-Za-z])(?=.*[!$^&*?~])[^\s/]{8,64}")
"""A whole text with letters, digits and signs that no name of a file, module or charset has."""
CARD = re.compile(r"\b(?:\d{4}(?:[ -]\d{4}){3}|\d{4}[ -]\d{6}[ -]\d{5})\b")
IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b")
QUERY = re.compile(r"(://[^\s?]*\?)\S+")
"""The query of a URL, which has signatures and tokens under any name."""
BETWEEN = re.compile(r"""([\s'"(),;]+)""")


def looks_secret(key: str) -> bool:
    """Whether a key is named after a secret, has the shape of one, or has one in it."""
    return NAMES.search(key) is not None or has_secret(key)


def has_secret(text: str) -> bool:
    """Whether a text has the shape of a secret, or has one in it."""
    return PLAIN.fullmatch(text) is None and (
        SHAPES.search(text) is not None
        or PASSWORD.fullmatch(text) is not None
        or any(is_random(found.group()) for found in RUN.finditer(text))
        or any(is_card(found.group()) for found in CARD.finditer(text))
        or any(is_iban(found.group()) for found in IBAN.finditer(text))
    )


@lru_cache(maxsize=256)
def masked(text: str) -> str:
    """A sentence or a name with the length of each word in place of what looks like a secret."""
    text = QUERY.sub(r"\1…", text)
    if not has_secret(text):
        return text
    parts = BETWEEN.split(text)
    shown = "".join(mask(part) if has_secret(part) else part for part in parts)
    # Telephone numbers and headers have spaces: no word of them alone is one.
    shown = SHAPES.sub(lambda found: mask(found.group()), shown)
    return mask(text) if has_secret(shown) else shown


def mask(text: str) -> str:
    """What stands in place of a secret."""
    return f"<{len(text)} characters>"


def is_random(run: str) -> bool:
    """Whether nobody has typed a run of letters and digits."""
    if len(run) >= NO_NAME and WORDS.fullmatch(run) is None:
        return True
    turns = len(TURN.findall(run))
    return any(len(run) >= length and turns * every >= len(run) for length, every in TURNS)


def is_card(text: str) -> bool:
    """Whether the check digit of a card number is right (Luhn)."""
    digits = [int(digit) for digit in reversed(text) if digit.isdigit()]
    doubled = [sum(divmod(2 * digit, 10)) for digit in digits[1::2]]
    return (sum(digits[::2]) + sum(doubled)) % 10 == 0


def is_iban(text: str) -> bool:
    """Whether the check digits of an account number are right (ISO 13616)."""
    plain = text.replace(" ", "")
    return int("".join(str(int(sign, 36)) for sign in plain[4:] + plain[:4])) % 97 == 1
