// Unpacks the browser of the package @sparticuz/chromium, which is made for Lambda
// and brings the libraries that a bare machine lacks:
// node unpack.mjs PACKAGE TARGET
import { createReadStream, createWriteStream } from "node:fs";
import { chmod } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { createBrotliDecompress } from "node:zlib";

const [from, to] = process.argv.slice(2);
for (const name of ["chromium", "al2023.tar", "fonts.tar"]) {
  await pipeline(
    createReadStream(join(from, "bin", name + ".br")),
    createBrotliDecompress(),
    createWriteStream(join(to, name)),
  );
}
await chmod(join(to, "chromium"), 0o755);
