// Looks up what the HTML and CSS of mails uses in the data of caniemail.com, and prints
// what a client does not support at all, as JSON: node clients.mjs JOB, where JOB is a
// JSON file that clients.go writes.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";

const job = JSON.parse(readFileSync(process.argv[2], "utf8"));
const installed = createRequire(resolve(job.modules) + "/").resolve("caniemail");
const { caniemail } = await import(pathToFileURL(installed));

const found = [];
for (const mail of job.mails) {
  const { issues } = caniemail({ clients: job.clients, html: readFileSync(resolve(job.folder, mail.File), "utf8") });
  for (const [client, features] of issues.errors) {
    for (const feature of new Set(features.map((issue) => issue.title))) {
      found.push({ locale: mail.Locale, client, feature });
    }
  }
}
console.log(JSON.stringify(found));
