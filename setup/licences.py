"""`make licences`: what the running room is made of beside its own code, under which licence, and where its text lies.

Python packages are those of requirements/run.txt, browser libraries those of package-lock.json that are not for
checking alone; both are read where set-up installed them. Exit 1 names each package that says no licence, or one that
neither ALLOWED nor its line of ACCEPTED has: then read its text, and write down what it asks in docs/licences.md.
"""

import json
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path, PurePath
from typing import Any

from packaging.licenses import InvalidLicenseExpression, canonicalize_license_expression

from setup.outdated import locked_in
from setup.step import ROOT

# They ask to keep notices; MPL-2.0 and OFL-1.1 also that changes of the very files or fonts stay under them.
ALLOWED = frozenset({
    "0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "CC0-1.0", "ISC", "MIT", "MIT-0", "MIT-CMU", "PSF-2.0",
    "Zlib", "MPL-2.0", "OFL-1.1",
    "GPL-3.0-or-later WITH GCC-exception-3.1",  # run-time libraries of a compiler: free of it by the exception
    "LicenseRef-Apache", "LicenseRef-BSD",
})  # fmt: skip
# Copyleft that was looked at, by package. docs/licences.md says what each asks of whoever passes on a copy.
ACCEPTED: Mapping[str, frozenset[str]] = {
    "av": frozenset({"GPL-2.0-or-later", "LGPL-2.0-or-later", "LGPL-2.1-or-later", "LGPL-3.0-or-later"}),
    "numpy": frozenset({"LGPL-2.1-or-later"}),
    "pillow-heif": frozenset({"GPL-2.0-or-later", "LGPL-3.0-or-later"}),
    "psycopg": frozenset({"LGPL-3.0-only"}),
    "psycopg-binary": frozenset({"LGPL-2.1-or-later", "LGPL-3.0-only"}),
    "scipy": frozenset({"LGPL-2.1-or-later"}),
    # By choice of whoever takes it: its classifiers name all three.
    "pyphen": frozenset({"GPL-2.0-or-later", "LGPL-2.0-or-later", "MPL-1.1"}),
    "shapely": frozenset({"LGPL-2.1-only"}),
}
# Shared libraries that wheels bring along in a folder NAME.libs: the package's own metadata does not tell of them.
LIBRARIES = {
    "GPL-2.0-or-later": ("x264", "x265"),
    "GPL-3.0-or-later WITH GCC-exception-3.1": ("gcc_s", "gfortran", "gomp", "stdc++"),
    "LGPL-2.0-or-later": ("mp3lame",),
    "LGPL-2.1-only": ("geos", "geos_c"),
    "LGPL-2.1-or-later": ("asound", "crypt", "gnutls", "keyutils", "quadmath"),
    "LGPL-3.0-or-later": (
        "avcodec", "avdevice", "avfilter", "avformat", "avutil", "swresample", "swscale", "de265", "heif",
        "gmp", "hogweed", "nettle", "unistring",
    ),
}  # fmt: skip
BUNDLED = re.compile(r"^lib(.+?)(?:-[0-9a-f]{8})*\.so")
# What packages write in words. Of BSD and Apache a classifier tells the family alone: SPDX has LicenseRef for that.
WORDS = {
    "2-clause BSD License": "BSD-2-Clause",
    "Apache Software License": "LicenseRef-Apache",
    "BSD License": "LicenseRef-BSD",
    "GNU General Public License v2 or later (GPLv2+)": "GPL-2.0-or-later",
    "GNU Lesser General Public License v2 or later (LGPLv2+)": "LGPL-2.0-or-later",
    "MIT License": "MIT",
    "Mozilla Public License 1.1 (MPL 1.1)": "MPL-1.1",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Python Software Foundation License": "PSF-2.0",
}
TEXT = re.compile(r"licen[sc]e|copying", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Licensed:
    """One package: ``licence`` an SPDX expression, "" when it tells none; ``text`` a path, "" when it has none with it.

    ``bundled``: names of copyleft libraries inside, by licence. ``fault``: why it cannot be judged, "" when it can.
    """

    name: str
    version: str
    licence: str = ""
    text: str = ""
    bundled: Mapping[str, Sequence[str]] = field(default_factory=dict)
    fault: str = ""


def permitted(expression: str, ids: frozenset[str]) -> bool:
    """Whether ``ids`` satisfy an SPDX expression: one side of each OR, both of each AND."""
    inner = re.search(r"\(([^()]*)\)", expression)
    if inner:
        reduced = "0BSD" if permitted(inner[1], ids) else "NONE"
        return permitted(expression[: inner.start()] + reduced + expression[inner.end() :], ids | {"0BSD"})
    return any(all(one.strip() in ids for one in way.split(" AND ")) for way in expression.split(" OR "))


def faults_of(one: Licensed) -> list[str]:
    """What must be looked at before this package may be passed on or used; empty when all of it is known."""
    if one.fault:
        return [f"{one.name}: {one.fault}"]
    ids = ALLOWED | ACCEPTED.get(one.name, frozenset())
    found = [] if one.licence else [f"{one.name} {one.version} tells no licence"]
    if one.licence and not permitted(one.licence, ids):
        found.append(f"{one.name} {one.version}: {one.licence} is not in the list")
    found += [
        f"{one.name} {one.version} brings {', '.join(names)} along: {licence} is not in the list"
        for licence, names in one.bundled.items()
        if not permitted(licence, ids)
    ]
    return found


def of_python(lock: str, root: Path = ROOT) -> Iterator[Licensed]:
    """The packages of a lock file as they are installed for this Python."""
    for name, version in sorted(locked_in(lock).items()):
        try:
            installed = distribution(name)
        except PackageNotFoundError:
            yield Licensed(name=name, version=str(version), fault="is locked and not installed: run make setup")
            continue
        if installed.version != str(version):
            fault = f"{installed.version} is installed, {version} is locked: run make setup"
            yield Licensed(name=name, version=installed.version, fault=fault)
            continue
        yield Licensed(
            name=name,
            version=installed.version,
            licence=licence_in(installed.metadata),
            text=_text_of(installed, root),
            bundled=bundled_in(installed.files or ()),
        )


def licence_in(metadata: Any) -> str:
    """The licence that a package's metadata tell, as SPDX: by expression, by a short field, by classifiers."""
    for said in (metadata["License-Expression"], metadata["License"]):
        try:
            return str(canonicalize_license_expression(WORDS.get(said, said or "")))
        except InvalidLicenseExpression:
            continue  # "Dual License", or the whole text
    classifiers = (one.split(" :: ")[-1] for one in metadata.get_all("Classifier") or () if one.startswith("License"))
    return " AND ".join(sorted(WORDS.get(one, f"LicenseRef-{one.replace(' ', '-')}") for one in classifiers))


def bundled_in(files: Iterable[PurePath]) -> dict[str, list[str]]:
    """Copyleft libraries among the files of a wheel, by licence."""
    libraries = {found[1] for file in files if ".libs" in str(file.parent) and (found := BUNDLED.match(file.name))}
    held = {licence: sorted(libraries & set(names)) for licence, names in LIBRARIES.items()}
    return {licence: names for licence, names in held.items() if names}


def of_npm(lock: Mapping[str, Any], root: Path = ROOT) -> Iterator[Licensed]:
    """The browser libraries that set-up copies into static/vendor, with everything built into them."""
    for path, locked in sorted(lock["packages"].items()):
        if not path or locked.get("dev"):
            continue
        name = path.rpartition("node_modules/")[2]
        try:
            package = json.loads((root / path / "package.json").read_text())
        except FileNotFoundError:
            yield Licensed(name=name, version=locked["version"], fault="is locked and not installed: run make setup")
            continue
        # `licenses`: the old form of the field.
        told = package.get("license") or " OR ".join(one["type"] for one in package.get("licenses", ()))
        texts = sorted(file.name for file in (root / path).iterdir() if TEXT.match(file.name))
        text = f"{path}/{texts[0]}" if texts else ""
        yield Licensed(name=name, version=package["version"], licence=told, text=text)


def told(found: Sequence[Licensed]) -> list[str]:
    """A line a package, and one for each licence of libraries that it brings along."""
    name, version, licence = (max(len(cell) for cell in cells) for cells in zip(*map(_cells, found), strict=True))
    lines = []
    for one in found:
        first, second, third = _cells(one)
        text = one.text or "the package has no text of it"
        lines.append(f"  {first:<{name}}  {second:<{version}}  {third:<{licence}}  {text}")
        lines += [f"      with {', '.join(names)}: {under}" for under, names in one.bundled.items()]
    return lines


def main() -> int:
    """Print all of them; 1 when one has to be looked at."""
    python = list(of_python((ROOT / "requirements" / "run.txt").read_text()))
    browser = list(of_npm(json.loads((ROOT / "package-lock.json").read_text())))
    sys.stdout.write("\n".join(["Python packages:", *told(python), "Browser libraries:", *told(browser), ""]))
    faults = [fault for one in (*python, *browser) for fault in faults_of(one)]
    if faults:
        sys.stderr.write("\n".join(["To be looked at (docs/licences.md):", *(f"  {one}" for one in faults), ""]))
        return 1
    count = len(python) + len(browser)
    sys.stdout.write(f"All {count} are under licences of the list; docs/licences.md says what they ask.\n")
    return 0


def _cells(one: Licensed) -> tuple[str, str, str]:
    return one.name, one.version, one.licence or "-"


def _text_of(installed: Distribution, root: Path) -> str:
    texts = sorted(
        (file for file in installed.files or () if ".dist-info" in file.parts[0] and TEXT.search(file.name)),
        key=lambda file: (len(file.parts), file.name),
    )
    if not texts:
        return ""
    path = Path(str(texts[0].locate()))
    return str(path.relative_to(root)) if path.is_relative_to(root) else str(path)


if __name__ == "__main__":
    sys.exit(main())
