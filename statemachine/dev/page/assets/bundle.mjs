// Bundles the page's libraries, with esbuild: node bundle.mjs MODULES [-update], where
// MODULES is the folder that package.json was installed into. Without -update it fails
// if libraries.js is not what comes of them.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, relative, resolve } from "node:path";

const modules = resolve(process.argv[2], "node_modules");
const folder = dirname(new URL(import.meta.url).pathname);
const { build } = createRequire(modules + "/")("esbuild");
const { outputFiles, metafile } = await build({
  entryPoints: [join(folder, "libraries.mjs")],
  bundle: true,
  minify: true,
  format: "esm",
  target: "es2022",
  legalComments: "none", // LICENSES.txt has them
  nodePaths: [modules],
  metafile: true,
  write: false,
});
const packages = new Set();
for (const [file, { bytesInOutput }] of Object.entries(metafile.outputs[Object.keys(metafile.outputs)[0]].inputs)) {
  const name = relative(modules, resolve(file)).split("/node_modules/").at(-1).match(/^(@[^/]+\/)?[^./][^/]*(?=\/)/)?.[0];
  if (bytesInOutput > 0 && name) packages.add(name);
}
const licenses = [...packages].sort().map((name) => {
  const { version, license } = JSON.parse(readFileSync(join(modules, name, "package.json"), "utf8"));
  const file = readdirSync(join(modules, name)).find((f) => /^licen[cs]e/i.test(f));
  return { title: `${name} ${version} (${license ?? "as follows"})`, text: file ? readFileSync(join(modules, name, file), "utf8").trim() : "" };
});
// A text that several packages share stands there once, below their names.
const texts = [...new Set(licenses.map(({ text }) => text))];
const titles = (text) => licenses.filter((l) => l.text === text).map(({ title }) => title).join("\n");
const text = texts.map((t) => titles(t) + "\n\n" + t).join("\n\n----\n\n") + "\n";

const [bundle, notices] = [join(folder, "libraries.js"), join(folder, "LICENSES.txt")];
if (process.argv[3] === "-update") {
  writeFileSync(bundle, outputFiles[0].contents);
  writeFileSync(notices, text);
} else if (!readFileSync(bundle).equals(Buffer.from(outputFiles[0].contents)) || readFileSync(notices, "utf8") !== text) {
  console.error("libraries.js or LICENSES.txt is stale: UPDATE=1 make test-page makes them anew");
  process.exit(1);
}
