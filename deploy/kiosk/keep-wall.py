#!/usr/bin/env python3
"""Keeps the wall's browser: starts it, asks its page every few seconds how it is, and starts it again.

It is started anew when the page says that its planned restart is due (CR-110: in the quietest hour, with no alarm, one
screen after another), when the page has not answered for half a minute (CR-107), and when it ended by itself. It speaks
to the browser over two pipes that nobody else can reach; no port is opened. Settings come from the environment: see
kiosk.env beside this file. It needs nothing but Python: the machine of a screen has nothing else of the room.
"""

import json
import os
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

START = Path(__file__).with_name("start-wall.sh")
ASK_EVERY_S = float(os.environ.get("WALL_ASK_S", "5"))
SILENT_S = float(os.environ.get("WALL_SILENT_S", "30"))
# So much longer a page has for its first answer.
FIRST_S = float(os.environ.get("WALL_FIRST_S", "60"))
CLOSES_WITHIN_S = 10
# One that ends at once is not started again at once.
LEAST_S = 5
PAGE_SAYS = "document.documentElement.dataset.restart || ''"


class Browser:
    """One browser and the pipes to it: JSON, each message ended by a zero byte."""

    def __init__(self) -> None:
        to_it, self._to = os.pipe()
        self._from, from_it = os.pipe()
        flags = f"{os.environ.get('WALL_FLAGS', '')} --remote-debugging-pipe".strip()

        def pipes() -> None:
            # The browser reads at 3 and writes at 4; first out of the way, for these numbers may be in use.
            ends = os.dup(to_it), os.dup(from_it)
            for end, number in zip(ends, (3, 4), strict=True):
                os.dup2(end, number, inheritable=True)

        environment = {**os.environ, "WALL_FLAGS": flags}
        self.process = subprocess.Popen(
            [str(START)], env=environment, preexec_fn=pipes, pass_fds=(3, 4), start_new_session=True
        )
        os.close(to_it)
        os.close(from_it)
        # While the start still waits for the room nobody reads: a pipe that is full must not stop us.
        os.set_blocking(self._to, False)
        self._heard, self._number = b"", 0

    def ask(self, method: str, within_s: float, session: str | None = None, **given: object) -> dict | None:
        """The browser's answer; None when there is none within that time."""
        self._number += 1
        message: dict = {"id": self._number, "method": method, "params": given}
        if session:
            message["sessionId"] = session
        try:
            os.write(self._to, json.dumps(message).encode() + b"\0")
        except (BrokenPipeError, BlockingIOError):
            return None
        end = time.monotonic() + within_s
        while (left := end - time.monotonic()) > 0:
            if self._hears(left) is False:
                return None
            for answer in self._messages():
                if answer.get("id") == self._number:
                    return answer.get("result")
        return None

    def _hears(self, within_s: float) -> bool:
        """Whether the pipe is still open; what came is kept."""
        ready, _, _ = select.select([self._from], [], [], within_s)
        more = os.read(self._from, 65536) if ready else None
        self._heard += more or b""
        return more != b""

    def _messages(self) -> list[dict]:
        *whole, self._heard = self._heard.split(b"\0")
        return [json.loads(one) for one in whole]

    def end(self) -> None:
        """Close it as a person would, so that its profile is whole; else end it and all that it started."""
        if self.process.poll() is None:
            self.ask("Browser.close", 1)
        try:
            self.process.wait(CLOSES_WITHIN_S)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        os.close(self._to)
        os.close(self._from)


def watch(browser: Browser) -> str:
    """Return why the browser has to be started anew, or that it ended."""
    session, heard, patience, due = None, None, SILENT_S + FIRST_S, 0
    while browser.process.poll() is None:
        time.sleep(ASK_EVERY_S)
        session = session or session_of(browser)
        # A page that is not there yet is not silent: the start waits for the room as long as it takes.
        if session and heard is None:
            heard = time.monotonic()
        told = browser.ask("Runtime.evaluate", ASK_EVERY_S, session, expression=PAGE_SAYS) if session else None
        if told is None:
            session = None
        else:
            heard, patience = time.monotonic(), SILENT_S
        # Twice, for the page takes its word back when an alarm comes meanwhile.
        due = due + 1 if told and told.get("result", {}).get("value") == "due" else 0
        if due == 2:
            return "its planned restart is due"
        if heard is not None and time.monotonic() - heard > patience:
            return f"its page has not answered for {patience:.0f} s"
    return f"it ended with {browser.process.returncode}"


def session_of(browser: Browser) -> str | None:
    """The line to the first page of the browser; None as long as there is none."""
    found = browser.ask("Target.getTargets", ASK_EVERY_S)
    pages = [one for one in (found or {}).get("targetInfos", []) if one["type"] == "page"]
    if not pages:
        return None
    line = browser.ask("Target.attachToTarget", ASK_EVERY_S, targetId=pages[0]["targetId"], flatten=True)
    return (line or {}).get("sessionId")


def keep() -> None:
    """Start the wall's browser again and again."""
    while True:
        began, browser = time.monotonic(), Browser()

        def stop(_number: int, _frame: object, mine: Browser = browser) -> None:
            mine.end()
            sys.exit(0)

        signal.signal(signal.SIGTERM, stop)
        why = watch(browser)
        print(f"the wall's browser is started anew: {why}", flush=True)
        browser.end()
        time.sleep(max(0.0, LEAST_S - (time.monotonic() - began)))


if __name__ == "__main__":
    keep()
