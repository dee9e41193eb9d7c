#!/usr/bin/env bash
# Installs Debian packages: as root, else by sudo, else says what to type. Used only where something is missing.
set -euo pipefail
# One at a time: `make test` asks for its programs beside the set-up, and apt waits for nobody who fetches its lists.
exec 8<"${BASH_SOURCE[0]}"
flock 8

as_root() {
  if [ "$(id -u)" = 0 ]; then
    "$@"
  elif command -v sudo >/dev/null && { sudo -n true 2>/dev/null || [ -t 0 ]; }; then
    sudo "$@"
  else
    return 77
  fi
}

install() {
  as_root env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 -qq \
    install --yes --no-install-recommends "$@"
}

log=$(mktemp)
trap 'rm -f "$log"' EXIT
echo "setup: Debian packages $*"
if install "$@" >"$log" 2>&1; then exit; fi
# The lists of a fresh machine may be empty or old: fetch them once and try again.
if as_root apt-get -o DPkg::Lock::Timeout=300 -qq update >>"$log" 2>&1 && install "$@" >>"$log" 2>&1; then exit; fi
tail -n 20 "$log" >&2
echo "Could not install $*. As root, run: apt-get update && apt-get install $*   then run again." >&2
exit 1
