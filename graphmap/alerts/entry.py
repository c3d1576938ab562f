"""An entry ``[alerts.NAME]`` of ``graphmap.toml``, which may name secrets."""

from __future__ import annotations

from graphmap import entries
from graphmap.alerts.secrets import Secret


class Entry(entries.Entry):
    """The keys of an output."""

    def secret(self, key: str, *, hidden: bool = True) -> Secret | None:
        """A secret: ``KEY_file``, ``KEY_env``, or ``KEY_in_clear`` if one insists; ``KEY`` where it is not `hidden`."""
        clear = f"{key}_in_clear" if hidden else key
        names = (f"{key}_file", f"{key}_env", clear)
        if hidden and self.given(key):
            self.wrong(key, "a secret is not written here", f"use {names[0]} or {names[1]}; {clear} if you insist")
        given = [name for name in names if self.given(name)]
        if len(given) > 1:
            self.wrong(given[1], f"there is {given[0]} already")
        if not given:
            return None
        source = self.place(given[0])
        file, variable, plain = self.path(names[0]), self.text(names[1]), self.text(names[2])
        return Secret(source, file, variable, plain)
