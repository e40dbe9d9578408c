"""`leakwatch hunt` repeats a function of the current folder."""

import pytest

from leakwatch import Report


@pytest.fixture
def work(cli):
    return cli.write(
        "work.py",
        """
        class Order: pass
        ORDERS = []

        def leaky():
            ORDERS.append(Order())

        async def leaky_too():
            ORDERS.append(Order())

        def clean(number=1):
            return Order()

        def greedy(number):
            return Order()

        def broken():
            raise KeyError("price")

        def leaving():
            raise SystemExit(3)

        class Client:
            @staticmethod
            def ping():
                return Order()
        """,
    )


@pytest.mark.parametrize("name", ["leaky", "leaky_too"])
def test_growth_is_reported_with_1(cli, work, name):
    result = cli("hunt", "-o", "growth.json", f"work:{name}")
    assert (result.stdout, result.returncode) == ("", 1)
    (leak,) = Report.load(cli.folder / "growth.json").leaks
    assert (leak.type_name, leak.growth) == ("work.Order", 1)


@pytest.mark.parametrize("name", ["clean", "Client.ping"])
def test_work_without_growth_is_clean(cli, work, name):
    result = cli("hunt", "--runs", "5", "--warmup", "1", f"work:{name}")
    assert result.stdout.startswith("leakwatch: no leaks in repeated runs of work.")
    assert result.returncode == 0


def test_work_that_raises_shows_its_traceback_only(cli, work):
    result = cli("hunt", "work:broken")
    assert result.returncode == 2
    assert result.stderr.startswith("Traceback")
    assert "growth.py" not in result.stderr
    assert result.stderr.endswith(
        "leakwatch: error: work:broken raised KeyError; make it work, then hunt in it\n"
    )


def test_a_module_that_raises_shows_its_own_frames_only(cli):
    cli.write("early.py", "raise KeyError('price')")
    result = cli("hunt", "early:work")
    assert result.returncode == 2
    assert result.stderr.splitlines()[1].endswith('early.py", line 1, in <module>')
    assert "importlib" not in result.stderr
    assert result.stderr.endswith("early raised KeyError when imported; make `import early` work\n")


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ("work", "'work': expected MODULE:FUNCTION, such as tests.work:checkout"),
        ("wrok:leaky", "no module named 'wrok', looked in the current folder and on sys.path"),
        ("work:leeky", "work:leeky: there is no 'leeky'; did you mean 'leaky'?"),
        ("work:ORDERS", "work:ORDERS is no function but of type list"),
        ("work:greedy", "work:greedy cannot be called without arguments"),
        ("needy:work", "needy: No module named 'no_such_library'; install it, or set PYTHONPATH"),
        ("work.py:leaky", "not of a file; did you mean work:leaky?"),
        ("work:leaving", "work:leaving called sys.exit; name a function that returns"),
        ("leaving:work", "leaving calls sys.exit when imported; put that below `if __name__"),
        ("work:leaky --runs 1", "hunt needs runs >= 2"),
        ("work:leaky --runs x", "argument --runs: invalid int value: 'x'"),
    ],
)
def test_a_bad_target_is_one_line(cli, work, target, message):
    cli.write("needy.py", "import no_such_library")
    cli.write("leaving.py", "raise SystemExit(3)")
    result = cli("hunt", *target.split())
    assert (result.returncode, result.stdout) == (2, "")
    assert message in result.stderr
    assert result.stderr.count("\n") == 1
