"""A program runs under leakwatch as it runs under Python, and is judged when it has ended."""

import json
import shlex
import sys
import zipfile

import pytest

from leakwatch import Report

ENVIRONMENT = """
    import sys
    main = sys.modules["__main__"]
    print(sys.argv, sys.path[0], __name__, __file__, __package__, __spec__ and __spec__.name)
    print(main.__dict__ is globals(), type(__loader__).__name__, __builtins__.__name__)
"""

WITH_FIGURES = {"LEAKWATCH_DISABLE_PLUGINS": ""}


def own_output(result):
    """What the program itself printed: everything before the report."""
    return result.stdout.partition("leakwatch: ")[0]


def test_a_leak_is_reported_behind_the_programs_own_output(cli, leaky):
    result = cli("run", leaky, "a", "-o", "b")
    first, second, *_ = result.stdout.splitlines()
    assert first == "arguments ['a', '-o', 'b']"
    assert second.startswith("leakwatch: 1 leak at the end of leaky.py: 20 objects")
    assert "__main__.HANDLERS['user 0']" in result.stdout
    assert (result.returncode, result.stderr) == (0, "")


def test_a_clean_program_is_said_to_be_clean(cli):
    cli.write("clean.py", "print('done')")
    result = cli("run", "clean.py")
    assert result.stdout.startswith("done\nleakwatch: no leaks at the end of clean.py\n")
    assert result.returncode == 0


def test_with_a_file_the_programs_output_is_untouched(cli, leaky):
    result = cli("run", "-o", "leaks.json", leaky)
    assert result.stdout == "arguments []\n"
    assert result.stderr.startswith("leakwatch: 1 leak at the end of leaky.py: 20 objects")
    assert result.stderr.count("\n") == 1
    report = Report.load(cli.folder / "leaks.json")
    assert [(leak.type_name, leak.count) for leak in report.leaks] == [("__main__.Session", 20)]


def test_a_dash_means_stdout(cli, leaky):
    result = cli("run", "-o", "-", "--format", "json", leaky)
    report = json.loads(result.stdout.partition("\n")[2])
    assert (report["kind"], report["ok"], len(report["leaks"])) == ("run", False, 1)
    assert not (cli.folder / "-").exists()


@pytest.mark.parametrize(
    ("name", "command"),
    [
        ("script.py", ["script.py", "--x", "1"]),
        ("package/__main__.py", ["-m", "package", "--x", "1"]),
        ("package/part.py", ["-m", "package.part", "--x", "1"]),
        ("folder/__main__.py", ["folder", "--x", "1"]),
        ("deep/down/script.py", ["deep/down/script.py"]),
    ],
)
def test_a_program_finds_what_python_would_give_it(cli, name, command):
    cli.write(name, ENVIRONMENT)
    expected = cli.python(*command)
    result = cli("run", *command)
    assert own_output(result) == expected.stdout
    assert expected.returncode == result.returncode == 0


def test_a_zip_file_runs(cli):
    with zipfile.ZipFile(cli.folder / "app.zip", "w") as archive:
        archive.writestr("__main__.py", "import sys; print(sys.argv, sys.path[0], __file__)")
    expected = cli.python("app.zip", "x")
    assert own_output(cli("run", "app.zip", "x")) == expected.stdout


def test_everything_behind_the_program_is_its_own(cli, leaky):
    result = cli("run", "--", leaky, "--", "--help", "-m", "--types")
    assert own_output(result) == "arguments ['--', '--help', '-m', '--types']\n"


def test_a_safe_path_stays_safe(cli):
    cli.write("safe.py", "import sys; print(sys.path)")
    expected = cli.python("-P", "safe.py")
    assert own_output(cli.anew("run", "safe.py", python=["-P"])) == expected.stdout


@pytest.mark.parametrize(
    ("argument", "code", "stderr"),
    [
        ("", 0, ""),
        ("None", 0, ""),
        ("0", 0, ""),
        ("7", 7, ""),
        ("True", 1, ""),
        ("'no disk'", 1, "no disk\n"),
        ("('a', 1)", 1, "('a', 1)\n"),
    ],
)
def test_the_programs_exit_code_passes_through(cli, argument, code, stderr):
    cli.write("leave.py", f"import sys\nsys.exit({argument})")
    result = cli("run", "leave.py")
    assert (result.returncode, result.stderr) == (code, stderr)
    assert "leakwatch: no leaks" in result.stdout


