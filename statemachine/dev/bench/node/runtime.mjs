// The smallest client of the Lambda Runtime API that runs index.mjs. Lambda's own
// (aws-lambda-ric) wants a C++ compiler to install, and does more: this one is in
// favour of Node.js.
import { Agent, request } from "node:http";
import { handler } from "./index.mjs";

const [host, port] = process.env.AWS_LAMBDA_RUNTIME_API.split(":");
const agent = new Agent({ keepAlive: true, maxSockets: 1 });

const call = (method, path, body) =>
  new Promise((resolve, reject) => {
    const sent = request({ host, port, agent, method, path: `/2018-06-01/runtime/invocation/${path}` }, (response) => {
      const chunks = [];
      response.on("data", (chunk) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () => resolve({ id: response.headers["lambda-runtime-aws-request-id"], text: Buffer.concat(chunks).toString() }));
    });
    sent.on("error", reject);
    sent.end(body);
  });

for (;;) {
  const { id, text } = await call("GET", "next");
  await call("POST", `${id}/response`, JSON.stringify(await handler(JSON.parse(text), {})));
}
