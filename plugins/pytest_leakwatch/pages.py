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
        unfrozen: whether the pages have no window, for whoever uses the collector itself.
        left: whether something of it was alive when a page was closed.
    """

    number: int
    choice: Choice
    unfrozen: bool = False
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

    @property
    def unfrozen(self) -> bool:
        """Whether the page that is open now has no window."""
        return self._holders[-1].unfrozen

    def open(self, *, unfrozen: bool = False) -> None:
        """Start the first page, or the next one of the same owner after the ledger was closed.

        Args:
            unfrozen: whether it has no window, even if the owner does not use the collector.
        """
        self._ledger.open(unfrozen=unfrozen or self.unfrozen)

    def close(self) -> None:
        """Close the last page, and let the collector see the whole heap again."""
        if self._ledger.is_open:
            self.turn()
        self._ledger.close()

    def enter(self, number: int, choice: Choice, *, unfrozen: bool = False) -> None:
        """From now on what is born belongs to this owner.

        Args:
            number: of the owner.
            choice: what of it is judged.
            unfrozen: whether the owner uses the collector itself; then what lies inside does too.
        """
        unfrozen = unfrozen or self.unfrozen
        self._turn(unfrozen=unfrozen)
        self._holders.append(Holder(number, choice, unfrozen))

    def leave(self, *, tidy: bool = False) -> bool:
        """What is born from now on belongs to whoever was there before.

        Args:
            tidy: collect the garbage of the page first; asked for once in each test.

        Returns:
            whether an object of the owner is alive that is to be judged.
        """
        self._turn(tidy=tidy, unfrozen=self._holders[-2].unfrozen)
        return self._holders.pop().left

    def turn(self, *, tidy: bool = False) -> None:
        """Close the page and start the next one of the same owner."""
        self._turn(tidy=tidy, unfrozen=self.unfrozen)

    def hand_over(self, number: int) -> None:
        """Close the page; what is born from now on belongs to another owner in its place."""
        self.turn(tidy=True)
        self._holders[-1].number = number

    def thaw(self) -> None:
        """Go on without a window: the owner is about to use the collector itself."""
        self._turn(unfrozen=True)
        self._holders[-1].unfrozen = True

    def abandon(self) -> None:
        """Close the page and forget whoever it belonged to; the next one is nobody's."""
        del self._holders[1:]
        self._ledger.abandon()

    def _turn(self, *, tidy: bool = False, unfrozen: bool) -> None:
        holder = self._holders[-1]
        left = self._ledger.turn(holder.number, holder.choice, tidy=tidy, unfrozen=unfrozen)
        holder.left = holder.left or left
