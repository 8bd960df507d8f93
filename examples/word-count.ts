/**
 * Word count: the most frequent words in the definitions of WordNet's verbs.
 *
 * The first program of every Spark tutorial (Spark's JavaWordCount). `flatMap` cuts lines into words, `reduceByKey` adds up in each partition before it
 * shuffles, so that a partition sends each word once.
 */
import { fileURLToPath } from "node:url";
import { VolleyContext } from "volley";
import { definitionWords, isEntry, wordnetFile } from "./data/wordnet.ts";

export async function wordCount(vc: VolleyContext, path: string, first: number): Promise<[string, number][]> {
  return vc
    .textFile(path)
    .filter(isEntry)
    .flatMap(definitionWords)
    .map((word) => [word, 1])
    .reduceByKey((a, b) => a + b)
    .sortBy(([word, count]) => [-count, word])
    .take(first);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const vc = await VolleyContext.create({ appName: "word count" });
  for (const [word, count] of await wordCount(vc, wordnetFile("data.verb"), 10)) {
    console.log(`${String(count).padStart(6)}  ${word}`);
  }
  await vc.stop();
}
