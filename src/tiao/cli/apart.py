"""Commands with a module of their own, imported when one is called: the others must not pay for them."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup


def with_apart(apart: Mapping[str, str]) -> type[TyperGroup]:
    """Make a group of commands of which some lie apart. Shape: *apart* by name, as `module:function`."""

    class Group(TyperGroup):
        """The commands of a module and, by name, those with one of their own."""

        def list_commands(self, ctx: Any) -> list[str]:  # noqa: ANN401  typer's own click is private
            """Name the commands."""
            return [*super().list_commands(ctx), *apart]

        def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ANN401  same
            """Import a command that has a module of its own."""
            if cmd_name not in apart:
                return super().get_command(ctx, cmd_name)
            module, _, name = apart[cmd_name].partition(":")
            alone = typer.Typer(add_completion=False, pretty_exceptions_show_locals=False)
            alone.command(cmd_name)(getattr(import_module(module), name))
            return typer.main.get_command(alone)

    return Group
