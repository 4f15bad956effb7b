// What the clients for Node.js share: their packages, and how they tell what came of a
// step, as a line of JSON.
import { createRequire } from "node:module";

export const { ENDPOINT: endpoint, POOL: pool, CLIENT: client, EMAIL: email, REGION: region } = process.env;
export const password = "Correct-horse-7-battery";
export const load = createRequire(process.env.MODULES + "/");

// step prints what the call returns, or the name of the error that it throws.
export const step = async (name, call) => {
  let result;
  try {
    result = (await call()) ?? "ok";
  } catch (error) {
    result = error.name === "Error" ? String(error) : error.name;
  }
  console.log(JSON.stringify({ step: name, result }));
  return result;
};
