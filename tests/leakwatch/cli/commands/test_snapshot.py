"""`leakwatch snapshot`, `run --snapshot-at-exit` and `report` of a heap: as users have them."""

import json

import pytest

KEEPS = """
class Cart:
    pass

CARTS = {}
for number in range(COUNT):
    CARTS[f"u{number}"] = Cart()
"""


@pytest.fixture
def heap(cli):
    cli.write("shop.py", KEEPS.replace("COUNT", "30"))
    result = cli("run", "--snapshot-at-exit", "heap.lwheap", "shop.py")
    assert result.returncode == 0
    assert "the heap is in heap.lwheap: " in result.stderr
    return "heap.lwheap"


def test_why_tells_what_run_told(cli, heap):
    told = cli("run", "--format", "json", "shop.py")
    (living,) = json.loads(told.stdout)["leaks"]
    result = cli("snapshot", "--format", "json", heap, "why", "__main__.Cart")
    assert result.returncode == 0
    (leak,) = json.loads(result.stdout)["leaks"]
    same = ("signature", "cause", "count", "type_name")
    assert [leak[it] for it in same] == [living[it] for it in same]
    assert leak["pattern"]["code"] == living["pattern"]["code"]
    assert "CARTS" in cli("snapshot", heap, "why", "Cart").stdout


def test_without_a_question_it_tells_what_is_in_the_file(cli, heap):
    result = cli("snapshot", heap)
    assert result.returncode == 0
    assert "references" in result.stdout
    assert cli("report", heap).stdout == result.stdout
    assert cli("report", "--format", "json", heap, heap).returncode == 2


def test_types_and_retained_are_tables_in_three_formats(cli, heap):
    types = json.loads(cli("snapshot", "--format", "json", "--top", "9999", heap, "types").stdout)
    assert [it["count"] for it in types["types"] if it["type_name"] == "__main__.Cart"] == [30]
    retained = cli("snapshot", "--format", "markdown", "--top", "3", heap, "retained").stdout
    assert len(retained.splitlines()) == 5
    result = cli("snapshot", "-o", "types.json", heap, "types")
    assert (result.returncode, result.stdout) == (0, "")
    assert json.loads((cli.folder / "types.json").read_text())["types"]
    assert cli("snapshot", "--format", "junit", heap, "types").returncode == 2


def test_diff_tells_what_became_more(cli, heap):
    cli.write("shop.py", KEEPS.replace("COUNT", "50"))
    cli("run", "--snapshot-at-exit", "new.lwheap", "shop.py")
    found = json.loads(cli("snapshot", "--format", "json", "new.lwheap", "diff", heap).stdout)
    assert [it["more"] for it in found["changes"] if it["type_name"] == "__main__.Cart"] == [20]
    (cause,) = [it for it in found["causes"] if it["type_name"] == "__main__.Cart"]
    assert (cause["fate"], cause["counts"]) == ("grew", [30, 50])
    shown = " ".join(cli("snapshot", "new.lwheap", "diff", heap, heap).stdout.split())
    assert " 30 > 30 > 50 __main__.Cart __main__.CARTS[*] " in shown
    assert cli("snapshot", heap, "why", "Cart", heap).returncode == 2
    assert "+20" in cli("snapshot", "new.lwheap", "diff", heap).stdout


def test_convert_writes_a_file_for_devtools(cli, heap):
    assert cli("snapshot", "-o", "x.heapsnapshot", heap, "convert").returncode == 0
    assert "nodes" in json.loads((cli.folder / "x.heapsnapshot").read_text())
    assert cli("snapshot", heap, "convert").returncode == 2
    assert cli("snapshot", "-o", "x.json", heap, "convert").returncode == 2


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (("why",), 2, "needs TYPE"),
        (("types", "Cart"), 2, "takes nothing behind it"),
        (("why", "__main__.Crat"), 3, "did you mean __main__.Cart"),
        (("types", "--top", "0"), 2, "expected 1 or more"),
        (("what",), 2, "duplicates, report, retained, roots, types, why"),
    ],
)
def test_what_is_asked_wrongly_is_told(cli, heap, arguments, code, told):
    result = cli("snapshot", heap, *arguments)
    assert result.returncode == code
    assert told in result.stderr + result.stdout


def test_what_is_no_snapshot_ends_with_2_and_the_reason(cli, heap):
    path = cli.folder / heap
    path.write_bytes(path.read_bytes()[:-100])
    for arguments in (("snapshot", heap), ("report", heap), ("snapshot", "none.lwheap")):
        result = cli(*arguments)
        assert result.returncode == 2
        assert result.stderr.startswith("leakwatch: error: ")
        assert len(result.stderr.splitlines()) == 1


def test_a_heap_that_cannot_be_written_ends_a_run_with_3(cli):
    cli.write("shop.py", "pass")
    result = cli("run", "--snapshot-at-exit", "nowhere/heap.lwheap", "shop.py")
    assert result.returncode == 3
    assert "cannot write the snapshot" in result.stderr


def test_options_stand_before_and_behind_the_words(cli, heap):
    before = cli("snapshot", "--top", "3", "--format", "json", heap, "types").stdout
    assert len(json.loads(before)["types"]) == 3
    assert cli("snapshot", heap, "--top", "3", "types", "--format", "json").stdout == before
    assert cli("snapshot", heap, "types", "--format=json", "--top=3").stdout == before
    assert "CARTS" in cli("snapshot", heap, "why", "--top", "3", "Cart").stdout
    assert "there is no option --tap" in cli("snapshot", heap, "types", "--tap", "3").stderr


def test_run_writes_no_heap_that_would_be_too_large(cli):
    cli.write("shop.py", KEEPS.replace("COUNT", "30"))
    limits = ("--snapshot-max-bytes", "10K", "--snapshot-keys", "none")
    result = cli("run", "--snapshot-at-exit", "heap.lwheap", *limits, "shop.py")
    assert result.returncode == 3
    assert "max_bytes is 10,240" in result.stderr
    assert not (cli.folder / "heap.lwheap").exists()


@pytest.mark.parametrize("size", ["0", "many", "-1", "5X"])
def test_a_size_that_is_none_is_refused(cli, size):
    result = cli("run", f"--snapshot-max-bytes={size}", "shop.py")
    assert result.returncode == 2
    assert "expected a size such as 500M" in result.stderr


def test_groups_roots_and_a_report_are_answered(cli, heap):
    by_type = ("retained", "--by", "type", "--top", "9999", "--format", "json")
    rows = json.loads(cli("snapshot", heap, *by_type).stdout)
    assert [it["count"] for it in rows["retained"] if it["name"] == "__main__.Cart"] == [30]
    assert "__main__" in cli("snapshot", heap, "retained", "--by=module", "--top=9999").stdout
    assert "module global" in cli("snapshot", heap, "roots", "--top=99", "--format=json").stdout
    report = json.loads(cli("snapshot", heap, "report", "--format", "json").stdout)
    assert [it["type_name"] for it in report["leaks"]] == ["__main__.Cart"]
    assert cli("snapshot", heap, "types", "--by", "type").returncode == 2
