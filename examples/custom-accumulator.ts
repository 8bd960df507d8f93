/**
 * A custom accumulator: while a job counts how often each word is used, it also notes how long the definitions are that it reads.
 *
 * Spark's AccumulatorV2. Each task adds to a copy that starts empty; the driver merges the copies of tasks that were accepted, once each, whatever was tried
 * again. (A variable that a closure writes to would stay as it was: each task has its own copy of what it captured.)
 */
import { fileURLToPath } from "node:url";
import { Accumulator, VolleyContext } from "volley";
import { definitionWords, isEntry, wordnetFile } from "./data/wordnet.ts";

function addTo(counts: number[], power: number, count: number): void {
  while (counts.length <= power) counts.push(0);
  counts[power]! += count;
}

/** Counts numbers by powers of two: how many from 1 to below 2, from 2 to below 4, and so on. Numbers below 1 count with the first. */
export class PowersOfTwo extends Accumulator<number, readonly number[]> {
  counts: number[] = [];

  get value(): readonly number[] {
    return this.counts;
  }

  get isZero(): boolean {
    return this.counts.length === 0;
  }

  add(value: number): void {
    addTo(this.counts, Math.floor(Math.log2(Math.max(1, value))), 1);
  }

  merge(other: PowersOfTwo): void {
    for (const [power, count] of other.counts.entries()) addTo(this.counts, power, count);
  }

  reset(): void {
    this.counts = [];
  }

  copy(): PowersOfTwo {
    const same = new PowersOfTwo();
    same.counts = [...this.counts];
    return same;
  }
}

export async function wordsAndLengths(vc: VolleyContext, path: string) {
  const lengths = vc.register(new PowersOfTwo(), "words a definition");
  const words = await vc
    .textFile(path)
    .filter(isEntry)
    .flatMap((line) => {
      const definition = definitionWords(line);
      lengths.add(definition.length);
      return definition;
    })
    .countByValue();
  return { words, lengths: lengths.value };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const vc = await VolleyContext.create({ appName: "custom accumulator" });
  const { words, lengths } = await wordsAndLengths(vc, wordnetFile("data.verb"));
  console.log(`${words.size} different words; definitions by their length in words:`);
  for (const [power, count] of lengths.entries()) {
    console.log(`  ${`${2 ** power} to ${2 ** (power + 1) - 1}`.padStart(10)}: ${count}`);
  }
  await vc.stop();
}
