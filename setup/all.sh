#!/usr/bin/env bash
# The set-up: a virtual environment first, then the steps in Python. One at a time, however many terminals start it.
# Words after it are a command that is run once the files of the pages stand.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
exec 9<setup
flock 9

supported='import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))'

find_python() {
  local name
  for name in python3 python3.13 python3.12 python3.11; do
    if command -v "$name" >/dev/null && "$name" -c "$supported" 2>/dev/null; then
      command -v "$name"
      return
    fi
  done
  echo "Liveroom needs Python 3.11, 3.12 or 3.13, and none is on the PATH. Install one and run again." >&2
  return 1
}

make_venv() {
  local python
  python=$(find_python)
  echo "setup: virtual environment .venv with $("$python" --version)"
  rm -rf .venv
  if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
    setup/debian.sh "$("$python" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')"
  fi
  "$python" -m venv .venv
}

if ! .venv/bin/python -c "import pip; $supported" 2>/dev/null; then
  make_venv
fi
.venv/bin/python -m setup "$@"
