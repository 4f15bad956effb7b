// Uses the page as a developer does, with the keyboard, in a headless browser:
// node browser_test.mjs JOB, where JOB is the JSON that browser_test.go makes.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const { browser: chromium, profile, endpoint, states, modules, pictures } = JSON.parse(process.argv[2]);
const puppeteer = createRequire(chromium.Modules + "/")("puppeteer-core");
const axe = readFileSync(createRequire(modules + "/").resolve("axe-core/axe.min.js"), "utf8");

const browser = await puppeteer.launch({
  executablePath: chromium.Path,
  headless: "shell",
  userDataDir: profile,
  env: { ...process.env, ...chromium.Environment },
  args: ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--force-color-profile=srgb", "--hide-scrollbars"],
});
const page = await browser.newPage();
const complaints = [];
page.on("pageerror", (error) => complaints.push(error.message));
page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
page.setDefaultTimeout(60_000);
await page.setViewport({ width: 1100, height: 720 });

// press focuses what has that ID and presses Enter, as who has no mouse does.
const press = async (id) => {
  const there = page.waitForNavigation();
  await page.waitForFunction((i) => {
    document.getElementById(i)?.focus();
    return document.activeElement.id === i;
  }, {}, id);
  await page.keyboard.press("Enter");
  await there;
};
const shows = (selector, text) =>
  page.waitForFunction((s, t) => [...document.querySelectorAll(s)].some((e) => e.textContent.includes(t)), {}, selector, text);
const texts = (selector) => page.$$eval(selector, (found) => found.map((e) => e.textContent.trim()));
const picture = async (name) => {
  if (pictures) await page.screenshot({ path: join(pictures, name) });
};

// accessible checks the page with axe, light and dark.
const accessible = async (what) => {
  await page.evaluate(axe);
  for (const scheme of ["light", "dark"]) {
    await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);
    // The frames of a mail have no scripts, for axe either.
    const { violations } = await page.evaluate(() => globalThis.axe.run(document, { iframes: false }));
    const found = violations.map((v) => `${v.id}: ${v.help}: ${v.nodes.map((n) => n.html.slice(0, 120)).join(" | ")}`);
    assert.deepEqual(found, [], `${what}, ${scheme}`);
  }
  await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: "light" }]);
};

// signUp signs up in the page, and returns the sub, once that is in the list. The address
// is that of the user, if it is not what is entered.
const signUp = async (entered, email = entered) => {
  await page.$eval("input[name=email]", (input) => input.select());
  await page.focus("input[name=email]");
  await page.keyboard.type(entered);
  await page.keyboard.press("Enter");
  await shows("output", `${email} is signed up and confirmed.`);
  await shows("#live a[id^='user-']", email);
  return page.$$eval("#live a[id^='user-']", (links, e) => links.find((a) => a.textContent === e).id.slice(5), email);
};
// onboarding waits until the list says that of a user's onboarding, without a reload.
const onboarding = (sub, status) => shows(`[id="of-${sub}"]`, status);

try {
  await page.goto(endpoint + "/");
  await shows("[role=status]", "connected");
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate(() => document.activeElement.textContent), "Skip to the content");
  const jane = await signUp("jane@example.com");
  await onboarding(jane, "SUCCEEDED");
  const said = await page.$eval("[role=status]", (e) => e.textContent);
  assert.notEqual(said, "connected", "what happens is said, and not only shown");
  await accessible("overview");

  await press(`of-${jane}`);
  await page.waitForSelector(".state");
  const drawn = await page.$$eval(".state", (found) => found.map((e) => [e.querySelector(".name").textContent, e.dataset.status]));
  assert.deepEqual(drawn.sort(), states.map((s) => [s, "done"]).sort());
  const boxes = await page.evaluate(() => [...document.querySelectorAll(".state rect")].map((e) => e.getBoundingClientRect().x));
  assert.equal(new Set(boxes).size, states.length, "the states stand side by side");
  assert.deepEqual(await texts("#live tbody td:nth-child(2)"), states);
  await accessible("execution");

  await press("owner");
  assert.equal(await page.$eval("#groups", (e) => e.textContent), "members");
  await accessible("user");
  await press("deliver");
  await shows("output", "The trigger got it and answered.");
  await page.focus("form[data-action=reset] button");
  await page.keyboard.press("Enter");
  await shows("output", "The password is");
  assert.equal((await texts("#live a[id^='execution-']")).length, 1, "neither started the onboarding again");

  const mail = await page.$eval("#live a[id^='mail-']", (a) => a.id);
  await press(mail);
  await page.waitForNetworkIdle();
  const subject = await page.$eval("h1", (e) => e.textContent);
  const dark = [];
  for (const frame of page.frames().slice(1)) {
    assert.ok((await frame.evaluate(() => document.body.textContent)).length > 50, "the mail is in the frame");
    const color = await frame.evaluate(() => getComputedStyle(document.querySelector("p")).color);
    dark.push(color.match(/\d+/g).slice(0, 3).every((channel) => channel > 128)); // the text is light
  }
  assert.deepEqual(dark, [false, true, false, true], "the mail light and dark");
  await accessible("mail " + subject);

  await page.goto(endpoint + "/_/logs");
  await shows(".log li", "Trigger");
  await accessible("logs");

  await page.goto(endpoint + "/");
  await press("refuse-ses");
  const joe = await signUp("joe@example.com");
  await onboarding(joe, "FAILED");
  await accessible("overview with a failure");
  await picture("overview.png");
  await press("allow");
  await press(`of-${joe}`);
  await page.waitForSelector(".state[data-status=FAILED]");
  await accessible("execution that failed");
  await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: "dark" }]);
  await picture("execution.png");
  await press("redrive");
  await shows("#outcome", "SUCCEEDED");
  await page.waitForFunction((n) => document.querySelectorAll(".state[data-status=done]").length === n, {}, states.length);

  await page.goto(endpoint + "/");
  await page.select("select[name=fate]", "bounce");
  const bounced = await signUp("jane-1@example.com", "bounce+jane-1@simulator.amazonses.com");
  await shows("#live [aria-labelledby=inbox] tr", "bounced Permanent/General");
  await page.select("select[name=fate]", "complaint");
  await signUp("jane-1@example.com", "complaint+jane-1@simulator.amazonses.com");
  await shows("#live [aria-labelledby=inbox] tr", "complained");
  await accessible("overview with mails that failed");
  await press(`user-${bounced}`);
  await shows("#fate", "bounced Permanent/General");
  await shows("#live [aria-labelledby=mails] tr", "bounced Permanent/General");
  assert.deepEqual(complaints, [], "errors in the browser");
} catch (error) {
  console.error("errors in the browser:", complaints);
  console.error(await page.evaluate(() => document.body?.innerText.slice(0, 3000)));
  throw error;
} finally {
  await browser.close();
}
