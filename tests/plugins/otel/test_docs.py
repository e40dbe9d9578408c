"""The page names every instrument, and no other."""

import re

from leakwatch_otel.exporting import Counts, instruments
from tests.printed import ROOT

PAGE = (ROOT / "docs" / "how-to" / "metrics.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| `(leakwatch\.[\w.]+)` \|", re.MULTILINE)


class Meter:
    """Notes the names of instruments."""

    def __init__(self):
        self.names = []

    def create(self, name, *others):
        self.names.append(name)

    create_observable_counter = create_observable_gauge = create


def test_the_page_has_every_instrument():
    meter = Meter()
    instruments(meter, Counts(1))
    assert ROW.findall(PAGE) == meter.names
