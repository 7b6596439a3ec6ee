#!/bin/sh
# nginx reads no environment, so its file is filled in where it runs. What is in `kept` outlives releases.
set -eu
mkdir -p "$COUNTERSIGN_DATA_DIR/kept"
sed -e "s|@LISTEN@|$COUNTERSIGN_LISTEN|" -e "s|@RELEASE@|$COUNTERSIGN_RELEASE_DIR|" \
  -e "s|@DATA@|$COUNTERSIGN_DATA_DIR|" -e "s|@TMP@|$TMPDIR/nginx-$PORT|" -e "s|@ARTIFACT@|$COUNTERSIGN_ARTIFACT|" \
  "$COUNTERSIGN_RELEASE_DIR/nginx.conf" > "$TMPDIR/nginx-$PORT.conf"
mkdir -p "$TMPDIR/nginx-$PORT"
exec nginx -e stderr -c "$TMPDIR/nginx-$PORT.conf"