def test_an_uncaught_exception_is_printed_as_python_prints_it(cli):
    cli.write(
        "broken.py",
        """
        def load():
            try:
                {}["key"]
            except KeyError as error:
                raise ValueError("no such user") from error

        load()
        """,
    )
    expected = cli.python("broken.py")
    result = cli("run", "broken.py")
    assert result.stderr == expected.stderr
    assert result.returncode == expected.returncode == 1


def test_a_syntax_error_is_printed_as_python_prints_it(cli):
    cli.write("syntax.py", "x = = 1")
    expected = cli.python("syntax.py")
    result = cli("run", "syntax.py")
    assert (result.stderr, result.returncode) == (expected.stderr, 1)


def test_the_programs_excepthook_is_called(cli):
    cli.write(
        "hooked.py",
        """
        import sys
        sys.excepthook = lambda kind, error, tb: print(kind.__name__, tb.tb_frame.f_code.co_name)
        1 / 0
        """,
    )
    result = cli("run", "hooked.py")
    assert own_output(result) == "ZeroDivisionError <module>\n"
    assert (result.returncode, result.stderr) == (1, "")


def test_what_an_uncaught_exception_held_is_no_leak(cli):
    cli.write(
        "failed.py",
        """
        class Session:
            pass

        def work():
            sessions = [Session() for _ in range(20)]
            raise RuntimeError("halfway")

        work()
        """,
    )
    result = cli("run", "failed.py")
    assert "leakwatch: no leaks at the end of failed.py" in result.stdout
    assert result.returncode == 1


def test_an_interrupted_program_is_judged_and_ends_with_130(cli):
    cli.write(
        "server.py",
        """
        import os, signal

        class Session:
            pass

        SESSIONS = [Session() for _ in range(9)]
        try:
            os.kill(os.getpid(), signal.SIGINT)
            signal.pause()
        finally:
            print("closed")
        """,
    )
    result = cli("run", "server.py")
    assert result.stdout.startswith("closed\nleakwatch: 1 leak at the end of server.py: 9 objects")
    assert result.stderr.endswith("KeyboardInterrupt\n")
    assert result.returncode == 130


def test_threads_are_waited_for_and_atexit_comes_after_the_judgement(cli):
    cli.write(
        "threads.py",
        """
        import atexit, threading
        from concurrent.futures import ThreadPoolExecutor

        class Job:
            pass

        JOBS = []
        main = threading.current_thread()

        def work():
            while "<module>" in names():
                pass
            JOBS.extend(Job() for _ in range(6))
            print("thread done")

        def names():
            import sys
            frame, found = sys._current_frames()[main.ident], []
            while frame is not None:
                if frame.f_globals.get("__file__") == __file__:
                    found.append(frame.f_code.co_name)
                frame = frame.f_back
            return found

        ThreadPoolExecutor(1).submit(int)
        threading.Thread(target=work).start()
        atexit.register(JOBS.clear)
        atexit.register(print, "atexit")
        """,
    )
    result = cli("run", "threads.py")
    assert result.stdout.startswith("thread done\nleakwatch: 1 leak at the end of threads.py: 6 ob")
    assert result.stdout.endswith("\natexit\n")


def test_the_main_module_keeps_its_name_though_multiprocessing_gives_it_another(cli):
    source = "class A: pass\nKEPT = [A() for _ in range(9)]\n"
    cli.write("plain.py", source)
    cli.write("with_processes.py", f"import multiprocessing\n{source}")
    for name in ("plain", "with_processes"):
        cli("run", "-o", f"{name}.json", f"{name}.py")
    plain, again = (Report.load(cli.folder / f"{it}.json") for it in ("plain", "with_processes"))
    assert again.leaks[0].path == plain.leaks[0].path
    assert again.leaks[0].signature == plain.leaks[0].signature


@pytest.mark.parametrize(("ending", "code"), [("", 1), ("raise SystemExit(4)", 4)])
def test_a_leak_fails_a_program_that_succeeded_if_asked_to(cli, leaky, ending, code):
    path = cli.folder / leaky
    path.write_text(path.read_text() + ending)
    assert cli("run", "--fail-on-leak", leaky).returncode == code


def test_a_leak_can_fail_by_configuration_and_a_flag_takes_it_back(cli, leaky):
    cli.write("leakwatch.toml", "fail_on_leak = true")
    assert cli("run", leaky).returncode == 1
    assert cli("run", "--no-fail-on-leak", leaky).returncode == 0


