# Shared by the scripts: finding a Python, making an environment with pinned packages.
# shellcheck shell=bash

say() { printf '%s\n' "$*"; }
fail() { printf '\n%s\n' "$*" >&2; exit 1; }
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

# as_root COMMAND…: run it as root, or return 1 where that is not possible without asking.
as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"
  elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then sudo "$@"
  else return 1
  fi
}

# apt_install PACKAGE…: install them, or return 1 (no right to, or no such package).
apt_install() {
  command -v apt-get >/dev/null || return 1
  as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -o Dpkg::Use-Pty=0 update >/dev/null &&
    as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -o Dpkg::Use-Pty=0 install -y \
      --no-install-recommends "$@" >/dev/null
}

# find_python: set PYTHON to the first interpreter that is new enough.
find_python() {
  local candidate
  for candidate in "${AURICULA_PYTHON:-}" python3 python3.13 python3.12 python3.11; do
    if [ -n "$candidate" ] && command -v "$candidate" >/dev/null 2>&1 && "$candidate" - \
      "$PYTHON_MINIMUM" 2>/dev/null <<'PY'; then
import ssl, sys, venv
sys.exit(sys.version_info[:2] < tuple(map(int, sys.argv[1].split("."))))
PY
      PYTHON=$(command -v "$candidate")
      return
    fi
  done
  say "Python $PYTHON_MINIMUM or newer is missing: asking the system for it"
  if apt_install python3 python3-venv && python3 -c "import venv, sys
sys.exit(sys.version_info[:2] < tuple(map(int, '$PYTHON_MINIMUM'.split('.'))))"; then
    PYTHON=$(command -v python3)
    return
  fi
  if apt_install "python$PYTHON_MINIMUM" "python$PYTHON_MINIMUM-venv"; then
    PYTHON=$(command -v "python$PYTHON_MINIMUM")
    return
  fi
  fail "Aurícula needs Python $PYTHON_MINIMUM or newer. Install it as root:
    apt-get install python3 python3-venv
and run this again (or name one: AURICULA_PYTHON=/path/to/python3 make up)."
}

# make_venv FOLDER PYTHON: an environment with pip, also where Debian's python3-venv is missing.
make_venv() {
  local folder=$1 python=$2 wheel
  if [ -x "$folder/bin/python" ] && "$folder/bin/python" -m pip --version >/dev/null 2>&1; then
    return
  fi
  rm -rf "$folder"
  if ! "$python" -c "import ensurepip" 2>/dev/null; then
    # Debian keeps pip's wheel in a package of its own; unpacking it needs no right to install.
    wheel=$root/var/cache/pip-wheel
    "$root/scripts/debian-root" "$wheel" python3-pip-whl >/dev/null ||
      fail "Python's pip could not be fetched. As root: apt-get install python3-venv"
    "$python" -m venv --without-pip "$folder"
    wheel=$(find "$wheel/usr/share/python-wheels" -name 'pip-*.whl' | head -1)
    "$folder/bin/python" "$wheel/pip" install -q --no-index "$wheel" ||
      "$folder/bin/python" "$wheel/pip" install -q pip
    return
  fi
  "$python" -m venv "$folder"
}

# fingerprint FILE…: one line that changes when any of the files does.
fingerprint() { cat "$@" | sha256sum | cut -d' ' -f1; }

# install_packages VENV LOCKFILE: exactly what the lock file says, once.
install_packages() {
  local venv=$1 lock=$2 stamp
  stamp="$(fingerprint "$lock" scripts/requirements-build.txt pyproject.toml) $root"
  if [ "$(cat "$venv/.installed" 2>/dev/null)" = "$stamp" ]; then
    return
  fi
  say "Fetching the Python packages"
  local log=$venv/install.log total
  total=$(grep -c '^[a-zA-Z0-9].*==' "$lock")
  pip=("$venv/bin/python" -m pip --disable-pip-version-check --no-input)
  "${pip[@]}" install -q --require-hashes -r scripts/requirements-build.txt >"$log" 2>&1 &&
    "${pip[@]}" install --progress-bar off --require-hashes --no-build-isolation -r "$lock" \
      2>&1 | tee -a "$log" | progress "$total" && [ "${PIPESTATUS[0]}" = 0 ] &&
    "${pip[@]}" install -q --no-deps --no-build-isolation -e . >>"$log" 2>&1 || {
      tail -15 "$log" >&2
      fail "The Python packages could not be installed (the whole story: $log).
Is the network up, and is there 3 GB of free disk? Then run this again: it goes on from here."
    }
  echo "$stamp" >"$venv/.installed"
}

# progress TOTAL: turn pip's lines into one that counts.
progress() {
  local total=$1 seen=0 word name tty=
  [ -t 1 ] && tty=1
  show() { if [ -n "$tty" ]; then printf '\r\033[K  %s' "$1"; else printf '  %s\n' "$1"; fi; }
  while read -r word name _; do
    case $word in
      Collecting)
        seen=$((seen + 1))
        if [ -n "$tty" ] || [ $((seen % 25)) = 0 ]; then
          show "$seen of at most $total: ${name%%[=<>;[]*}"
        fi ;;
      Installing) show "unpacking" ;;
    esac
  done
  if [ -n "$tty" ]; then printf '\r\033[K'; fi
}
