// What the page uses of libraries. libraries.js is made of it: see bundle.mjs.
import "./htmx.mjs";
import "htmx-ext-sse";
export * as dagre from "@dagrejs/dagre";
export { Amplify } from "aws-amplify";
export { confirmResetPassword, confirmSignUp, resetPassword, signUp } from "aws-amplify/auth";
