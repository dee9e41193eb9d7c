"""What is behind and what is known to be weak is said as the clients answer it, and silence is never a clean bill."""

import json
import os
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
from packaging.version import Version

from setup import advisories, outdated
from setup.advisories import FOUND, UNANSWERED, Judged, code_of, of_npm_audit, of_pip_audit
from setup.outdated import PARSERS, behind, locked_in, of_npm, ranges_in, told
from tests.house import tree

TODAY = date(2026, 12, 1)
RELEASES = {
    Version("0.22.0"): date(2026, 8, 3),
    Version("0.22.1"): date(2026, 9, 20),
    Version("0.23.0"): date(2026, 11, 28),
    Version("0.24.0rc1"): date(2026, 11, 30),
}
# As `npm outdated --json` and `npm view NAME time --json` print it.
NPM_OUTDATED = {"idb": {"current": "8.0.3", "wanted": "8.0.3", "latest": "8.0.4", "dependent": "main"}}
NPM_TIMES = {
    "created": "2016-02-07T18:05:40.410Z",
    "modified": "2026-10-06T10:00:00.000Z",
    "8.0.3": "2025-05-07T11:59:12.711Z",
    "8.0.4": "2026-10-06T09:13:02.000000+00:00",
    "9.0.0-beta.1": "2026-11-06T09:13:02.000000+00:00",
}
SKIPPED = {"name": "av", "skip_reason": "Dependency not found on PyPI and could not be audited: av (18.1.0)"}
WEAK = {
    "name": "pillow", "version": "13.0.0",
    "vulns": [{"id": "PYSEC-2026-1", "fix_versions": ["13.0.1"], "aliases": ["CVE-2026-1"], "description": "…"}],
}  # fmt: skip
SOUND = {"name": "msgspec", "version": "0.22.0", "vulns": []}
NPM_405 = {
    "message": "405 Method Not Allowed",
    "method": "POST",
    "statusCode": 405,
    "body": "",
    "error": {"summary": ""},
}
NPM_AUDIT = {
    "auditReportVersion": 2,
    "vulnerabilities": {"ws": {"name": "ws", "severity": "high", "range": "8.0.0 - 8.17.0", "fixAvailable": True}},
    "metadata": {"vulnerabilities": {"high": 1, "total": 1}, "dependencies": {"prod": 9, "dev": 31, "total": 40}},
}
# What pip says of a folder, asked as the command asks it; FALL makes it do without pip's inside.
ASKED = """
import sys
from setup import outdated
if sys.argv[1] == "FALL":
    def gone(names): raise AttributeError("another pip")
    outdated._releases_with_days = gone
print(sorted(str(version) for version in outdated.releases_of(("thing", "nowhere")).get("thing", {})))
"""


def test_a_lock_and_its_ranges_are_read_by_the_names_that_registries_use() -> None:
    lock = "# via\nPillow_Heif==1.8.1 \\\n    --hash=sha256:00\nmsgspec==0.22.0 \\\n    # via -r run.in\n"
    assert locked_in(lock) == {"pillow-heif": Version("1.8.1"), "msgspec": Version("0.22.0")}
    ranges = ranges_in("# why\n-c run.txt\nmsgspec~=0.22.0  # C\nmoto[s3]~=5.2\n\n")
    assert {name: str(one.specifier) for name, one in ranges.items()} == {"msgspec": "~=0.22.0", "moto": "~=5.2"}


def test_behind_counts_from_the_first_later_release_and_leaves_previews_out() -> None:
    late = behind("msgspec", Version("0.22.0"), RELEASES, ranges_in("msgspec~=0.22.0")["msgspec"])
    assert late is not None
    assert (late.newest, late.since, late.allowed) == ("0.23.0", date(2026, 9, 20), False)
    assert behind("msgspec", Version("0.23.0"), RELEASES, None) is None
    allowed = behind("msgspec", Version("0.22.0"), RELEASES, ranges_in("msgspec~=0.22")["msgspec"])
    assert allowed is not None
    assert allowed.allowed is True


def test_a_release_whose_day_nobody_tells_makes_no_day_up() -> None:
    late = behind("av", Version("1.0"), {Version("1.1"): None, Version("1.2"): TODAY}, None)
    assert late is not None
    assert late.since is None
    assert told([late], TODAY) == ["  av  1.0 -> 1.2  since an unknown day    reads films"]


