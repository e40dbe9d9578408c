"""What was there before the first run of repeated work is not what the runs leave behind."""

import pytest

import leakwatch
from leakwatch.diagnosis.inspectors import INSPECTORS
from leakwatch.diagnosis.judgement import dead, undecided
from leakwatch.diagnosis.repeated_work import counts, with_ages
from leakwatch.model import Verdict


class Session:
    pass


class Shop:
    def __init__(self):
        self.open = {"sessions": []}
        self.latest = None


SHOP = Shop()
THERE_BEFORE = "was there before the first run"


@pytest.fixture(autouse=True)
def _few_runs_and_a_new_shop(monkeypatch):
    monkeypatch.setattr("leakwatch.growth.rounds.MOST_RUNS", 7)
    yield
    SHOP.__init__()  # type: ignore[misc]


def leak_of(work):
    (leak,) = leakwatch.hunt(work).leaks
    return leak


def suspects(leak):
    return [reference.name for reference in leak.suspects]


def test_a_leak_below_what_was_there_before_is_suspected_alone():
    leak = leak_of(lambda: SHOP.open["sessions"].append(Session()))
    names = [reference.name for reference in leak.path.references]
    assert names[:3] == [".SHOP", ".open", "['sessions']"]
    assert len(suspects(leak)) == 1
    assert suspects(leak) == names[3:]
    assert leak.path.references[3].reason == THERE_BEFORE


def test_a_leak_above_what_a_run_made_stays_in_the_window():
    leak = leak_of(lambda: SHOP.open["sessions"].append({"of": [Session()]}))
    assert suspects(leak)[1:] == ["['of']", "[0]"]
    assert THERE_BEFORE not in [reference.reason for reference in leak.path.references[4:]]


def test_what_a_run_replaces_was_not_there_before():
    def work():
        SHOP.latest = {"before": SHOP.latest, "session": Session()}

    assert suspects(leak_of(work))[0] == ".latest"


def test_a_scope_and_a_hunt_give_one_signature_though_the_scope_suspects_more():
    def work():
        SHOP.open["sessions"].append(Session())

    with leakwatch.scope("work", discover=True, on_leak=lambda report: None) as scope:
        work()
    (leak,) = scope.report.leaks
    assert leak.signature == leak_of(work).signature
    assert len(leak.suspects) > 1


@pytest.mark.parametrize("judge", [dead, undecided])
def test_age_decides_only_what_others_leave_open(judge):
    session = Session()
    inspector = with_ages([lambda subject: judge("closed")], {})
    answer = inspector(session)
    assert answer.verdict is (Verdict.LEAKING if judge is dead else Verdict.NOT_LEAKING)
    assert answer.reason == ("closed" if judge is dead else f"closed; {THERE_BEFORE}")


def test_what_was_born_in_a_run_is_left_undecided():
    session = Session()
    assert with_ages(INSPECTORS, {id(session): 3})(session).verdict is Verdict.UNKNOWN


def test_what_no_run_notes_has_no_age():
    assert not any(map(counts, (Session, pytest, "text")))
