#!/bin/sh
# gunicorn with uvicorn workers: deploy/gunicorn/run.sh [--article-workers] [options of gunicorn]
#
# One worker a core; --article-workers takes min(2 x cores + 1, 8) instead. More than one worker needs DATABASE_URL
# (PostgreSQL) and REDIS_URL; --workers 1 does without. Options that come later win, so any of gunicorn.conf.py's
# settings can be given here: --workers, --bind, --max-requests.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)

cores=$(nproc 2>/dev/null || getconf _NPROCESSORS_ONLN)
workers=$cores
if [ "${1:-}" = "--article-workers" ]; then
  shift
  workers=$((cores * 2 + 1))
  [ "$workers" -le 8 ] || workers=8
fi

if [ ! -x "$root/.venv/bin/gunicorn" ]; then
  echo "teahouse: nothing is installed yet; start ./run once" >&2
  exit 1
fi
exec "$root/.venv/bin/gunicorn" \
  --config "$root/deploy/gunicorn/gunicorn.conf.py" \
  --workers "$workers" \
  "$@" \
  teahouse.site.asgi:application
