"""The children of a program are judged where that was asked for, and else are counted."""

import json
import sys

import pytest

from leakwatch import Report

CHILDREN = """
    import multiprocessing, os, signal, subprocess, sys

    class Cart:
        pass

    KEPT = []

    def work(number):
        KEPT.extend(Cart() for _ in range(number))

    def through_multiprocessing():
        fork = multiprocessing.get_context("fork")
        children = [fork.Process(target=work, args=(number,)) for number in (10, 20)]
        for child in children:
            child.start()

    def through_a_pool():
        with multiprocessing.get_context("fork").Pool(1) as pool:
            pool.map(work, [8])

    def by_hand(end):
        child = os.fork()
        if not child:
            work(7)
            end()
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])

    def other_programs():
        subprocess.run(["true"])
        subprocess.run(["true"], preexec_fn=int)
        os.waitpid(os.posix_spawn("/bin/true", ["true"], os.environ), 0)
        os.spawnvp(os.P_WAIT, "true", ["true"])

    def pythons():
        subprocess.run([sys.executable, "-c", ""])
        os.spawnv(os.P_WAIT, sys.executable, [sys.executable, "-c", ""])
        spawned = multiprocessing.get_context("spawn").Process(target=int)
        spawned.start()
        spawned.join()

    if __name__ == "__main__":
        for way in sys.argv[1:]:
            print(eval(way), flush=True)
"""


@pytest.fixture
def children(cli):
    cli.write("app.py", CHILDREN)
    return "app.py"


def reports(cli):
    return [Report.load(file) for file in sorted(cli.folder.glob("leaks-*.json"))]


def test_each_process_makes_a_report_and_one_text_tells_of_all(cli, children):
    ways = ["by_hand(lambda: os._exit(3))", "by_hand(sys.exit)", "through_multiprocessing()"]
    result = cli("run", "-o", "leaks-{pid}.json", children, *ways)
    assert result.stdout == "3\n0\nNone\n"
    counts = sorted(sum(leak.count for leak in report.leaks) for report in reports(cli))
    assert counts == [0, 7, 7, 10, 20]
    told = result.stderr.partition("1 leak at the end of app.py: 44 objects")[2]
    assert "reason found in 4 of 5 processes\n" in told
    assert "not judged" not in told
    assert result.returncode == 0


def test_workers_that_are_ended_by_a_signal_are_judged_too(cli, children):
    kill = "os.kill(os.getpid(), signal.{}) or signal.pause()"
    ways = ["through_a_pool()", f"by_hand(lambda: {kill.format('SIGTERM')})"]
    result = cli("run", "--fail-on-leak", "-o", "leaks-{pid}.json", children, *ways)
    assert result.stdout == "None\n-15\n"
    assert sorted(sum(it.count for it in report.leaks) for report in reports(cli)) == [0, 7, 8]
    assert result.returncode == 1
    killed = cli(
        "run", "-o", "k-{pid}.json", children, f"by_hand(lambda: {kill.format('SIGKILL')})"
    )
    assert "\nnot judged: 1 forked child ended without a report, or still running" in killed.stderr
    assert killed.returncode == 3


def test_a_signal_at_any_line_of_the_end_of_a_child_loses_no_report(cli):
    cli.write(
        "app.py",
        """
        import os, signal, sys

        class Cart:
            pass

        def kill_at(line):
            def trace(frame, event, argument):
                nonlocal line
                name = frame.f_code.co_name
                ours = frame.f_code.co_filename.endswith(("cli/commands/run.py", "cli/endings.py"))
                if ours and name not in ("_by_signal", "_stop") and event == "line":
                    line -= 1
                    if not line:
                        sys.settrace(None)
                        os.kill(os.getpid(), signal.SIGTERM)
                return trace
            return trace

        for line in range(1, 31):
            if not os.fork():
                KEPT = [Cart() for _ in range(5)]
                sys.settrace(kill_at(line))
                os._exit(0)
            os.wait()
        """,
    )
    cli("run", "-o", "leaks-{pid}.json", "app.py")
    found = [sum(leak.count for leak in report.leaks) for report in reports(cli)]
    assert sorted(found) == [0] + [5] * 30


def test_children_that_are_not_judged_are_a_gap_unless_they_are_left_aside(cli, children):
    ways = ["by_hand(sys.exit)", "through_multiprocessing()", "other_programs()", "pythons()"]
    result = cli("run", "--format", "json", children, *ways)
    report = json.loads(result.stdout[result.stdout.index("{") :])
    assert report["not_judged"] == (
        "3 forked children not judged; -o 'leaks-{pid}.json' makes a report of each too; "
        "3 Python processes that it started anew, by spawn or as a command, cannot be judged"
    )
    assert result.returncode == 3
    aside = cli("run", "--ignore-children", children, *ways)
    assert "leakwatch: no leaks at the end of app.py" in aside.stdout
    assert aside.returncode == 0


def test_other_programs_and_our_own_judgements_are_no_children(cli, children):
    own = "__import__('leakwatch').why(Cart, analyse='fork').scope"
    result = cli("run", children, "other_programs()", own)
    assert "leakwatch: no leaks at the end of app.py" in result.stdout
    assert result.returncode == 0


def test_a_child_says_nothing_on_stdout_and_no_folder_is_left(cli, children, tmp_path):
    result = cli("run", children, "by_hand(sys.exit)", TMPDIR=str(tmp_path))
    assert result.stdout.count("leakwatch: ") == 1
    assert [path.name for path in tmp_path.iterdir()] == ["app.py"]


def test_a_script_of_this_python_is_a_python_too(cli, children):
    cli.write("tool", f"#!{sys.executable}\nprint('tool')").chmod(0o755)
    result = cli("run", children, "subprocess.run(['./tool']).returncode")
    assert "not judged: 1 Python process that it started anew" in result.stdout


def test_a_program_that_becomes_another_one_is_said_not_to_be_judged(cli, children):
    result = cli("run", children, "os.execvp('true', ['true'])")
    assert (result.stdout, result.returncode) == ("", 0)
    assert result.stderr == (
        "leakwatch: warning: the program replaces itself by another one (exec), so nothing will be "
        "judged\n"
    )