@pytest.mark.skipif(sys.platform != "linux", reason="figures of malloc's")
@pytest.mark.parametrize(("ending", "code"), [("", 1), ("raise SystemExit(4)", 4)])
def test_native_memory_fails_a_program_that_succeeded_if_asked_to(cli, ending, code):
    source = """
        import ctypes
        malloc = ctypes.CDLL(None).malloc
        malloc.restype = ctypes.c_void_p
        ctypes.memset(malloc(9 << 20), 1, 9 << 20)
        """
    cli.write("app.py", f"{source}{ending}")
    assert cli("run", "--fail-on-growth", "app.py", **WITH_FIGURES).returncode == code
    assert cli("run", "app.py", **WITH_FIGURES).returncode == (0 if not ending else code)


def test_a_program_that_only_imports_is_not_said_to_grow(cli):
    cli.write(
        "app.py", "import asyncio, ctypes, decimal, sqlite3, unittest.mock\nclass A: pass\nA()\n"
    )
    first = cli("run", "app.py", **WITH_FIGURES).stdout.splitlines()[0]
    assert first == "leakwatch: no leaks at the end of app.py"


def test_few_objects_are_told_in_one_line_and_are_no_leak(cli, leaky):
    result = cli("run", "--min-count", "21", "--fail-on-leak", leaky)
    assert "leakwatch: no leaks" in result.stdout
    assert "note: also alive at exit: 20 __main__.Session (fewer than 21 held" in result.stdout
    assert result.returncode == 0


def test_members_of_an_enumeration_classes_and_modules_are_no_leaks(cli):
    cli.write(
        "permanent.py",
        """
        import enum, types

        class Colour(enum.Enum):
            RED, GREEN, BLUE, WHITE, BLACK = range(5)

        class Meta(type):
            pass

        class Lazy(types.ModuleType):
            pass

        CLASSES = [Meta(f"Class{number}", (), {}) for number in range(6)]
        MODULES = [Lazy(f"module{number}") for number in range(6)]
        """,
    )
    result = cli("run", "--min-count", "1", "permanent.py")
    assert "leakwatch: no leaks" in result.stdout


def test_modules_beside_the_script_belong_to_the_program_and_libraries_do_not(cli):
    cli.write("shop/models.py", "class Cart: pass\nCARTS = [Cart() for _ in range(8)]")
    cli.write(
        "venv/lib/site-packages/library.py", "class Row: pass\nROWS = [Row() for _ in range(9)]"
    )
    cli.write(
        "main.py",
        """
        import sys
        sys.path.append("venv/lib/site-packages")
        import library, shop.models
        from collections import OrderedDict
        KEPT = [OrderedDict() for _ in range(7)]
        """,
    )
    result = cli("run", "main.py")
    assert "8 shop.models.Cart are held" in result.stdout
    assert "library.Row" not in result.stdout
    assert "OrderedDict" not in result.stdout


def test_a_program_that_is_installed_from_its_folder_is_judged_where_it_is_installed(cli):
    cli.write("src/shop/__init__.py", "")
    installed = "venv/lib/site-packages"
    cli.write(f"{installed}/shop/__init__.py", "class Cart: pass\nCARTS = []")
    cli.write(f"{installed}/library.py", "class Row: pass\nROWS = [Row() for _ in range(9)]")
    cli.write(
        "main.py",
        f"""
        import sys
        sys.path.append("{installed}")
        import library, shop
        shop.CARTS += [shop.Cart() for _ in range(8)]
        """,
    )
    result = cli("run", "main.py")
    assert "8 shop.Cart are held" in result.stdout
    assert "library.Row" not in result.stdout


@pytest.mark.parametrize("option", [["--types", "other.*,types:Simple*"], ["--types=all"]])
def test_types_chooses_what_is_judged(cli, option):
    cli.write(
        "kept.py",
        """
        from types import SimpleNamespace
        KEPT = [SimpleNamespace(number=number) for number in range(7)]
        """,
    )
    result = cli("run", *option, "kept.py")
    assert "7 types.SimpleNamespace are held" in result.stdout


@pytest.mark.parametrize("option", ["--fail-on-leak", "--no-fail-on-leak"])
def test_a_pattern_that_no_class_fits_is_no_clean_answer(cli, leaky, option):
    result = cli("run", option, "--types", "__main__:Sesion,__main__:Session", leaky)
    assert "1 leak at the end" in result.stdout
    assert "not judged: no class fits '__main__:Sesion'; did you mean '__main__:Session'?" in (
        result.stdout
    )
    assert result.returncode == 2


