// What the page does in the browser besides htmx: it draws the definition, and signs up
// and resets a password as an app does, with Amplify.
import { Amplify, confirmResetPassword, confirmSignUp, dagre, resetPassword, signUp } from "./libraries.js";

const { pool, client } = document.querySelector("meta[name=local-aws]").dataset;
Amplify.configure({ Auth: { Cognito: { userPoolId: pool, userPoolClientId: client, userPoolEndpoint: location.origin } } });

// No code is mailed here: any of six digits is right.
const confirmationCode = "123456";

// A mail meets another fate than delivery at an address of SES's mailbox simulator.
const addressFor = (email, fate) => (fate ? `${fate}+${email.split("@")[0]}@simulator.amazonses.com` : email);

const actions = {
  "sign-up": async ({ elements: { email, name, password, locale, fate } }) => {
    const username = addressFor(email.value, fate.value);
    const userAttributes = { email: username, ...(name.value && { name: name.value }) };
    await signUp({ username, password: password.value, options: { userAttributes } });
    const clientMetadata = locale.value ? { locale: locale.value } : {};
    await confirmSignUp({ username, confirmationCode, options: { clientMetadata } });
    return `${username} is signed up and confirmed.`;
  },
  reset: async ({ dataset: { username } }) => {
    const newPassword = "Correct-horse-8-battery";
    await resetPassword({ username });
    await confirmResetPassword({ username, confirmationCode, newPassword });
    return `The password is ${newPassword} now.`;
  },
};

document.addEventListener("submit", async (event) => {
  const form = event.target;
  const act = actions[form.dataset.action];
  if (!act) return;
  event.preventDefault();
  const [button, output] = [form.querySelector("button"), form.querySelector("output")];
  button.setAttribute("aria-disabled", "true"); // keeps the focus, which disabled loses
  output.textContent = "…";
  output.textContent = await act(form).catch((error) => `${error.name}: ${error.message}`);
  button.removeAttribute("aria-disabled");
});

const element = (name, attributes, parent, text = "") => {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.textContent = text;
  return parent.appendChild(made);
};

// draw draws the graph of an execution, where there is one.
const draw = () => {
  const figure = document.getElementById("graph");
  if (!figure || figure.firstChild) return;
  const { nodes, edges } = JSON.parse(figure.dataset.graph);
  const layout = new dagre.graphlib.Graph().setGraph({ rankdir: "LR", ranksep: 36, marginx: 4, marginy: 4 }).setDefaultEdgeLabel(() => ({}));
  const [lineHeight, letter, padding] = [18, 7.8, 24];
  const height = Math.max(...nodes.map(({ lines }) => lines?.length ?? 0)) * lineHeight + padding;
  for (const { id, lines, status } of nodes) {
    const width = lines ? Math.max(...lines.map((line) => line.length)) * letter + padding : 16;
    layout.setNode(id, { lines, status, width, height: lines ? height : 16 });
  }
  for (const { from, to } of edges) layout.setEdge(from, to);
  dagre.layout(layout);
  const whole = layout.graph();
  const svg = element("svg", { viewBox: `0 0 ${whole.width} ${whole.height}`, width: whole.width, height: whole.height, "aria-hidden": "true" }, figure);
  for (const edge of layout.edges()) {
    const points = layout.edge(edge).points;
    element("polyline", { points: points.map(({ x, y }) => `${x},${y}`).join(" "), class: "edge" }, svg);
    const [a, b] = points.slice(-2);
    const angle = (Math.atan2(b.y - a.y, b.x - a.x) * 180) / Math.PI;
    element("path", { d: "M0 0-8-4-8 4Z", transform: `translate(${b.x} ${b.y}) rotate(${angle})`, class: "arrow" }, svg);
  }
  for (const { x, y, width, height, lines, status } of layout.nodes().map((id) => layout.node(id))) {
    if (!lines) {
      element("circle", { cx: x, cy: y, r: 8, class: "arrow" }, svg);
      continue;
    }
    const box = element("g", { class: "state", "data-status": status }, svg);
    element("rect", { x: x - width / 2, y: y - height / 2, width, height, rx: 6 }, box);
    lines.forEach((line, i) => {
      const at = y + (i - (lines.length - 1) / 2) * lineHeight;
      element("text", { x, y: at, "dominant-baseline": "middle", "text-anchor": "middle", class: i ? "" : "name" }, box, line);
    });
  }
};
draw();
document.addEventListener("htmx:afterSwap", draw);
