// Notes: a page of what was posted, kept in the data directory. `npm install --omit=dev` before it is packed.
"use strict";

const fs = require("node:fs");
const path = require("node:path");
const express = require("express");

const notes = path.join(process.env.COUNTERSIGN_DATA_DIR, "notes.txt");
const app = express();
app.use(express.text({ type: "*/*" }));
app.get("/health", (_, answer) => answer.status(204).end());
app.get("/", (_, answer) => {
  const kept = fs.existsSync(notes) ? fs.readFileSync(notes, "utf8") : "";
  answer.type("text/plain").send(`${process.env.COUNTERSIGN_ARTIFACT}\n${kept}`);
});
app.post("/", (request, answer) => {
  fs.appendFileSync(notes, `${request.body}\n`);
  answer.status(201).send("kept\n");
});
app.listen(Number(process.env.PORT), process.env.HOST, () => console.log(`listening on port ${process.env.PORT}`));
