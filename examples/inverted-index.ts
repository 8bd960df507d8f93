/**
 * Inverted index: for each word the adverbs whose definitions use it, as a search engine keeps them, and a question put to it.
 *
 * The second program of the MapReduce paper; in Spark flatMap, distinct, groupByKey. The index is cached: `lookup` then computes one partition only,
 * since it knows where a key lies.
 */
import { fileURLToPath } from "node:url";
import { type RDD, VolleyContext } from "volley";
import { definitionWords, isEntry, wordnetFile } from "./data/wordnet.ts";

/** `[word, sorted names of the entries that use it]`. */
export function invertedIndex(vc: VolleyContext, path: string): RDD<[string, string[]]> {
  return vc
    .textFile(path)
    .filter(isEntry)
    .flatMap((line) => {
      const name = line.split(" ", 5)[4]!;
      return definitionWords(line).map((word): [string, string] => [word, name]);
    })
    .distinct()
    .groupByKey()
    .mapValues((names) => names.sort());
}

/** The entries that use all of the words. */
export async function search(index: RDD<[string, string[]]>, words: readonly string[]): Promise<string[]> {
  const lists = await Promise.all(words.map(async (word) => new Set((await index.lookup(word))[0])));
  const [first = new Set<string>(), ...others] = lists;
  return [...first].filter((name) => others.every((list) => list.has(name)));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const vc = await VolleyContext.create({ appName: "inverted index" });
  const index = invertedIndex(vc, wordnetFile("data.adv")).cache();
  console.log(`${await index.count()} words`);
  for (const words of [["speed"], ["without", "warning"], ["great", "care"]]) {
    console.log(`${words.join(" + ")}: ${(await search(index, words)).join(", ")}`);
  }
  await vc.stop();
}
