"""The licence is the official text, the notice names others' data, and no package has terms that nobody has read."""

import hashlib
import json
import re
from email import message_from_string
from pathlib import Path, PurePosixPath

import pytest

from setup import licences
from setup.licences import (
    ACCEPTED,
    ALLOWED,
    Licensed,
    bundled_in,
    faults_of,
    licence_in,
    of_npm,
    of_python,
    permitted,
)
from setup.outdated import locked_in
from tests.house import tree

# Of https://www.apache.org/licenses/LICENSE-2.0.txt: its 202 lines to the letter, the appendix left unfilled.
OFFICIAL = "cfc7749b96f63bd31c3c42b5c471bf756814053e847c10f3eb003417bc523d30"
QUOTED = re.compile(r"^> (.+)$", re.MULTILINE)


def test_the_licence_is_the_official_text() -> None:
    assert hashlib.sha256((tree.ROOT / "LICENSE").read_bytes()).hexdigest() == OFFICIAL


def test_the_notice_has_every_pack_and_every_attribution_that_a_pack_asks_for() -> None:
    packs = {path for path in tree.files() if PurePosixPath(path).match("cities/*/README.md")}
    asked = {line for path in packs for line in QUOTED.findall(tree.text(path))}
    assert len(asked) > 1
    notice = tree.text("NOTICE")
    assert [line for line in asked if line not in notice] == []
    assert [path for path in packs if path.removesuffix("README.md") not in notice] == []


@pytest.mark.parametrize(
    ("expression", "allowed"),
    [
        ("MIT", True),
        ("mit", False),
        ("", False),
        ("AGPL-3.0-only", False),
        ("MIT OR AGPL-3.0-only", True),
        ("MIT AND AGPL-3.0-only", False),
        ("(MIT OR AGPL-3.0-only) AND BSD-3-Clause", True),
        ("(MIT AND AGPL-3.0-only) OR SSPL-1.0", False),
        ("MIT AND (SSPL-1.0 OR (ISC AND AGPL-3.0-only))", False),
        ("GPL-3.0-or-later WITH GCC-exception-3.1", True),
        ("GPL-3.0-or-later", False),
    ],
)
def test_an_expression_is_permitted_by_one_side_of_or_and_both_of_and(expression: str, allowed: bool) -> None:
    assert permitted(expression, ALLOWED) is allowed


@pytest.mark.parametrize(
    ("lines", "licence"),
    [
        (["License-Expression: MIT", "License: GPL"], "MIT"),
        (["License: BSD-3-Clause", "Classifier: License :: OSI Approved :: BSD License"], "BSD-3-Clause"),
        (["License: 2-clause BSD License"], "BSD-2-Clause"),
        (["License: Copyright (c) 2001, all of it", "Classifier: License :: OSI Approved :: MIT License"], "MIT"),
        (
            [
                "License: Dual License",
                "Classifier: License :: OSI Approved :: BSD License",
                "Classifier: License :: OSI Approved :: Apache Software License",
            ],
            "LicenseRef-Apache AND LicenseRef-BSD",
        ),
        (["Classifier: License :: Other/Proprietary License"], "LicenseRef-Other/Proprietary-License"),
        (["Classifier: Programming Language :: Python"], ""),
        ([], ""),
    ],
)
def test_the_licence_is_read_as_packages_tell_it(lines: list[str], licence: str) -> None:
    assert licence_in(message_from_string("\n".join(["Name: thing", *lines, "", ""]))) == licence


def test_copyleft_libraries_in_a_wheel_are_found_and_judged_by_package() -> None:
    files = ["av.libs/libx264-d6533a8d.so.165", "av.libs/libxcb-shape-7716c890.so.0.0.0", "av/libgmp.so", "av/codec.py"]
    bundled = bundled_in(map(PurePosixPath, files))
    assert bundled == {"GPL-2.0-or-later": ["x264"]}
    assert faults_of(Licensed(name="av", version="1", licence="MIT", bundled=bundled)) == []
    (fault,) = faults_of(Licensed(name="thing", version="1", licence="MIT", bundled=bundled))
    assert fault == "thing 1 brings x264 along: GPL-2.0-or-later is not in the list"


def installed_in(folder: Path, name: str, *lines: str) -> None:
    info = folder / f"{name}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("\n".join(["Metadata-Version: 2.4", f"Name: {name}", "Version: 1.0", *lines, ""]))
    (info / "LICENSE").write_text("as you like")
    (info / "RECORD").write_text(f"{info.name}/METADATA,,\n{info.name}/LICENSE,,\n")