def test_a_pattern_for_what_the_program_imports_late_is_right(cli):
    cli.write("late.py", "class Cart: pass\nCARTS = [Cart() for _ in range(8)]")
    cli.write("main.py", "import sys\nif len(sys.argv) > 1: import late")
    result = cli("run", "--types", "late:*", "main.py", "now")
    assert (result.returncode, "8 late.Cart are held" in result.stdout) == (0, True)
    result = cli("run", "--types", "late:*", "main.py")
    assert (result.returncode, "not judged: no class fits 'late:*'" in result.stdout) == (2, True)


def test_the_heap_is_as_the_program_left_it(cli):
    cli.write(
        "collector.py",
        """
        import atexit, gc
        gc.set_threshold(123, 4, 5)
        gc.disable()
        state = lambda: print(gc.isenabled(), gc.get_threshold(), gc.get_freeze_count() < 1000)
        atexit.register(state)
        """,
    )
    result = cli("run", "collector.py")
    assert result.stdout.endswith("False (123, 4, 5) True\n")


def test_no_warning_filter_and_no_environment_is_left_to_the_program(cli):
    cli.write(
        "guest.py",
        """
        import os, sys, warnings
        print(warnings.filters)
        print(sorted(name for name in os.environ if name.startswith("LEAKWATCH")))
        print("asyncio" in sys.modules)
        """,
    )
    expected = cli.python("guest.py")
    result = cli("--disable-plugin", "memory", "run", "guest.py")
    assert own_output(result) == expected.stdout


@pytest.mark.parametrize(
    ("program", "message"),
    [
        (["nothing.py"], "no such file: nothing.py; give a script, or `-m`"),
        (["-m", "nothing"], "no module named 'nothing'"),
        (["-m", "nothing.below"], "no module named 'nothing.below'"),
        (["empty"], "empty has no __main__.py to run"),
        ([], "the following arguments are required: PROGRAM; see `leakwatch run --help`"),
        (["--nonsense", "x.py"], "there is no option --nonsense"),
        (["--min-count", "none", "x.py"], "--min-count: expected a whole number above 0"),
        (
            ["--format", "yaml", "x.py"],
            "flag --format: no format 'yaml'; expected one of brief, full, github, ",
        ),
        (["-o", "leaks.yaml", "x.py"], "leaks.yaml: suffix '.yaml' names no report format"),
        (["-o", "no/folder.json", "x.py"], "no/folder.json: there is no folder"),
        (["-o", "empty", "x.py"], "empty: it is a folder"),
    ],
)
def test_bad_usage_is_one_line_and_runs_nothing(cli, program, message):
    cli.write("x.py", "print('this must not run')")
    (cli.folder / "empty").mkdir()
    result = cli("run", *program)
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr.startswith("leakwatch: error: ")
    assert message in result.stderr
    assert result.stderr.count("\n") == 1


def test_a_report_that_cannot_be_written_goes_to_stderr(cli):
    cli.write("app.py", "import os; os.rmdir('out'); print('done')")
    (cli.folder / "out").mkdir()
    result = cli("run", "-o", "out/leaks.json", "app.py")
    assert (result.stdout, result.returncode) == ("done\n", 3)
    assert "out/leaks.json: cannot write the report" in result.stderr
    assert "leakwatch: no leaks at the end of app.py" in result.stderr


def test_a_program_that_closed_stdout_gets_its_report_on_stderr(cli):
    cli.write("closing.py", "import os, sys; exec(sys.argv[1])")
    for closing in ("sys.stdout.close()", "os.close(1)"):
        result = cli("run", "closing.py", closing)
        assert result.stderr.startswith("leakwatch: no leaks at the end of closing.py\n\nnote: ")
        assert result.returncode == 0
    both = cli("run", "closing.py", "sys.stdout.close(); sys.stderr.close()")
    assert (both.stdout, both.stderr, both.returncode) == ("", "", 3)


def test_a_report_that_stdout_cannot_take_is_on_stderr(cli):
    cli.write("app.py", "")
    command = [sys.executable, "-m", "leakwatch", "run", "app.py"]
    result = cli.execute(["bash", "-c", f"{shlex.join(command)} > /dev/full"])
    assert result.returncode == 3
    complaint, *report = result.stderr.splitlines()
    assert complaint == (
        "leakwatch: error: cannot write to stdout: No space left on device; choose another place"
    )
    assert report[0] == "leakwatch: no leaks at the end of app.py"
    assert report.count(report[0]) == 1


