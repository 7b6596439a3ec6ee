#!/bin/sh
exec gunicorn --bind "$COUNTERSIGN_LISTEN" --workers "${WORKERS:-2}" --worker-tmp-dir "$TMPDIR" \
  --chdir "$COUNTERSIGN_RELEASE_DIR" --access-logfile - app:app
