/**
 * Top N per key: the words with the most meanings, for each part of speech.
 *
 * Spark's aggregateByKey with a bounded list as the zero value (topByKey of its mllib): a partition sends at most N rows a key through the shuffle, where
 * groupByKey would send every word. The zero is copied for each key, so adding to it is safe.
 */
import { fileURLToPath } from "node:url";
import { VolleyContext } from "volley";
import { isEntry, wordnetFile } from "./data/wordnet.ts";

export interface Word {
  readonly word: string;
  readonly meanings: number;
}

function better(a: Word, b: Word): number {
  return b.meanings - a.meanings || (a.word < b.word ? -1 : 1);
}

/** `paths` are WordNet's index files, whose lines begin `word partOfSpeech meanings`. */
export async function mostMeanings(
  vc: VolleyContext,
  paths: readonly string[],
  n: number,
): Promise<Map<string, Word[]>> {
  const keepBest = (best: Word[], word: Word) => {
    const last = best[n - 1];
    if (last !== undefined && better(last, word) <= 0) return best;
    return [...best, word].sort(better).slice(0, n);
  };
  return vc
    .textFile(paths)
    .filter(isEntry)
    .map((line): [string, Word] => {
      const [word = "", partOfSpeech = "", meanings = "0"] = line.split(" ", 3);
      return [partOfSpeech, { word, meanings: Number(meanings) }];
    })
    .aggregateByKey([] as Word[], keepBest, (a, b) => b.reduce(keepBest, a))
    .collectAsMap();
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const vc = await VolleyContext.create({ appName: "top N per key" });
  const paths = ["noun", "verb", "adj", "adv"].map((name) => wordnetFile(`index.${name}`));
  const names = new Map(Object.entries({ n: "nouns", v: "verbs", a: "adjectives", r: "adverbs" }));
  for (const [partOfSpeech, words] of await mostMeanings(vc, paths, 5)) {
    const list = words.map(({ word, meanings }) => `${word} ${meanings}`).join(", ");
    console.log(`${names.get(partOfSpeech)}: ${list}`);
  }
  await vc.stop();
}
