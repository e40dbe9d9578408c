"""`leakwatch diff` and `leakwatch verify`: what became of the leaks."""

import json

import pytest


@pytest.fixture
def old(cli, leaky):
    cli("run", "-o", "old.json", leaky)
    return "old.json"


def edited(cli, before, after):
    path = cli.folder / "leaky.py"
    path.write_text(path.read_text().replace(before, after))


def test_two_equal_reports_have_nothing_new(cli, old):
    result = cli("diff", old, old)
    assert result.returncode == 0
    assert result.stdout == "leakwatch: old.json -> old.json: 1 unchanged\n"


def test_what_grew_fails_the_comparison(cli, old):
    edited(cli, "range(20)", "range(30)")
    cli("run", "-o", "new.json", "leaky.py")
    result = cli("diff", old, "new.json")
    assert result.returncode == 1
    assert "20 -> 30 __main__.Session" in result.stdout
    assert cli("diff", "new.json", old).returncode == 0


def test_reports_of_other_work_are_compared_and_told_apart(cli, old):
    cli.write("other.py", "")
    cli("run", "-o", "other.json", "other.py")
    result = cli("diff", old, "other.json")
    said = "note: not the same work: old.json is of 'leaky.py', other.json of 'other.py'\n"
    assert result.stdout.endswith(said)
    assert result.returncode == 0
    verified = cli("verify", old, "--", "other.py")
    assert "not the same work: old.json is of 'leaky.py', the second run of 'other.py'" in (
        verified.stdout
    )


@pytest.mark.parametrize(
    ("suffix", "sign"), [("md", "## leakwatch"), ("json", "{"), ("txt", "leak")]
)
def test_the_suffix_decides_the_format(cli, old, suffix, sign):
    result = cli("diff", "-o", f"out.{suffix}", old, old)
    assert result.returncode == 0
    assert result.stdout == ""
    assert (cli.folder / f"out.{suffix}").read_text().startswith(sign)


def test_json_tells_both_sides(cli, old):
    found = json.loads(cli("diff", "--format", "json", old, old).stdout)
    assert found["schema"] == "leakwatch.diff/1"
    assert found["leaks"][0]["before"] == found["leaks"][0]["after"]


@pytest.mark.parametrize("command", ["diff", "verify"])
def test_a_file_that_is_no_report_is_named_with_its_line(cli, old, command):
    cli.write("broken.json", "{\n  nonsense\n}\n")
    rest = [old] if command == "diff" else ["--", "leaky.py"]
    result = cli(command, "broken.json", *rest)
    assert result.returncode == 2
    assert "broken.json: line 2" in result.stderr


def test_a_leak_that_is_gone_is_fixed(cli, old):
    edited(cli, "range(20)", "range(0)")
    result = cli("verify", old, "--", "leaky.py", "--port", "80")
    assert result.returncode == 0, result.stderr
    assert "1 fixed" in result.stdout
    assert "['--port', '80']" in result.stderr


@pytest.mark.parametrize(
    ("before", "after", "word"),
    [
        ("", "", "unchanged"),
        ("range(20)", "range(30)", "grown"),
        ("range(20)", "range(10)", "shrunk"),
        ("HANDLERS", "SESSIONS", "moved"),
    ],
)
def test_a_leak_that_is_there_is_not_fixed(cli, old, before, after, word):
    if before:
        edited(cli, before, after)
    result = cli("verify", old, "--", "python", "leaky.py")
    assert result.returncode == 1
    assert f"1 {word}" in result.stdout


def test_a_program_that_fails_proves_nothing(cli, old):
    edited(cli, "HANDLERS =", "raise SystemExit(3)\nHANDLERS =")
    result = cli("verify", old, "--", "leaky.py")
    assert result.returncode == 2
    assert "exited with 3" in result.stderr
    assert cli("verify", "--any-exit", old, "--", "leaky.py").returncode == 0


def test_the_baseline_is_left_aside(cli, old):
    cli("baseline", "--write", old)
    assert cli("verify", old, "--", "leaky.py").returncode == 1


def test_other_leaks_are_told_and_fail_nothing(cli, old):
    edited(cli, "HANDLERS =", "class Cart: ...\nCARTS = [Cart() for _ in range(9)]\nDONE =")
    edited(cli, "range(20)", "range(0)")
    result = cli("verify", old, "--", "leaky.py")
    assert result.returncode == 0
    assert "also found, and not in old.json: 1 leak of __main__.Cart" in result.stdout


def test_a_hunt_is_hunted_again(cli):
    cli.write("work.py", "OPEN = []\nclass Cart: ...\ndef shop():\n    OPEN.append(Cart())\n")
    cli("hunt", "-o", "old.json", "work:shop")
    assert cli("verify", "old.json", "--", "work:shop").returncode == 1
    cli.write("work.py", "OPEN = []\nclass Cart: ...\ndef shop():\n    Cart()\n")
    assert cli("verify", "old.json", "--", "work:shop").returncode == 0


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [(["old.json"], "needs a command"), (["scope.json", "--", "app.py"], "made by the program")],
)
def test_what_cannot_be_verified_is_said(cli, old, arguments, complaint):
    report = json.loads((cli.folder / old).read_text()) | {"kind": "scope", "scope": "checkout"}
    cli.write("scope.json", json.dumps(report))
    result = cli("verify", *arguments)
    assert result.returncode == 2
    assert complaint in result.stderr


def test_a_report_of_pytest_is_verified_by_pytest(cli):
    shop = "CARTS = []\nclass Cart: ...\n"
    leaking = shop + "def test_shop():\n    CARTS.append(Cart())\n"
    with_plugin = {"LEAKWATCH_DISABLE_PLUGINS": "", "PYTEST_ADDOPTS": ""}
    cli.write("test_shop.py", leaking)
    made = cli.python(
        *("-m", "pytest", "-q", "--leakwatch=report", "--leakwatch-report=old.json"), **with_plugin
    )
    assert made.returncode == 0, made.stdout + made.stderr
    again = cli("verify", "old.json", "--", "pytest", "-q", "test_shop.py", **with_plugin)
    assert again.returncode == 1, again.stderr
    assert "1 unchanged" in again.stdout
    cli.write("test_shop.py", leaking.replace("CARTS.append(Cart())", "Cart()"))
    fixed = cli("verify", "old.json", "--", "pytest", "-q", "test_shop.py", **with_plugin)
    assert fixed.returncode == 0, fixed.stderr
    assert "1 fixed" in fixed.stdout
