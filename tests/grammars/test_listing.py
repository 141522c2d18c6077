"""How messages show many things."""

import pytest

from zonelint.grammars.listing import some


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ([], ""),
        (["a"], "a"),
        (["a", "b", "a", "c"], "a, b, c"),
        (["a", "b", "c", "d", "e"], "a, b, c and 2 more"),
    ],
)
def test_the_first_few_are_shown_and_the_rest_is_counted(words: list[str], expected: str) -> None:
    assert some(words) == expected
    assert some(iter(words)) == expected
