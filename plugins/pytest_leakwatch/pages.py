"""Whose page it is: tests, and in them fixtures of wider scope, which nest like calls."""

from dataclasses import dataclass

from pytest_leakwatch.ledger import NOBODY, Ledger
from pytest_leakwatch.selection import Choice


@dataclass(slots=True, eq=False, repr=False)
class Holder:
    """To whom the pages belong that are closed now.

    Attributes:
        number: of the owner.
        choice: what of the newborn is judged.
        left: whether something of it was alive when a page was closed.
    """

    number: int
    choice: Choice
    left: bool = False


class Pages:
    """Closes a page of the ledger whenever somebody else's work begins or ends.

    Args:
        ledger: takes the pages.
        choice: what of the newborn is judged where nobody says otherwise.
    """

    def __init__(self, ledger: Ledger, choice: Choice) -> None:
        self._ledger = ledger
        self._holders = [Holder(NOBODY, choice)]

    def enter(self, number: int, choice: Choice) -> None:
        """From now on what is born belongs to this owner."""
        self.turn()
        self._holders.append(Holder(number, choice))

    def leave(self, *, tidy: bool = False) -> bool:
        """What is born from now on belongs to whoever was there before.

        Args:
            tidy: collect the garbage of the page first; asked for once in each test.

        Returns:
            whether an object of the owner is alive that is to be judged.
        """
        self.turn(tidy=tidy)
        return self._holders.pop().left

    def turn(self, *, tidy: bool = False) -> None:
        """Close the page and start the next one of the same owner."""
        holder = self._holders[-1]
        left = self._ledger.turn(holder.number, holder.choice, tidy=tidy)
        holder.left = holder.left or left

    def hand_over(self, number: int) -> None:
        """Close the page; what is born from now on belongs to another owner in its place."""
        self.turn(tidy=True)
        self._holders[-1].number = number
