/**
 * The declarations that `volley` ships. `tsc -b` writes them package by package; a user installs one package. So what the front door's declarations reach is
 * copied below `packages/volley/dist/types/<package>/`, imports between packages become relative, and the sources come along under `dist/src`, so that "go to
 * definition" lands in TypeScript.
 *
 * Declarations may name nothing that the user may not have: a third-party package in a public type stops the build, except for those that are copied too.
 */
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import { DIST, ROOT } from "./bundle.mjs";

const ENTRY = { owner: "volley", path: "index" };

/** Our packages -> where tsc put their declarations. */
const EMITTED = {
  volley: "packages/volley/dist/.tsc",
  engine: "packages/engine/dist",
  driver: "packages/driver/dist",
  executor: "packages/executor/dist",
};
/** Third-party packages whose declarations are shipped with ours: types of messages and options are inferred from zod's schemas. */
const VENDORED = { zod: "node_modules/zod" };

/** Copies what the entry reaches. Answers how many declaration files are shipped. */
export function buildTypes() {
  const modules = reach(ENTRY);
  for (const folder of ["types", "src"]) rmSync(join(DIST, folder), { recursive: true, force: true });
  for (const module of modules.values()) writeModule(module);
  // The front door is CommonJS (with an ES module around it): compilers let `require` and `import` have that.
  writeFileSync(join(DIST, "types/package.json"), `${JSON.stringify({ type: "commonjs" })}\n`);
  return modules.size;
}

function reach(entry) {
  const modules = new Map();
  const pending = [entry];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const key = `${next.owner}/${next.path}`;
    if (modules.has(key)) continue;
    const file = join(ROOT, EMITTED[next.owner] ?? VENDORED[next.owner], `${next.path}.d.ts`);
    if (!existsSync(file)) throw new Error(`types: ${file} is not there, and public types reach it`);
    const text = readFileSync(file, "utf8");
    modules.set(key, { ...next, text });
    for (const specifier of specifiersOf(text)) pending.push(targetOf(next, specifier));
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
  const [name, ...rest] = specifier.split("/");
  if (name in VENDORED) return { owner: name, path: vendoredPath(name, rest.join("/")) };
  throw new Error(`types: ${module.owner}/${module.path} names "${specifier}" in a public type`);
}

/** `zod` -> index, `zod/compile` -> the file or the folder of that name. */
function vendoredPath(name, subpath) {
  const found = [subpath, posix.join(subpath, "index")].find((path) =>
    existsSync(join(ROOT, VENDORED[name], `${path}.d.ts`)),
  );
  if (found === undefined) throw new Error(`types: no declarations of ${name}/${subpath}`);
  return found;
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
  if (module.owner in EMITTED) writeSource(module, here, to);
}

function writeSource(module, here, declaration) {
  const source = join(DIST, "src", `${here}.ts`);
  mkdirSync(dirname(source), { recursive: true });
  copyFileSync(join(ROOT, "packages", module.owner, "src", `${module.path}.ts`), source);
  const map = JSON.parse(readFileSync(join(ROOT, EMITTED[module.owner], `${module.path}.d.ts.map`), "utf8"));
  map.sources = [posix.relative(posix.dirname(`types/${here}`), `src/${here}.ts`)];
  // The reference of the library pushed every line of the entry down by one.
  if (here === "volley/index") map.mappings = `;${map.mappings}`;
  writeFileSync(`${declaration}.map`, JSON.stringify(map));
}