def test_the_report_is_where_it_was_asked_for_though_the_program_went_away(cli):
    cli.write("away.py", "import os, sys; os.mkdir('x'); os.chdir('x'); exec(sys.argv[1])")
    result = cli("run", "-o", "leaks.json", "away.py", "pass")
    assert result.stderr.endswith(f"the report is in {cli.folder / 'leaks.json'}\n")
    assert (cli.folder / "leaks.json").exists()
    (cli.folder / "x").rmdir()
    (cli.folder / "leaks.json").unlink()
    gone = cli("run", "-o", "leaks.json", "away.py", "os.rmdir(os.getcwd())")
    assert gone.returncode == 0
    assert (cli.folder / "leaks.json").exists()


def test_a_fault_of_leakwatch_hides_neither_output_nor_exit_code(cli):
    cli.write("saboteur.py", "import leakwatch.session as ours\ndel ours.judge\nprint(1)")
    result = cli("run", "saboteur.py")
    assert result.stdout.startswith("1\nleakwatch: not judged at the end of saboteur.py\n")
    assert "not judged: leakwatch itself failed: NameError: " in result.stdout
    assert result.returncode == 3
    assert result.stderr.startswith("leakwatch: error: a fault of leakwatch itself: NameError: ")
    assert result.stderr.count("\n") == 1
    assert "please report it, with this text" in result.stderr
    debugged = cli("run", "saboteur.py", LEAKWATCH_DEBUG="1")
    assert debugged.stderr.startswith("Traceback")


def test_a_reader_that_goes_away_is_no_error(cli, leaky):
    command = f"{sys.executable} -m leakwatch run {leaky} | head -n 1"
    shell = ["bash", "-o", "pipefail", "-c", command]
    result = cli.execute(shell)
    assert result.stdout == "arguments []\n"
    assert result.stderr == ""


def test_an_object_of_which_there_are_few_does_not_speak_for_the_many_it_holds(cli):
    cli.write(
        "app.py",
        """
        class Session: pass
        class App:
            def __init__(self):
                self.sessions = [Session() for _ in range(30)]
        app = App()
        """,
    )
    result = cli("run", "app.py")
    assert "30 __main__.Session are held, each like __main__.app.sessions[" in result.stdout
    assert "also alive at exit: 1 __main__.App" in result.stdout


def test_parts_of_a_leaking_object_and_links_of_a_chain_are_one_leak(cli):
    cli.write(
        "parts.py",
        """
        class User: pass
        class Session:
            def __init__(self, before):
                self.before = before
                self.user = User()
        last = None
        for _ in range(30):
            last = Session(last)
        """,
    )
    result = cli("run", "parts.py")
    assert "leakwatch: 1 leak at the end of parts.py: 30 objects" in result.stdout
    assert "30 __main__.Session are held, each like __main__.last" in result.stdout


def test_a_program_can_be_sampled_while_it_runs(cli):
    cli.write(
        "server.py",
        """
        import time, leakwatch
        class Page: pass
        KEPT = []
        with leakwatch.scope("outer") as outer:
            for _ in range(20):
                outer.track(Page())
                with leakwatch.scope("request") as request:
                    if len(KEPT) < 2:
                        KEPT.append(request.track(Page()))
                time.sleep(0.01)
        """,
    )
    cli("run", "--sample", "0.005", "-o", "r.json", "server.py", LEAKWATCH_DISABLE_PLUGINS="")
    memory = Report.load(cli.folder / "r.json").memory
    assert len(memory.samples) > 8
    last = memory.samples[-1].figures
    assert last["survivors"] == 2
    assert max(sample.figures["tracked"] for sample in memory.samples) > 0
    assert last["tracked"] == 0
    assert memory.change.get("threads", 0) == 0
    assert {sample.runs for sample in memory.samples} == {None}


BUSY = """
import time

def worked(seconds):
    until = time.process_time() + seconds
    while time.process_time() < until:
        pass

class Session: pass
class Article: pass
class Receipt: pass
"""


def test_what_main_has_in_its_variables_is_judged_before_they_go(cli):
    cli.write(
        "local.py",
        """
        class Session: pass
        class App:
            def __init__(self): self.sessions = {}

        def main(number):
            app = App()
            for it in range(number):
                app.sessions[it] = Session()

        if __name__ == "__main__":
            main(int("30"))
        """,
    )
    said = cli("run", "local.py").stdout
    assert "30 __main__.Session are held, each like running frame main() at" in said
    assert "LW109 local variable of a function that still ran" in said


