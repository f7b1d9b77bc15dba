"""One line of progress on standard error, rewritten in place on a terminal."""

from __future__ import annotations

import sys
import time


class Progress:
    def __init__(self, total: int) -> None:
        self.total = total
        self.done = 0
        self._began = time.monotonic()

    def advance(self, what: str) -> None:
        self.done += 1
        line = f"[{self.done}/{self.total}] {what}, {time.monotonic() - self._began:.0f} s"
        if sys.stderr.isatty():
            sys.stderr.write(f"\r\033[K{line}" + ("\n" if self.done == self.total else ""))
        else:
            sys.stderr.write(line + "\n")
        sys.stderr.flush()
