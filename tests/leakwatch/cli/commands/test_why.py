"""`leakwatch why` asks a program at its end, or a saved report."""

from dataclasses import replace

import pytest

from leakwatch import Report
from leakwatch.cli.commands.why import MOST_NAMED


def test_a_type_of_a_program_is_explained_even_if_there_is_only_one(cli):
    cli.write(
        "shop.py",
        """
        import sys
        class Cart: pass
        CARTS = {"u42": Cart()}
        print(sys.argv)
        sys.exit(6)
        """,
    )
    result = cli("why", "Cart", "shop.py", "-o", "x")
    assert result.stdout.startswith("['shop.py', '-o', 'x']\nleakwatch: why Cart is alive")
    assert "__main__.CARTS['u42']" in result.stdout
    assert result.returncode == 6


def test_a_module_is_asked_with_m_as_for_run(cli):
    cli.write("shop/models.py", "class Cart: pass")
    cli.write("shop/__main__.py", "import shop.models as m; m.LAST = m.Cart()")
    result = cli("why", "shop.models.Cart", "-m", "shop")
    assert "held by shop.models.LAST" in result.stdout
    assert result.returncode == 0


def test_a_type_without_instances_is_said_to_have_none(cli):
    cli.write("shop.py", "class Cart: pass\nLAST = Cart()")
    result = cli("why", "__main__.Card", "shop.py")
    assert "did you mean __main__.Cart?" in result.stdout


@pytest.fixture
def saved(cli, leaky):
    cli("run", "-o", "leaks.json", leaky)
    report = Report.load(cli.folder / "leaks.json")
    replace(report, leaks=()).save(cli.folder / "none.json")
    replace(report, leaks=report.leaks * (MOST_NAMED + 3)).save(cli.folder / "many.json")
    return "leaks.json"


def test_a_leak_of_a_report_is_found_by_the_beginning_of_its_signature(cli, saved):
    signature = Report.load(cli.folder / saved).leaks[0].signature
    for wanted in (signature, signature[:5], "__main__.Session"):
        result = cli("why", "--report", saved, wanted)
        assert f"signature {signature}" in result.stdout
        assert result.returncode == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--report", "leaks.json", "nope"], "leaks.json: no leak 'nope'; expected one of "),
        (["--report", "none.json", "nope"], "none.json: no leak 'nope'; the report has no leaks"),
        (["--report", "many.json", "nope"], ", 3 more that `leakwatch report` shows\n"),
        (["--report", "leaks.json", "Session", "leaky.py"], "a program, not both"),
        (["Session"], "why needs a program behind the type"),
        (["Session", "-m"], "why needs a program behind the type"),
        ([], "the following arguments are required: TYPE"),
    ],
)
def test_bad_usage_is_one_line(cli, saved, arguments, message):
    result = cli("why", *arguments)
    assert (result.returncode, result.stdout) == (2, "")
    assert message in result.stderr
    assert result.stderr.count("\n") == 1


def test_every_root_is_told_on_request(cli, tmp_path):
    program = tmp_path / "shop.py"
    program.write_text(
        "class Cart: pass\nFIRST = [Cart()]\nSECOND = {'cart': FIRST[0]}\n", encoding="utf-8"
    )
    assert cli("why", "Cart", str(program)).stdout.count("is held by") == 1
    assert cli("why", "--all", "Cart", str(program)).stdout.count("is held by") == 2


@pytest.mark.parametrize("option", ["--all", "--retained"])
def test_a_saved_report_has_no_heap_to_ask(cli, option):
    done = cli("why", option, "--report", "leaks.json", "3f9c")
    assert done.returncode == 2
    assert f"why {option} needs a program" in done.stderr


def test_what_two_objects_share_is_counted_for_neither_when_sizes_are_exact(cli, tmp_path):
    program = tmp_path / "shop.py"
    program.write_text(
        "class Cart:\n    def __init__(self, *held): self.held = held\n"
        "shared = bytearray(1_000_000)\n"
        "FIRST = Cart(shared, bytearray(10_000))\nSECOND = Cart(shared)\ndel shared\n",
        encoding="utf-8",
    )

    def size(*options):
        cli("why", *options, "-o", str(tmp_path / "r.json"), "Cart", str(program))
        return sum(leak.retained_bytes for leak in Report.load(tmp_path / "r.json").leaks)

    assert size() > 1_010_000
    assert 10_000 < size("--retained") < 12_000


def test_without_an_answer_it_exits_3(cli):
    cli.write(
        "shop.py",
        "import leakwatch.cli.commands.why as ours, sys\nif sys.argv[1:]: del ours.explain",
    )
    nothing = cli("why", "Cart", "shop.py")
    assert "why Cart: no instance of it is alive that the collector knows" in nothing.stdout
    failed = cli("why", "Cart", "shop.py", "broken")
    assert "why Cart: leakwatch itself failed: NameError" in failed.stdout
    assert nothing.returncode == failed.returncode == 3
