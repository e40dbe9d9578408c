"""Whatever ends a program, it is judged first, and then ends as it would have without us."""

import signal

import pytest

from leakwatch import Report

SERVER = """
    import os, signal, sys

    class Session:
        pass

    SESSIONS = [Session() for _ in range(9)]
    number = getattr(signal, sys.argv[1])

    def ours(stop):
        return {it: signal.signal(it, lambda *_: stop.append(1)) for it in (15, 2, 1)}

    def plain():
        os.kill(os.getpid(), number)
        signal.pause()

    def restores():
        # What uvicorn does: handlers of its own, then the former ones, then the signal again.
        stop = []
        before = ours(stop)
        os.kill(os.getpid(), number)
        assert stop
        for it, handler in before.items():
            signal.signal(it, handler)
        print("served", flush=True)
        signal.raise_signal(number)

    def resets():
        # The usual way to end by a signal: the handler makes place for the system's, by name or 0.
        for default in (signal.SIG_DFL, 0):
            signal.signal(number, default)
        assert signal.getsignal(number) == signal.SIG_DFL
        os.kill(os.getpid(), number)

    def ignores():
        signal.signal(number, signal.SIG_IGN)
        os.kill(os.getpid(), number)

    def exits():
        signal.signal(number, lambda *_: sys.exit(4))
        os.kill(os.getpid(), number)

    globals()[sys.argv[2]]()
"""


@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP", "SIGINT"])
@pytest.mark.parametrize("way", ["plain", "restores", "resets", "ignores", "exits"])
def test_a_signal_ends_a_program_behind_its_report(cli, name, way):
    cli.write("server.py", SERVER)
    result = cli("run", "-o", "r.json", "server.py", name, way)
    assert [leak.count for leak in Report.load(cli.folder / "r.json").leaks] == [9]
    expected = cli.python("server.py", name, way)
    assert result.stdout == expected.stdout
    uncaught = name == "SIGINT" and way in {"plain", "restores"}
    # Python itself ends by the signal there; the exit code is what a shell makes of that.
    assert expected.returncode == (-signal.SIGINT if uncaught else result.returncode)
    assert result.returncode == 130 if uncaught else result.stderr.count("\n") == 1


def test_what_is_ignored_from_the_start_still_is(cli):
    cli.write("server.py", "import os; os.kill(os.getpid(), 1); print('here')")
    result = cli.execute(["nohup", *cli.command("run", "server.py")])
    assert result.stdout.startswith("here\nleakwatch: no leaks")
    assert result.returncode == 0


def test_a_program_that_leaves_by_os_exit_is_judged_and_keeps_its_code(cli):
    cli.write("leaving.py", SERVER.partition("number")[0] + "\n    os._exit(5)\n")
    result = cli("run", "leaving.py")
    assert result.stdout.startswith("leakwatch: 1 leak at the end of leaving.py: 9 objects")
    assert result.returncode == 5


def test_functions_that_are_replaced_meanwhile_look_and_pickle_as_before(cli):
    cli.write(
        "looking.py",
        """
        import inspect, os, pickle, signal
        for function in (os._exit, os.execv, signal.signal, signal.getsignal):
            assert pickle.loads(pickle.dumps(function)) is function
            print(function.__name__, inspect.signature(function))
        assert os.posix_spawn.__name__ == "posix_spawn"
        print(signal.signal(signal.SIGTERM, print), signal.getsignal(signal.SIGTERM) is print)
        """,
    )
    shown = cli("run", "looking.py").stdout.partition("leakwatch:")[0]
    assert shown == cli.python("looking.py").stdout != ""


@pytest.mark.parametrize(("name", "code"), [("SIGINT", 130), ("SIGTERM", -15)])
def test_a_signal_during_the_judgement_ends_it_with_what_is_known(cli, name, code):
    cli.write(
        "twice.py",
        f"""
        import os, signal, leakwatch.session as ours
        class Session: pass
        KEPT = [Session() for _ in range(9)]
        ours.judge = lambda case: os.kill(os.getpid(), signal.{name}) or signal.pause()
        signal.signal(signal.SIGINT, lambda *_: print("the program's own"))
        print("done")
        """,
    )
    result = cli("run", "twice.py")
    reason = f"ended by {name} while it was judged"
    assert result.stdout.startswith("done\nleakwatch: not judged at the end of twice.py\n")
    assert f"\npartial: {reason}\nnot judged: {reason}\n" in result.stdout
    assert "note: alive at exit: 9 __main__.Session (not explained)" in result.stdout
    assert (result.stderr, result.returncode) == ("", code)
