"""`make advisories`: known weaknesses of exactly what the locks name, as far as a source of advisories answers.

pip-audit for requirements/run.txt, in an environment of its own, and `npm audit` for package-lock.json. A source that
does not answer is never taken for a clean bill: what was not judged is counted and said, and has its own exit code.
"""

import json
import subprocess
import sys
import venv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from setup.step import ROOT, Step, StepFailed, command, perform

AUDITED, AUDIT_LOCK = ROOT / "requirements" / "run.txt", ROOT / "requirements" / "audit.txt"
FOUND, UNANSWERED = 1, 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What a source said: how many packages it ``knew`` and did not (``unknown``), and its advisories, a line each.

    ``why``: in the source's words, why it said nothing at all.
    """

    knew: int = 0
    unknown: tuple[str, ...] = ()
    advisories: tuple[str, ...] = ()
    why: str = ""


def of_pip_audit(said: str) -> Judged:
    """The JSON of pip-audit. It skips what its source does not tell, and ends with 0 even when that is everything."""
    try:
        packages: list[Mapping[str, Any]] = json.loads(said)["dependencies"]
    except (ValueError, KeyError, TypeError):
        return Judged(why="pip-audit reached no source of advisories")
    skipped = tuple(one["name"] for one in packages if "skip_reason" in one)
    advisories = [
        f"{one['name']} {one['version']}: {weak['id']}, mended in {', '.join(weak['fix_versions']) or 'no version yet'}"
        for one in packages
        for weak in one.get("vulns", ())
    ]
    knew = len(packages) - len(skipped)
    why = "" if knew else "the index that pip-audit asks tells of no advisories"
    return Judged(knew=knew, unknown=skipped if knew else (), advisories=tuple(advisories), why=why)


def of_npm_audit(said: str) -> Judged:
    """The JSON of `npm audit`; a registry without advisories answers with an error."""
    try:
        found: Mapping[str, Any] = json.loads(said)
        packages = int(found["metadata"]["dependencies"]["total"])
    except (ValueError, KeyError, TypeError):
        return Judged(why="the registry that npm uses answers no question for advisories")
    weak = sorted(found["vulnerabilities"].items())
    mended = {name: "a later version mends it" if one["fixAvailable"] else "not mended yet" for name, one in weak}
    advisories = tuple(f"{name} {one['range']}: {one['severity']}, {mended[name]}" for name, one in weak)
    return Judged(knew=packages, advisories=advisories)


def told(what: str, judged: Judged) -> list[str]:
    """Lines for a person."""
    if judged.why:
        return [f"{what}: NOT CHECKED, {judged.why}"]
    lines = [f"{what}: {judged.knew} packages judged, {len(judged.advisories)} advisories"]
    lines += [f"  {one}" for one in judged.advisories]
    if judged.unknown:
        lines.append(f"  NOT CHECKED, for the source does not know them: {', '.join(judged.unknown)}")
    return lines


def code_of(all_judged: Sequence[Judged]) -> int:
    """FOUND: an advisory; UNANSWERED: nothing found, but not everything could be asked; 0: all asked, nothing found."""
    if any(one.advisories for one in all_judged):
        return FOUND
    return UNANSWERED if any(one.why or one.unknown for one in all_judged) else 0


def main() -> int:
    """Ask both and say what they know."""
    judged = {"Python, requirements/run.txt": _python(), "Browser, package-lock.json": _browser()}
    for what, one in judged.items():
        sys.stdout.write("\n".join(told(what, one)) + "\n")
    code = code_of(list(judged.values()))
    if code == UNANSWERED:
        sys.stdout.write("This is no clean bill: run it where a source of advisories can be reached.\n")
    return code


def _python() -> Judged:
    home = Path(sys.prefix) / "audit"
    step = Step(
        says="pip-audit from requirements/audit.txt",
        inputs=(AUDIT_LOCK,),
        also=sys.version,
        stamp=home / "stamp",
        act=lambda: _install(home),
        remedy="check the package index that pip uses, then run again",
    )
    try:
        perform(step)
    except StepFailed as failure:
        return Judged(why=f"pip-audit cannot be installed: {str(failure).splitlines()[0]}")
    words = [
        "--disable-pip",
        "--no-deps",
        "--requirement",
        str(AUDITED),
        "--format",
        "json",
        "--progress-spinner",
        "off",
    ]
    return of_pip_audit(_said([str(home / "bin" / "pip-audit"), *words]))


def _install(home: Path) -> None:
    venv.create(home, clear=True, with_pip=True)
    command(home / "bin" / "python", "-m", "pip", "install", "--quiet", "--require-hashes", "--requirement", AUDIT_LOCK)


def _browser() -> Judged:
    return of_npm_audit(_said(["npm", "audit", "--package-lock-only", "--json"]))


def _said(words: Sequence[str]) -> str:
    try:
        return subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False).stdout
    except FileNotFoundError:
        return ""


if __name__ == "__main__":
    sys.exit(main())
