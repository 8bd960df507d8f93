import type { Finding } from "./finding.ts";
import type { Manifest } from "./imports.ts";

interface LockEntry {
  readonly version?: string;
  readonly resolved?: string;
  readonly link?: boolean;
  readonly dev?: boolean;
  readonly optional?: boolean;
  readonly hasInstallScript?: boolean;
  readonly integrity?: string;
}

/** What a user gets with `npm install volley`: bounded, so that an install stays quick to fetch and to audit. */
const RUNTIME_PACKAGES_MAX = 60;

/** The lock file names no hosts, every package has its hash, and nothing that is shipped runs a script at install. */
export function checkLock(lockText: string): Finding[] {
  const file = "package-lock.json";
  const findings: Finding[] = [];
  const { packages } = JSON.parse(lockText) as { packages: Record<string, LockEntry> };
  let runtime = 0;
  for (const [place, entry] of Object.entries(packages)) {
    if (!place.startsWith("node_modules/") || entry.link) continue;
    if (entry.resolved !== undefined) findings.push({ rule: "lock", file, message: `${place} has a resolved address` });
    if (entry.integrity === undefined) findings.push({ rule: "lock", file, message: `${place} has no hash` });
    if (entry.dev) continue;
    runtime++;
    if (entry.hasInstallScript) findings.push({ rule: "lock", file, message: `${place} runs a script at install` });
  }
  if (runtime > RUNTIME_PACKAGES_MAX) {
    findings.push({
      rule: "lock",
      file,
      message: `${runtime} packages at run time, allowed are ${RUNTIME_PACKAGES_MAX}`,
    });
  }
  return findings;
}

/** Every npm script stands in docs/HACKING.md, and every script that it names exists. */
export function checkScriptsDocumented(
  manifest: Manifest & { scripts?: Record<string, string> },
  hacking: string,
): Finding[] {
  const file = "docs/HACKING.md";
  const scripts = new Set(Object.keys(manifest.scripts ?? {}));
  const named = new Set(
    [...hacking.matchAll(/`npm (?:run ([\w:-]+)|(start|test)\b)/g)].map((match) => match[1] ?? match[2] ?? ""),
  );
  const findings: Finding[] = [];
  for (const name of scripts)
    if (!named.has(name)) findings.push({ rule: "docs", file, message: `\`${name}\` is not described` });
  for (const name of named)
    if (!scripts.has(name)) findings.push({ rule: "docs", file, message: `there is no script \`${name}\`` });
  return findings;
}
