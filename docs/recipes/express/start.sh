#!/bin/sh
export NODE_ENV=production
exec node "$COUNTERSIGN_RELEASE_DIR/server.js"
