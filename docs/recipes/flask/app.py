"""Notes in SQLite, in the data directory."""

import os
import sqlite3

from flask import Flask, request

app = Flask(__name__)
DATABASE = os.path.join(os.environ["COUNTERSIGN_DATA_DIR"], "notes.sqlite")


def database():
    connection = sqlite3.connect(DATABASE, timeout=5)
    connection.execute("CREATE TABLE IF NOT EXISTS notes (id INTEGER PRIMARY KEY, text TEXT NOT NULL)")
    return connection


@app.get("/health")
def health():
    with database() as connection:
        connection.execute("SELECT 1")
    return "", 204


@app.get("/")
def notes():
    with database() as connection:
        rows = connection.execute("SELECT text FROM notes ORDER BY id").fetchall()
    lines = [os.environ["COUNTERSIGN_ARTIFACT"]] + [text for (text,) in rows]
    return "\n".join(lines) + "\n", {"content-type": "text/plain"}


@app.post("/")
def add():
    with database() as connection:
        connection.execute("INSERT INTO notes (text) VALUES (?)", (request.get_data(as_text=True),))
    return "kept\n", 201
