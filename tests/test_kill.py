"""A killed command leaves the old or the new file. `python -m tests.kill` does it at length."""

# Some of these tests take over 3 s: a command is started and killed again and again, at another
# moment each time.

import pytest

from tests import kill


@pytest.mark.parametrize(("command", "times"), [("fix", 4), ("lock", 3), ("propose", 3)])
def test_a_killed_command_leaves_whole_files(command: str, times: int) -> None:
    tally = kill.trials(command, times)
    assert tally.torn == []
    assert tally.kills == times
    assert tally.old + tally.new == times * (2 if command == "fix" else 1)