def test_a_line_says_since_when_and_what_holds_it() -> None:
    late = behind("msgspec", Version("0.22.0"), RELEASES, ranges_in("msgspec~=0.22.0")["msgspec"])
    assert late is not None
    (line,) = told([late], TODAY)
    assert line.split("  ")[1:] == [
        "msgspec",
        "0.22.0 -> 0.23.0",
        "since 2026-09-20, 72 days",
        "the range in requirements/*.in does not let it move",
        "reads every JSON body",
    ]


def test_npm_tells_the_same_of_browser_libraries() -> None:
    (late,) = of_npm(NPM_OUTDATED, lambda name: NPM_TIMES if name == "idb" else {})
    assert (late.name, late.locked, late.newest, late.since) == ("idb", "8.0.3", "8.0.4", date(2026, 10, 6))
    (late,) = of_npm(NPM_OUTDATED, lambda _name: {})
    assert (late.newest, late.since) == ("8.0.4", None)


def test_each_package_that_is_said_to_parse_is_one_of_ours() -> None:
    assert set(PARSERS) - set(locked_in(tree.text("requirements/run.txt"))) == set()
    assert {"av", "pillow", "pillow-heif", "msgspec", "eventlet"} <= set(PARSERS)


@pytest.mark.parametrize("way", ["AS IT IS", "FALL"])
def test_the_locked_pip_is_asked_for_all_versions_of_its_index(way: str, tmp_path: Path) -> None:
    for version in ("1.0", "1.1"):
        (tmp_path / f"thing-{version}-py3-none-any.whl").touch()
    env = os.environ | {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(tmp_path), "PIP_CONFIG_FILE": os.devnull}
    words = [sys.executable, "-c", ASKED, way]
    done = subprocess.run(words, cwd=tree.ROOT, env=env, capture_output=True, text=True, check=False)
    assert done.stdout == "['1.0', '1.1']\n", done.stderr


def test_advisories_are_found_in_what_pip_audit_says() -> None:
    judged = of_pip_audit(json.dumps({"dependencies": [WEAK, SOUND, SKIPPED], "fixes": []}))
    assert judged == Judged(
        knew=2, unknown=("av",), advisories=("pillow 13.0.0: PYSEC-2026-1, mended in 13.0.1",), why=""
    )
    assert code_of([judged, Judged(knew=1)]) == FOUND


@pytest.mark.parametrize(
    "said", ["", "Traceback (most recent call last)", json.dumps({"dependencies": [SKIPPED, SKIPPED], "fixes": []})]
)
def test_a_source_that_knows_nothing_is_no_clean_bill(said: str) -> None:
    judged = of_pip_audit(said)
    assert judged.knew == 0
    assert judged.why
    assert "NOT CHECKED" in advisories.told("Python", judged)[0]
    assert code_of([judged, Judged(knew=40)]) == UNANSWERED


def test_one_that_was_left_out_is_named() -> None:
    judged = of_pip_audit(json.dumps({"dependencies": [SOUND, SKIPPED], "fixes": []}))
    assert code_of([judged]) == UNANSWERED
    assert "NOT CHECKED" in advisories.told("Python", judged)[-1]
    assert advisories.told("Python", judged)[-1].endswith("av")
    assert code_of([of_pip_audit(json.dumps({"dependencies": [SOUND], "fixes": []}))]) == 0


def test_npm_audit_is_read_and_its_refusal_told() -> None:
    judged = of_npm_audit(json.dumps(NPM_AUDIT))
    assert judged == Judged(knew=40, advisories=("ws 8.0.0 - 8.17.0: high, a later version mends it",))
    for said in (json.dumps(NPM_405), ""):
        assert of_npm_audit(said).why
    assert code_of([Judged(knew=1), of_npm_audit(json.dumps(NPM_405))]) == UNANSWERED


def test_the_two_commands_are_in_the_makefile_and_in_the_documents() -> None:
    for name in ("outdated", "advisories"):
        assert f"\n{name}: setup\n" in tree.text("Makefile")
        assert f"`make {name}`" in tree.text("docs/upgrade.md")
    assert outdated.UNANSWERED == UNANSWERED
