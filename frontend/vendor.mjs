// Copies the browser libraries and fonts into static/vendor (version in the name) and draws static/icons.svg from the icons used.
// Run by `npm run vendor`; what it writes is committed. Our own code does not belong here.
import { copyFileSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const HERE = dirname(fileURLToPath(import.meta.url));
const STATIC = join(HERE, "..", "static");
const VENDOR = join(STATIC, "vendor");
const MODULES = join(HERE, "node_modules");

const LIBRARIES = [
  { name: "markdown-it", file: "dist/browser/markdown-it.esm.min.mjs", licence: "LICENSE" },
  { name: "dompurify", file: "dist/purify.es.mjs", licence: "LICENSE" },
];

// Latin only: Chinese is in the reader's system, and its fonts weigh megabytes.
const FONTS = ["inter", "source-serif-4"];
const SUBSETS = ["latin", "latin-ext"];

const ICONS = readFileSync(join(HERE, "icons.txt"), "utf8").split(/\s+/).filter(Boolean).sort();

function version(name) {
  return createRequire(import.meta.url)(join(MODULES, name, "package.json")).version;
}

/** Source maps are not shipped, and a hashing static storage would look for them. */
function withoutSourceMap(text) {
  return text.replace(/\n\/\/# sourceMappingURL=.*\s*$/, "\n");
}

function vendor({ name, file, licence }) {
  const target = `${name}-${version(name)}`;
  writeFileSync(join(VENDOR, `${target}.js`), withoutSourceMap(readFileSync(join(MODULES, name, file), "utf8")));
  writeFileSync(join(VENDOR, `${target}.LICENSE.txt`), readFileSync(join(MODULES, name, licence), "utf8"));
}

function vendorFont(name) {
  const home = join(MODULES, "@fontsource-variable", name);
  const target = `${name}-${version(`@fontsource-variable/${name}`)}`;
  for (const subset of SUBSETS) {
    copyFileSync(join(home, "files", `${name}-${subset}-wght-normal.woff2`), join(VENDOR, `${target}-${subset}.woff2`));
  }
  copyFileSync(join(home, "LICENSE"), join(VENDOR, `${target}.LICENSE.txt`));
}

function symbol(name) {
  const svg = readFileSync(join(MODULES, "lucide-static", "icons", `${name}.svg`), "utf8");
  const shapes = svg.match(/<svg[^>]*>([\s\S]*)<\/svg>/)[1].replace(/\s*\n\s*/g, "");
  return `<symbol id="${name}" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.75" stroke-linecap="round" stroke-linejoin="round">${shapes}</symbol>`;
}

function drawIcons() {
  const credit = `<!-- Icons: Lucide ${version("lucide-static")}, ISC licence, https://lucide.dev -->`;
  const sprite = `<svg xmlns="http://www.w3.org/2000/svg">\n${credit}\n${ICONS.map(symbol).join("\n")}\n</svg>\n`;
  writeFileSync(join(STATIC, "icons.svg"), sprite);
  writeFileSync(join(VENDOR, `lucide-${version("lucide-static")}.LICENSE.txt`), readFileSync(join(MODULES, "lucide-static", "LICENSE")));
}

mkdirSync(VENDOR, { recursive: true });
for (const old of readdirSync(VENDOR)) rmSync(join(VENDOR, old));
LIBRARIES.forEach(vendor);
FONTS.forEach(vendorFont);
drawIcons();
