"""A leak inside a weak container reads the same, whichever build of the container is in use."""

import os
import subprocess
import sys
import textwrap

PROGRAM = """
import leakwatch, weakrefs

class Screen: pass
class Key: pass

KEY, CACHE = Key(), weakrefs.WeakKeyDictionary()
VALUES = weakrefs.WeakValueDictionary()
VALUES.notes = []
with leakwatch.scope("show") as scope:
    CACHE[KEY] = leakwatch.track(Screen())
    VALUES[leakwatch.track(Screen())] = KEY
    VALUES.notes.append(leakwatch.track(Screen()))
for leak in scope.report.leaks:
    print(leak.signature, leak.path)
"""


def leaks(pure):
    command = [sys.executable, "-c", textwrap.dedent(PROGRAM)]
    environment = os.environ | {"LEAKWATCH_PURE": pure}
    result = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    return result.stdout


def test_both_builds_give_the_same_paths_and_signatures():
    native = leaks("")
    assert native == leaks("1")
    assert native.count(".data -> dict") == 2
    assert ".notes -> list" in native
    assert "held inside" not in native