def test_python_packages_that_tell_none_or_another_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    installed_in(tmp_path, "good", "License-Expression: MIT")
    installed_in(tmp_path, "grasping", "License-Expression: AGPL-3.0-or-later")
    installed_in(tmp_path, "silent")
    monkeypatch.syspath_prepend(str(tmp_path))
    lock = "".join(f"{name}==1.0 \\\n" for name in ("absent-from-here", "good", "grasping", "silent"))
    found = list(of_python(f"{lock}click==0.1 \\\n", tmp_path))
    assert [(one.licence, one.text) for one in found if one.name == "good"] == [("MIT", "good-1.0.dist-info/LICENSE")]
    absent, click, *others = [fault for one in found for fault in faults_of(one)]
    assert absent == "absent-from-here: is locked and not installed: run make setup"
    assert click.endswith("is installed, 0.1 is locked: run make setup")
    assert others == ["grasping 1.0: AGPL-3.0-or-later is not in the list", "silent 1.0 tells no licence"]


def test_browser_libraries_are_judged_likewise_and_those_for_checking_are_not(tmp_path: Path) -> None:
    packages = {
        "node_modules/good": {"license": "ISC"},
        "node_modules/good/node_modules/old": {"licenses": [{"type": "MIT"}]},
        "node_modules/silent": {},
        "node_modules/sold": {"license": "SEE LICENSE IN EULA.txt"},
    }
    for path, told in packages.items():
        (tmp_path / path).mkdir(parents=True)
        (tmp_path / path / "package.json").write_text(json.dumps({"version": "1.0.0", **told}))
    (tmp_path / "node_modules/good/LICENCE.md").touch()
    locked = {path: {"version": "1.0.0"} for path in (*packages, "node_modules/absent")}
    locked |= {"": {}, "node_modules/tool": {"version": "1.0.0", "dev": True}}
    found = list(of_npm({"packages": locked}, tmp_path))
    assert [(one.name, one.licence, one.text) for one in found if one.licence in ALLOWED] == [
        ("good", "ISC", "node_modules/good/LICENCE.md"), ("old", "MIT", ""),
    ]  # fmt: skip
    assert [fault for one in found for fault in faults_of(one)] == [
        "absent: is locked and not installed: run make setup",
        "silent 1.0.0 tells no licence",
        "sold 1.0.0: SEE LICENSE IN EULA.txt is not in the list",
    ]


def test_the_command_lists_every_package_and_what_wheels_bring_along(capsys: pytest.CaptureFixture[str]) -> None:
    code = licences.main()
    out, err = capsys.readouterr()
    assert (code, err) == (0, "")
    named = {line.split()[0] for line in out.splitlines() if line.startswith("  ")}
    assert set(locked_in(tree.text("requirements/run.txt"))) - named == set()
    assert {"leaflet", "socket.io-client", "protomaps-leaflet", "@fontsource-variable/ibm-plex-sans"} <= named
    assert {"typescript", "axe-core"} & named == set(), "tools that check are not served"
    assert re.search(r"^  psycopg .+ LGPL-3.0-only .+LICENSE.txt$", out, re.MULTILINE)


def test_a_package_that_must_be_looked_at_ends_the_command_with_1(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(licences, "ACCEPTED", {})
    assert licences.main() == 1
    assert re.search(r"^  psycopg [\d.]+: LGPL-3.0-only is not in the list$", capsys.readouterr().err, re.MULTILINE)


def test_what_is_accepted_is_locked_and_explained() -> None:
    assert set(ACCEPTED) - set(locked_in(tree.text("requirements/run.txt"))) == set()
    rows = {
        name: line
        for line in tree.text("docs/licences.md").splitlines()
        if line.startswith("| `")
        for name in re.findall(r"`([\w-]+)`", line.split("|")[1])
    }
    missing = [f"{name}: {one}" for name, held in ACCEPTED.items() for one in held if one not in rows.get(name, "")]
    assert missing == []


def test_the_command_is_in_the_makefile_and_in_the_documents() -> None:
    assert "\nlicences: setup\n" in tree.text("Makefile")
    for path in ("README.md", "NOTICE", "docs/licences.md", "docs/upgrade.md", "docs/deployment.md"):
        assert "`make licences`" in tree.text(path)
