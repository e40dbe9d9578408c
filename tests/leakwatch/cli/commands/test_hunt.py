"""`leakwatch hunt` repeats a function of the current folder."""

import sys

import pytest

from leakwatch import Report

WITH_FIGURES = {"LEAKWATCH_DISABLE_PLUGINS": ""}


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
        (
            "work",
            "'work': expected MODULE:FUNCTION or FILE.py:FUNCTION, such as tests.work:checkout",
        ),
        ("wrok:leaky", "no module named 'wrok', looked in the current folder and on sys.path"),
        ("work:leeky", "work:leeky: there is no 'leeky'; did you mean 'leaky'?"),
        ("work:ORDERS", "work:ORDERS is no function but of type list"),
        ("work:greedy", "work:greedy cannot be called without arguments"),
        ("needy:work", "needy: No module named 'no_such_library'; install it, or set PYTHONPATH"),
        ("wrok.py:leaky", "wrok.py:leaky: there is no file wrok.py"),
        ("my-work.py:leaky", "my-work.py:leaky: there is no file my-work.py"),
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


@pytest.mark.parametrize("kind", ["def", "async def"])
@pytest.mark.parametrize(
    ("at", "partial", "leaks"),
    [(5, "interrupted before 4 runs were judged", 0), (9, "interrupted after 5 runs", 1)],
)
def test_an_interrupt_in_the_work_ends_it_with_what_is_known(cli, kind, at, partial, leaks):
    cli.write(
        "work.py",
        f"""
        import os, signal
        class Order: pass
        ORDERS = []
        {kind} leaky():
            ORDERS.append(Order())
            if len(ORDERS) == {at}:
                os.kill(os.getpid(), signal.SIGINT)
        """,
    )
    result = cli("hunt", "-o", "growth.json", "work:leaky")
    report = Report.load(cli.folder / "growth.json")
    assert (report.partial, len(report.leaks)) == (partial, leaks)
    assert report.not_judged == (None if leaks else partial)
    assert result.stderr.endswith(f": {partial}\n")
    assert "Traceback" not in result.stderr
    assert result.returncode == 130


@pytest.mark.parametrize("first", ["", "work.stop()"])
def test_an_interrupt_in_the_judgement_ends_it_with_what_is_known(cli, first):
    cli.write(
        "work.py",
        f"""
        import os, signal, leakwatch.session as ours
        class Order: pass
        ORDERS = []
        def stop(case=None):
            os.kill(os.getpid(), signal.SIGINT)
            signal.pause()
        def leaky():
            ORDERS.append(Order())
            if len(ORDERS) == 9:
                {first.removeprefix("work.") or "pass"}
        ours.judge = stop
        """,
    )
    result = cli("hunt", "work:leaky")
    reason = "interrupted while the survivors were judged"
    assert result.stdout.startswith("leakwatch: not judged in repeated runs of work.leaky")
    assert f"\npartial: {reason}\nnot judged: {reason}\nnote: the work was done " in result.stdout
    assert (result.stderr, result.returncode) == ("", 130)


def test_a_fault_of_leakwatch_is_a_report_without_judgement(cli, work):
    work.write_text("import leakwatch.session as ours\ndel ours.judge\ndef leaky(): pass")
    result = cli("hunt", "-o", "growth.json", "work:leaky")
    assert "leakwatch itself failed" in Report.load(cli.folder / "growth.json").not_judged
    assert "please report it" in result.stderr
    assert result.returncode == 3


@pytest.mark.skipif(sys.platform != "linux", reason="figures of malloc's")
def test_memory_that_grows_without_a_leak_of_objects_fails_if_asked_to(cli):
    cli.write(
        "buffers.py",
        """
        import ctypes
        malloc = ctypes.CDLL(None).malloc

        def forgotten():
            malloc(5_000)

        def freed():
            bytearray(5_000)
        """,
    )
    assert cli("hunt", "buffers:forgotten", **WITH_FIGURES).returncode == 0
    failed = cli("hunt", "--fail-on-growth", "buffers:forgotten", **WITH_FIGURES)
    assert failed.returncode == 1
    assert "but the process grows: native" in failed.stdout
    assert "memory: next   `memray run --native" in failed.stdout
    assert cli("hunt", "--fail-on-growth", "buffers:freed", **WITH_FIGURES).returncode == 0
    cli.write("leakwatch.toml", "fail_on_growth = true")
    assert cli("hunt", "buffers:forgotten", **WITH_FIGURES).returncode == 1
    assert cli("hunt", "--no-fail-on-growth", "buffers:forgotten", **WITH_FIGURES).returncode == 0
