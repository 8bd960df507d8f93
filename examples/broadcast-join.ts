/**
 * Broadcast join: which categories of words do texts use most? 207,000 senses of words, each with how often it occurred in a body of texts, are joined with
 * the names of their categories.
 *
 * A "map-side join" of Spark: the small table goes to each executor once and the large one is not shuffled at all, where `join` would shuffle both.
 */
import { fileURLToPath } from "node:url";
import { VolleyContext } from "volley";
import { CATEGORIES, wordnetFile } from "./data/wordnet.ts";

/**
 * `[category, occurrences]`, most frequent first. `path` is WordNet's `index.sense`, whose lines are `word%type:category:id:: offset number occurrences`.
 */
export async function categoriesInTexts(vc: VolleyContext, path: string): Promise<[string, number][]> {
  const names = vc.broadcast(new Map(CATEGORIES.map((name, number) => [number, name])));
  const occurrences = await vc
    .textFile(path)
    .map((line) => {
      const [sense = "", , , count] = line.split(" ");
      const category = Number(sense.slice(sense.indexOf("%") + 3).split(":", 1)[0]);
      return [names.value.get(category) ?? `category ${category}`, Number(count)];
    })
    .reduceByKey((a, b) => a + b)
    .sortBy(([name, count]) => [-count, name])
    .collect();
  await names.destroy();
  return occurrences;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const vc = await VolleyContext.create({ appName: "broadcast join" });
  for (const [category, count] of (await categoriesInTexts(vc, wordnetFile("index.sense"))).slice(0, 10)) {
    console.log(`${String(count).padStart(7)}  ${category}`);
  }
  await vc.stop();
}
