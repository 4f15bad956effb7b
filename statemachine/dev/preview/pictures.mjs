// Opens pages in a headless browser, takes a picture of each and prints what it
// measured, as JSON: node pictures.mjs JOB, where JOB is a JSON file that main.go
// writes.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { resolve } from "node:path";

const job = JSON.parse(readFileSync(process.argv[2], "utf8"));
const puppeteer = createRequire(resolve(job.modules) + "/")("puppeteer-core");

const browser = await puppeteer.launch({
  executablePath: job.browser,
  headless: "shell",
  userDataDir: job.profile,
  env: { ...process.env, ...job.environment },
  // The pages are our own, and the sandbox does not start for root in a container.
  args: ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--force-color-profile=srgb", "--hide-scrollbars"],
});
try {
  const results = [];
  const page = await browser.newPage();
  for (const view of job.views) {
    await page.setViewport({ width: view.width, height: 400 });
    await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: view.scheme }]);
    for (const mail of job.mails) {
      await page.goto("file://" + resolve(mail.file));
      if (mail.picture) {
        await page.screenshot({ path: mail.file.replace(/\.html$/, `-${view.name}.png`), fullPage: true });
      }
      results.push({ mail: mail.name, view: view.name, ...(await page.evaluate(measure)) });
    }
  }
  console.log(JSON.stringify(results));
} finally {
  await browser.close();
}

// measure runs in the page.
function measure() {
  const channels = (color) => color.match(/[\d.]+/g).map(Number);
  const luminance = (color) => {
    const [r, g, b] = channels(color).map((c) => c / 255).map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  // https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio
  const contrast = (a, b) => {
    const [light, dark] = [luminance(a), luminance(b)].sort((x, y) => y - x);
    return (light + 0.05) / (dark + 0.05);
  };
  const background = (element) => {
    for (let e = element; e; e = e.parentElement) {
      const color = getComputedStyle(e).backgroundColor;
      if ((channels(color)[3] ?? 1) > 0) return color;
    }
    return "rgb(255, 255, 255)";
  };
  const problems = [];
  const text = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (text.nextNode()) {
    const element = text.currentNode.parentElement;
    const shown = element.checkVisibility({ opacityProperty: true, visibilityProperty: true });
    if (!text.currentNode.data.trim() || !shown || element.tagName === "STYLE") continue;
    const ratio = contrast(getComputedStyle(element).color, background(element));
    const range = document.createRange();
    range.selectNodeContents(text.currentNode);
    const box = range.getBoundingClientRect();
    if (box.height < 4 || box.width < 1) continue; // the hidden preheader
    if (ratio < 4.5) problems.push(`contrast ${ratio.toFixed(1)} of "${text.currentNode.data.trim()}"`);
    if (box.left < 0 || box.right > innerWidth) problems.push(`"${text.currentNode.data.trim()}" leaves the screen`);
  }
  if (document.documentElement.scrollWidth > innerWidth) {
    problems.push(`${document.documentElement.scrollWidth} pixels wide on a screen of ${innerWidth}`);
  }
  const button = document.querySelector(".button")?.getBoundingClientRect();
  const card = document.querySelector(".card").getBoundingClientRect();
  if (button && (button.height < 32 || button.left < card.left || button.right > card.right || button.bottom > card.bottom)) {
    problems.push("the button is not inside the card, or too small to touch");
  }
  return { problems, hasButton: Boolean(button), height: document.documentElement.scrollHeight };
}
