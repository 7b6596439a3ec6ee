#!/bin/sh
exec java -XX:+UseSerialGC -Xmx128m -Djava.io.tmpdir="$TMPDIR" "$COUNTERSIGN_RELEASE_DIR/Notes.java"
