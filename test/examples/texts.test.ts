import { afterAll, beforeAll, expect, it } from "vitest";
import { VolleyContext } from "volley";
import { categoriesInTexts } from "../../examples/broadcast-join.ts";
import { wordsAndLengths } from "../../examples/custom-accumulator.ts";
import { invertedIndex, search } from "../../examples/inverted-index.ts";
import { typicalWords } from "../../examples/tf-idf.ts";
import { mostMeanings } from "../../examples/top-n-per-key.ts";
import { wordCount } from "../../examples/word-count.ts";
import { countOf, dictLines, dictPath, glossWords, groupOf } from "./kit.ts";

let vc: VolleyContext;
beforeAll(async () => {
  vc = await VolleyContext.create({ master: "local[2]" });
});
afterAll(() => vc.stop());

const byText = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

it("word count", async () => {
  const counts = [...countOf(dictLines("data.verb").flatMap(glossWords))];
  counts.sort((a, b) => b[1] - a[1] || byText(a[0], b[0]));
  expect(await wordCount(vc, dictPath("data.verb"), 500)).toEqual(counts.slice(0, 500));
});

it("inverted index", async () => {
  const entries = new Map<string, Set<string>>();
  for (const line of dictLines("data.adv")) {
    const name = line.split(" ")[4] ?? "";
    for (const word of glossWords(line)) entries.set(word, (entries.get(word) ?? new Set()).add(name));
  }
  const index = invertedIndex(vc, dictPath("data.adv")).cache();
  const all = new Map(await index.collect());
  expect(all.size).toBe(entries.size);
  for (const [word, names] of entries) expect(all.get(word)).toEqual([...names].sort());
  const both = [...(entries.get("without") ?? [])].filter((name) => entries.get("warning")?.has(name)).sort();
  expect(both.length).toBeGreaterThan(0);
  expect(await search(index, ["without", "warning"])).toEqual(both);
  expect(await search(index, ["without", "xyzzy"])).toEqual([]);
  await index.unpersist();
});

it("TF-IDF", async () => {
  // The verbs' categories have the numbers 29 to 43; their names are the example's own.
  const categories = groupOf(dictLines("data.verb"), (line) => line.split(" ")[1]);
  const words = [...categories.values()].map((lines) => countOf(lines.flatMap(glossWords)));
  const expected = words.map((counts) => {
    const scores = [...counts].map(([word, count]): [string, number] => {
      const uses = words.filter((other) => other.has(word)).length;
      return [word, count * Math.log(words.length / uses)];
    });
    scores.sort((a, b) => b[1] - a[1] || byText(a[0], b[0]));
    return scores.slice(0, 5).map(([word]) => word);
  });
  const typical = await typicalWords(vc, dictPath("data.verb"), 5);
  const sorted = (lists: Iterable<string[]>) => [...lists].map((list) => list.join(" ")).sort();
  expect(sorted(typical.values())).toEqual(sorted(expected));
  expect([...typical.keys()]).toContain("weather-verb");
});

it("top N per key", async () => {
  const rows = ["verb", "adj", "adv"].flatMap((name) => dictLines(`index.${name}`)).map((line) => line.split(" "));
  const expected = new Map(
    [...groupOf(rows, (row) => row[1] ?? "")].map(([key, group]) => {
      const words = group.map(([word = "", , meanings]) => ({ word, meanings: Number(meanings) }));
      words.sort((a, b) => b.meanings - a.meanings || byText(a.word, b.word));
      return [key, words.slice(0, 7)];
    }),
  );
  const paths = ["verb", "adj", "adv"].map((name) => dictPath(`index.${name}`));
  expect(new Map(await mostMeanings(vc, paths, 7))).toEqual(expected);
});

it("broadcast join", async () => {
  const sums = new Map<string, number>();
  for (const line of dictLines("index.sense")) {
    const [key = "", , , count] = line.split(" ");
    const category = /%\d:(\d\d):/.exec(key)?.[1] ?? "";
    sums.set(category, (sums.get(category) ?? 0) + Number(count));
  }
  const answer = await categoriesInTexts(vc, dictPath("index.sense"));
  expect(answer.map(([, count]) => count)).toEqual([...sums.values()].sort((a, b) => b - a));
  expect(new Map(answer).get("animal")).toBe(sums.get("05"));
  expect(new Map(answer).get("weather-verb")).toBe(sums.get("43"));
});

it("custom accumulator", async () => {
  const definitions = dictLines("data.verb").map(glossWords);
  const lengths = countOf(definitions.map((words) => Math.max(1, words.length).toString(2).length - 1));
  const answer = await wordsAndLengths(vc, dictPath("data.verb"));
  expect(answer.words).toEqual(countOf(definitions.flat()));
  expect(answer.lengths).toEqual(
    Array.from({ length: Math.max(...lengths.keys()) + 1 }, (_, power) => lengths.get(power) ?? 0),
  );
});
