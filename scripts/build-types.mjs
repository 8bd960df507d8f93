/**
 * The declarations that `volley` ships. `tsc -b` writes them package by package; a user installs one package. So what the front door's declarations reach is
 * copied below `packages/volley/dist/types/<package>/`, imports between packages become relative, and the sources come along under `dist/src`, so that "go to
 * definition" lands in TypeScript.
 *
 * Declarations may name nothing that the user may not have: a third-party package in a public type stops the build.
 */
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import { DIST, ROOT } from "./bundle.mjs";

const ENTRY = { owner: "volley", path: "index" };

/** Where tsc put each package's declarations. */
function emittedFolder(owner) {
  return join(ROOT, "packages", owner, owner === "volley" ? "dist/.tsc" : "dist");
}

/** Copies what the entry reaches. Answers how many declaration files are shipped. */
export function buildTypes() {
  const modules = reach(ENTRY);
  for (const folder of ["types", "src"]) rmSync(join(DIST, folder), { recursive: true, force: true });
  for (const module of modules.values()) writeModule(module);
  return modules.size;
}

function reach(entry) {
  const modules = new Map();
  const pending = [entry];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const key = `${next.owner}/${next.path}`;
    if (modules.has(key)) continue;
    const file = join(emittedFolder(next.owner), `${next.path}.d.ts`);
    if (!existsSync(file)) throw new Error(`types: ${file} is not there; ${entry.path} reaches it`);
    const text = readFileSync(file, "utf8");
    modules.set(key, { ...next, text });
    for (const specifier of specifiersOf(text)) {
      const target = targetOf(next, specifier);
      if (target !== undefined) pending.push(target);
    }
  }
  return modules;
}

const SPECIFIER = /(?<=\bfrom |\bimport\(|\bimport )(["'])([^"']+)\1/g;

function specifiersOf(text) {
  return [...text.matchAll(SPECIFIER)].map((match) => match[2]);
}

function targetOf(module, specifier) {
  if (specifier.startsWith(".")) {
    return { owner: module.owner, path: posix.join(posix.dirname(module.path), specifier).replace(/\.js$/, "") };
  }
  const inside = /^@volley\/(\w+)\/(.+)\.js$/.exec(specifier);
  if (inside !== null) return { owner: inside[1], path: inside[2] };
  throw new Error(`types: ${module.owner}/${module.path} names "${specifier}" in a public type`);
}

function writeModule(module) {
  const here = `${module.owner}/${module.path}`;
  const text = module.text.replace(SPECIFIER, (whole, quote, specifier) => {
    if (specifier.startsWith(".")) return whole;
    const target = targetOf(module, specifier);
    const path = posix.relative(posix.dirname(here), `${target.owner}/${target.path}.js`);
    return `${quote}${path.startsWith(".") ? path : `./${path}`}${quote}`;
  });
  const to = join(DIST, "types", `${here}.d.ts`);
  mkdirSync(dirname(to), { recursive: true });
  // `await using` needs the library's declaration of Symbol.asyncDispose, whatever `lib` the user has chosen.
  writeFileSync(to, here === "volley/index" ? `/// <reference lib="esnext.disposable" />\n${text}` : text);
  const source = join(DIST, "src", `${here}.ts`);
  mkdirSync(dirname(source), { recursive: true });
  copyFileSync(join(ROOT, "packages", module.owner, "src", `${module.path}.ts`), source);
  writeMap(module, here, to);
}

function writeMap(module, here, to) {
  const map = JSON.parse(readFileSync(join(emittedFolder(module.owner), `${module.path}.d.ts.map`), "utf8"));
  map.sources = [posix.relative(posix.dirname(`types/${here}`), `src/${here}.ts`)];
  // The reference of the library pushed every line of the entry down by one.
  if (here === "volley/index") map.mappings = `;${map.mappings}`;
  writeFileSync(`${to}.map`, JSON.stringify(map));
}
