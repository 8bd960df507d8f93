/**
 * TF-IDF: the words that are typical for each category of WordNet's nouns: frequent in its definitions and rare in those of the others.
 *
 * Spark's HashingTF and IDF, by hand: two ways to count the same pairs, joined by word. `cache` keeps the counts, which both ways read.
 */
import { fileURLToPath } from "node:url";
import { VolleyContext } from "volley";
import { CATEGORIES, definitionWords, isEntry, wordnetFile } from "./data/wordnet.ts";

/** For each category its `first` most typical words, best first. */
export async function typicalWords(vc: VolleyContext, path: string, first: number): Promise<Map<string, string[]>> {
  const counts = vc
    .textFile(path)
    .filter(isEntry)
    .flatMap((line) => {
      const category = CATEGORIES[Number(line.slice(9, 11))]!;
      return definitionWords(line).map((word) => ({ word, category }));
    })
    .map((use) => [use, 1])
    .reduceByKey((a, b) => a + b)
    .map(([{ word, category }, count]): [string, { category: string; count: number }] => [word, { category, count }])
    .cache();

  const categories = await counts
    .map(([, { category }]) => category)
    .distinct()
    .count();
  const inverseFrequency = counts
    .mapValues(() => 1)
    .reduceByKey((a, b) => a + b)
    .mapValues((uses) => Math.log(categories / uses));

  return counts
    .join(inverseFrequency)
    .map(([word, [{ category, count }, idf]]): [string, { word: string; score: number }] => [
      category,
      { word, score: count * idf },
    ])
    .groupByKey()
    .mapValues((words) =>
      words
        .sort((a, b) => b.score - a.score || (a.word < b.word ? -1 : 1))
        .slice(0, first)
        .map(({ word }) => word),
    )
    .collectAsMap();
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const vc = await VolleyContext.create({ appName: "TF-IDF" });
  for (const [category, words] of await typicalWords(vc, wordnetFile("data.noun"), 5)) {
    console.log(`${category.padStart(14)}  ${words.join(", ")}`);
  }
  await vc.stop();
}
