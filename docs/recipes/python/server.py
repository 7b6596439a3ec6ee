#!/usr/bin/python3 -u
"""Notes: a page of what was posted, kept in the data directory. Nothing but Python's own library."""

import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

NOTES = os.path.join(os.environ["COUNTERSIGN_DATA_DIR"], "notes.txt")


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path == "/health":
            return self.answer(204, b"")
        kept = open(NOTES, "rb").read() if os.path.exists(NOTES) else b""
        self.answer(200, os.environ["COUNTERSIGN_ARTIFACT"].encode() + b"\n" + kept)

    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        with open(NOTES, "ab") as notes:
            notes.write(body + b"\n")
        self.answer(201, b"kept\n")

    def log_request(self, code="-", size="-"):
        # It is asked for its health every second: that is no news.
        if self.path != "/health":
            super().log_request(code, size)

    def answer(self, status, body):
        self.send_response(status)
        if status != 204:
            self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


print("listening on port", os.environ["PORT"])
ThreadingHTTPServer((os.environ["HOST"], int(os.environ["PORT"])), Handler).serve_forever()
