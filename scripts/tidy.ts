/**
 * The style rules that can be checked: import direction, purity, lengths as a ratchet, leftovers, the lock file, docs that must agree with the code.
 * `npm run tidy` prints what it finds; `test/tidy.test.ts` runs it with the tests.
 *
 * To shorten the ratchet after a file has shrunk: `npm run tidy -- --ratchet`.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { checkLock, checkScriptsDocumented } from "./tidy/dependencies.ts";
import { type Finding, printFinding } from "./tidy/finding.ts";
import { checkCycles, checkImports, type Manifest } from "./tidy/imports.ts";
import { checkLeftovers, checkText } from "./tidy/leftovers.ts";
import { checkLengths, measure, type Ratchet } from "./tidy/lengths.ts";
import { type Allowance, checkPurity } from "./tidy/purity.ts";
import { isCode, listRepositoryFiles, parseSource, type SourceFile } from "./tidy/source-file.ts";

export const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), "..");
const RATCHET = "scripts/tidy-ratchet.json";
const ALLOWANCES = "scripts/tidy-allowances.json";

/** The parts of the workspace whose package.json says what they may import. */
const MANIFESTS = [
  "",
  "packages/engine",
  "packages/driver",
  "packages/executor",
  "packages/volley",
  "examples",
  "test",
];

const TEXT_FILE = /\.(ts|mts|cts|js|mjs|cjs|json|md|txt|yml|yaml)$|(^|\/)(\.[\w-]+|run|LICENSE|NOTICE)$/;

/** Runs every rule over the repository at `root`. An empty answer is a tidy repository. */
export function tidy(root: string = ROOT): Finding[] {
  const read = (path: string): string => readFileSync(join(root, path), "utf8");
  const readJson = <T>(path: string): T => JSON.parse(read(path)) as T;
  const manifests = new Map(MANIFESTS.map((place) => [place, readJson<Manifest>(join(place, "package.json"))]));
  const allowances = readJson<Allowance[]>(ALLOWANCES);
  const findings: Finding[] = [];
  const sources: SourceFile[] = [];
  const texts = listRepositoryFiles(root).filter((path) => TEXT_FILE.test(path));
  for (const path of texts) {
    const text = read(path);
    findings.push(...checkText(path, text));
    if (isCode(path)) sources.push(parseSource(path, text));
  }
  for (const file of sources) {
    findings.push(...checkImports(file, manifests), ...checkPurity(file, allowances), ...checkLeftovers(file));
  }
  const known = new Set(texts);
  for (const { file, what } of allowances) {
    if (!known.has(file))
      findings.push({ rule: "purity", file, message: `an allowance for ${what}, but no such file` });
  }
  findings.push(...checkCycles(sources.filter((file) => file.path.startsWith("packages/") && !file.isTest)));
  findings.push(...checkLengths(measureAll(sources), readJson<Ratchet>(RATCHET)));
  findings.push(...checkLock(read("package-lock.json")));
  findings.push(...checkScriptsDocumented(readJson("package.json"), read("docs/HACKING.md")));
  return findings;
}

function measureAll(sources: readonly SourceFile[]) {
  return sources.flatMap((file) => measure(file).map((entry) => ({ ...entry, file: file.path })));
}

/** Writes the lengths as they are now for what is in the ratchet; entries are never added, and never grow. */
function shrinkRatchet(root: string): void {
  const path = join(root, RATCHET);
  const before = JSON.parse(readFileSync(path, "utf8")) as Ratchet;
  const sources = listRepositoryFiles(root).filter(isCode);
  const now = new Map<string, number>();
  for (const source of sources) {
    for (const { key, lines } of measure(parseSource(source, readFileSync(join(root, source), "utf8"))))
      now.set(key, lines);
  }
  const after: Record<string, number> = {};
  for (const [key, allowed] of Object.entries(before)) {
    const lines = now.get(key);
    if (lines !== undefined) after[key] = Math.min(lines, allowed);
  }
  writeFileSync(path, `${JSON.stringify(after, null, 2)}\n`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  if (process.argv.includes("--ratchet")) shrinkRatchet(ROOT);
  const findings = tidy();
  for (const finding of findings) console.log(printFinding(finding));
  console.log(findings.length === 0 ? "tidy" : `${findings.length} findings`);
  process.exitCode = findings.length === 0 ? 0 : 1;
}
