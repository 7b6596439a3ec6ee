#!/usr/bin/python3 -u
"""Notes in a PostgreSQL elsewhere: its address and password come as DATABASE_URL."""

import os
import socket
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import psycopg2

TABLE = "CREATE TABLE IF NOT EXISTS notes (id serial PRIMARY KEY, text text NOT NULL)"


def asked(sql, *values):
    connection = psycopg2.connect(os.environ["DATABASE_URL"], connect_timeout=3)
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(TABLE)
            cursor.execute(sql, values)
            return cursor.fetchall() if cursor.description else []
    finally:
        connection.close()


def reaches(port):
    try:
        socket.create_connection(("127.0.0.1", port), 3).close()
        return True
    except OSError:
        return False


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path == "/health":
            asked("SELECT 1")
            return self.answer(204, "")
        if self.path.startswith("/reaches/"):
            return self.answer(200, str(reaches(int(self.path.rsplit("/", 1)[1]))))
        rows = asked("SELECT text FROM notes ORDER BY id")
        self.answer(200, "\n".join([os.environ["COUNTERSIGN_ARTIFACT"]] + [text for (text,) in rows]) + "\n")

    def do_POST(self):
        asked("INSERT INTO notes (text) VALUES (%s)", self.rfile.read(int(self.headers["content-length"])).decode())
        self.answer(201, "kept\n")

    def log_request(self, code="-", size="-"):
        # It is asked for its health every second: that is no news.
        if self.path != "/health":
            super().log_request(code, size)

    def answer(self, status, text):
        self.send_response(status)
        if status != 204:
            self.send_header("content-length", str(len(text.encode())))
        self.end_headers()
        self.wfile.write(text.encode())


ThreadingHTTPServer((os.environ["HOST"], int(os.environ["PORT"])), Handler).serve_forever()
