"""`leakwatch_logging` in real programs: what stands on standard error, and what stays alive."""

import subprocess
import sys
import textwrap

LEAKY = """
    import gc, logging, sys, weakref
    import leakwatch, leakwatch_logging
    from leakwatch.session import plugins
    if "logging" not in plugins().names():
        plugins().register(leakwatch_logging, "logging")

    class Session:
        def __repr__(self):
            raise RuntimeError("the log asked for a repr")

    HANDLERS = {}

    def request():
        HANDLERS["checkout"] = leakwatch.track(Session())
"""


def run(program):
    code = textwrap.dedent(LEAKY) + textwrap.dedent(program)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done


def test_a_configured_program_reads_one_line_for_the_leak():
    done = run("""
        logging.basicConfig(level=logging.INFO, format="%(levelname)s:%(name)s:%(message)s")
        with leakwatch.scope("request"):
            request()
    """)
    (line,) = done.stderr.splitlines()
    assert line.startswith("WARNING:leakwatch:leak ")
    assert "in scope request: 1 __main__.Session held by __main__.HANDLERS['checkout']; " in line


def test_a_program_without_logging_gets_nothing_on_its_standard_error():
    done = run("""
        with leakwatch.scope("request"):
            request()
    """)
    assert done.stderr == ""


def test_a_debug_log_tells_when_scopes_open_and_end():
    done = run("""
        logging.basicConfig(level=logging.DEBUG, format="%(levelname)s %(message)s")
        with leakwatch.scope("request"):
            pass
    """)
    assert done.stderr.splitlines() == [
        "DEBUG scope request opened",
        "DEBUG scope request ended: leaks 0, known 0, in use 0",
    ]


def test_a_handler_that_keeps_every_record_keeps_no_survivor_alive():
    done = run("""
        kept = []
        handler = logging.Handler()
        handler.emit = kept.append
        logging.getLogger().addHandler(handler)
        logging.getLogger().setLevel(logging.DEBUG)
        with leakwatch.scope("request"):
            request()
        survivor = weakref.ref(HANDLERS.pop("checkout"))
        print(len(kept), survivor() is None)
    """)
    assert done.stdout.split() == ["3", "True"]


def test_a_broken_plugin_is_one_error_in_the_log():
    done = run("""
        import warnings
        warnings.simplefilter("ignore")

        class Broken:
            @leakwatch.hookimpl
            def leakwatch_inspectors(self):
                raise ValueError("bad idea")

        plugins().register(Broken(), "broken")
        logging.basicConfig(level=logging.ERROR, format="%(levelname)s %(message)s")
        for _ in range(2):
            with leakwatch.scope("request"):
                request()
    """)
    assert done.stderr == (
        "ERROR a part of leakwatch failed and was left out: "
        "plugin 'broken' failed in leakwatch_inspectors: ValueError: bad idea\n"
    )


def test_a_monitor_warns_of_a_cause_once_and_counts_it_when_it_finds_it_again():
    done = run("""
        import os, threading, time
        logging.basicConfig(level=logging.INFO, format="%(levelname)s %(message)s")

        def work():
            while True:
                HANDLERS[len(HANDLERS)] = Session()
                time.sleep(0.001)

        monitor = leakwatch.monitor(every=0.05, budget=1.0)
        threading.Thread(target=work, daemon=True).start()
        end = time.monotonic() + 40
        while time.monotonic() < end and max(monitor.status["causes"].values(), default=0) < 2:
            time.sleep(0.05)
        monitor.stop()
        os._exit(0)
    """)
    lines = [it.split(" in growing")[0] for it in done.stderr.splitlines() if " leak " in it]
    assert [it.split()[0] for it in lines] == ["WARNING", "INFO"]
    assert len({it.split()[2] for it in lines}) == 1
