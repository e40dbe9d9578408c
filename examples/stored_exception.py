"""Exceptions kept for a summary: each keeps its traceback, and that every local variable."""

FAILURES: list[ValueError] = []


class Upload:
    """A file on its way in."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.body = bytearray(10_000)


def store(number: int) -> None:
    """Store one upload; the odd ones are broken."""
    upload = Upload(number)
    if upload.number % 2:
        raise ValueError(f"upload {number} is broken")


def main() -> None:
    """Store forty uploads and sum up the failures."""
    for number in range(40):
        try:
            store(number)
        except ValueError as error:
            FAILURES.append(error)  # str(error) would do: this is the leak
    print(f"{len(FAILURES)} uploads failed")


if __name__ == "__main__":
    main()
