"""For rule packages: what `zonelint.rules.core.change` holds, at a name that stays."""

from zonelint.rules.core.change import (
    MOST_MERGED,
    Change,
    CommentEdit,
    Edit,
    Ground,
    Role,
    add,
    move,
    remove,
    replace,
    retime,
    whole,
)

__all__ = [
    "MOST_MERGED",
    "Change",
    "CommentEdit",
    "Edit",
    "Ground",
    "Role",
    "add",
    "move",
    "remove",
    "replace",
    "retime",
    "whole",
]
