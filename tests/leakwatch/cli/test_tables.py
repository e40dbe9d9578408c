"""An answer of several tables that Ctrl-C cuts short is what is known by then, and says so."""

import json

from leakwatch.cli.tables import FORMATS, Table, known


def test_the_tables_that_are_known_when_it_is_interrupted_are_the_answer():
    def answer():
        yield Table("types", ("objects", "type"), [(3, "shop.Cart")], [{"count": 3}])
        raise KeyboardInterrupt

    tables, code = known(answer)
    assert code == 130
    reason = "interrupted before the whole answer was known"
    assert json.loads(FORMATS["json"](tables)) == {"types": [{"count": 3}], "partial": reason}
    for name in ("text", "brief", "full"):
        assert FORMATS[name](tables).splitlines()[-1] == f"partial: {reason}"


def test_brief_tables_are_rows_alone():
    table = Table("types", ("objects", "type"), [(3, "shop.Cart"), (12, "shop.Order")], [])
    assert FORMATS["brief"]([table, table]) == " 3  shop.Cart\n12  shop.Order\n" * 2