@pytest.mark.parametrize("end", ["os.kill(os.getpid(), signal.SIGINT); await asyncio.sleep(9)", ""])
def test_the_variables_of_coroutines_are_judged_when_the_program_is_asked_to_end(cli, end):
    cli.write(
        "bot.py",
        f"""
        import asyncio, os, signal, time

        class Conversation: pass
        class Bot:
            def __init__(self): self.open = []

        async def main():
            bot = Bot()
            until = time.monotonic() + 0.5
            while time.monotonic() < until:
                await asyncio.sleep(0.01)
                bot.open.append(Conversation())
            {end}

        asyncio.run(main())
        """,
    )
    result = cli("run", "bot.py")
    assert "__main__.Conversation" in result.stdout.partition("are held")[0]
    assert "bot.open[" in result.stdout or "<local bot in main" in result.stdout
    assert result.returncode == (130 if end else 0)


def test_tables_and_buffers_do_not_grow_and_what_grows_is_told_with_its_rate(cli):
    cli.write(
        "service.py",
        BUSY
        + """
CATALOGUE = [Article() for _ in range(200)]
RECENT, SESSIONS = [], []

def serve():
    for _ in range(300):
        worked(0.002)
        SESSIONS.append(Session())
        RECENT.append(Receipt())
        del RECENT[:-50]

serve()
""",
    )
    said = cli("run", "service.py").stdout
    assert "leakwatch: 1 leak at the end" in said
    assert "__main__.Session (" in said
    assert "LW101 container that only grows" in said
    steady = said.partition("note: held at the end, but not growing while the program worked: ")[2]
    assert "200 __main__.Article" in steady
    assert "__main__.Receipt" in steady


def test_a_short_program_is_not_said_to_grow(cli, leaky):
    said = cli("run", leaky).stdout
    assert "LW101 container that still has them at the end" in said
    assert "Whether it grows was not measured" in said
    assert "only grows" not in said


def test_a_program_that_catches_ctrl_c_and_goes_on_ends_as_it_would(cli):
    cli.write(
        "patient.py",
        """
        import os, signal

        class Session: pass

        def main():
            kept = [Session() for _ in range(9)]
            try:
                os.kill(os.getpid(), signal.SIGINT)
                signal.pause()
            except KeyboardInterrupt:
                print("asked to end")

        main()
        """,
    )
    result = cli("run", "patient.py")
    assert result.stdout.startswith("asked to end\nleakwatch: 1 leak at the end of patient.py: 9")
    assert result.returncode == 0


def test_the_program_sees_its_own_handlers_and_threads(cli):
    cli.write(
        "guest.py",
        """
        import signal, threading
        print(signal.getsignal(signal.SIGINT) is signal.default_int_handler)
        handler = lambda *_: print("handled")
        print(signal.signal(signal.SIGTERM, handler), signal.getsignal(signal.SIGTERM) is handler)
        print(threading.active_count(), len(threading.enumerate()))
        signal.raise_signal(signal.SIGTERM)
        """,
    )
    assert own_output(cli("run", "guest.py")) == cli.python("guest.py").stdout


def test_of_very_many_objects_as_many_are_looked_at_as_there_is_time_for(cli):
    cli.write(
        "many.py",
        """
        class Node: pass
        class Session: pass
        NODES, SESSIONS = [Node() for _ in range(4_000)], [Session() for _ in range(9)]
        """,
    )
    said = cli("run", "--max-seconds", "0.05", "--types", "__main__:*", "many.py").stdout
    assert "4,000 __main__.Node are held" in said or "partial: stopped" in said
    assert "one in 4 was looked at" in said


def test_what_there_was_no_time_for_is_no_clean_answer(cli):
    cli.write(
        "app.py",
        """
        class Cart: pass
        class Order: pass
        CARTS = [Cart() for _ in range(20)]
        ORDERS = [Order() for _ in range(20)]
        """,
    )
    result = cli("run", "--max-seconds", "0.000001", "-o", "leaks.json", "app.py")
    report = Report.load(cli.folder / "leaks.json")
    assert report.partial == "stopped after 1e-06 seconds (max_seconds)"
    assert len(report.leaks) < 2
    assert (report.not_judged is None, result.returncode) == (bool(report.leaks), 3 * report.ok)
