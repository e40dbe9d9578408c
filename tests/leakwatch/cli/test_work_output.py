"""What the work of a hunt prints does not bury the report, and the report is never lost."""

import pytest


@pytest.fixture
def work(cli):
    return cli.write(
        "work.py",
        """
        import os, subprocess, sys
        class Order: pass
        ORDERS = []

        def noisy():
            ORDERS.append(Order())
            print("printed")
            os.write(2, b"written\\n")

        def failing():
            noisy()
            if len(ORDERS) == 25:
                raise KeyError("price")

        def quiet_later():
            if len(ORDERS) < 5:
                noisy()

        def closing():
            noisy()
            if len(ORDERS) == 12:
                sys.stdout.close()
                os.close(1)
        """,
    )


def test_the_output_of_later_calls_is_counted_only(cli, work):
    result = cli("hunt", "work:noisy")
    assert result.stdout.count("printed") == result.stderr.count("written") == 10
    assert "leakwatch: 1 leak in repeated runs of work.noisy" in result.stdout
    assert "lines that the work printed after its first 10 calls are not shown" in result.stderr
    assert result.returncode == 1


def test_all_output_is_shown_on_request(cli, work):
    result = cli("hunt", "--show-output", "work:noisy")
    assert result.stdout.count("printed") == result.stderr.count("written") > 10
    assert "not shown" not in result.stderr


def test_where_nothing_is_hidden_nothing_is_said(cli, work):
    result = cli("hunt", "work:quiet_later")
    assert result.stdout.count("printed") == 5
    assert "leakwatch" not in result.stderr


def test_the_exception_that_ends_the_work_is_shown(cli, work):
    result = cli("hunt", "work:failing")
    assert "KeyError: 'price'" in result.stderr
    assert "leakwatch: 1 leak in" in result.stdout
    assert "21 work.Order (1 per run) are held" in result.stdout
    assert "\npartial: the work raised KeyError after 21 runs\n" in result.stdout


def test_a_work_that_closes_stdout_loses_no_report(cli, work):
    result = cli("hunt", "work:closing")
    assert "work.Order" in result.stdout + result.stderr
    assert result.returncode in {1, 3}
