/** What a glob finds on a file store. */

import { dirname, isAbsolute, join, sep } from "node:path";
import { errorCode, type FileStore } from "./file-store.js";
import { expandBraces, type NamePattern, namePattern } from "./glob.js";

/** Names that Hadoop's readers pass over: what is not yet, or not really, data. */
export function isHidden(name: string): boolean {
  return name.startsWith("_") || name.startsWith(".");
}

/**
 * The absolute paths that match, sorted by code units, each once. Files whose own name is hidden are left out, and a wildcard goes into
 * a hidden folder only when the pattern begins with `_` or `.` itself.
 */
export async function walkGlob(pattern: string, cwd: string, store: FileStore): Promise<string[]> {
  const found = new Set<string>();
  for (const alternative of expandBraces(pattern)) {
    const names = alternative.split("/").filter((name) => name !== "" && name !== ".");
    const root = isAbsolute(alternative) ? sep : cwd;
    for (const path of await matches(root, names.map(namePattern), store)) found.add(path);
  }
  return [...found].sort();
}

async function matches(root: string, patterns: readonly NamePattern[], store: FileStore): Promise<string[]> {
  let candidates = [root];
  for (const [index, pattern] of patterns.entries()) {
    const next: string[] = [];
    const isLast = index === patterns.length - 1;
    for (const folder of candidates) {
      if (pattern.text !== undefined) next.push(pattern.text === ".." ? dirname(folder) : join(folder, pattern.text));
      else next.push(...(await namesLike(folder, pattern, isLast, store)));
    }
    candidates = next;
  }
  const existing: string[] = [];
  const hidden = isHidden(patterns.at(-1)?.text ?? "") && patterns.at(-1)?.text !== "..";
  if (hidden) return existing;
  for (const path of candidates) if ((await store.stat(path)) !== undefined) existing.push(path);
  return existing;
}

async function namesLike(folder: string, pattern: NamePattern, isLast: boolean, store: FileStore): Promise<string[]> {
  let names: readonly string[];
  try {
    names = await store.list(folder);
  } catch (error) {
    // A file in the place of a folder, or a folder that has none of the names so far: no match.
    const code = errorCode(error);
    if (code === "ENOENT" || code === "ENOTDIR") return [];
    throw error;
  }
  return names
    .filter((name) => pattern.matches(name) && (!isHidden(name) || (!isLast && pattern.asksHidden)))
    .map((name) => join(folder, name));
}
