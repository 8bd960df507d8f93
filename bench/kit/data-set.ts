/** Generated files, the same on every machine: made with a seed into `bench/.data/` (ignored by git) when they are not there. */
import { once } from "node:events";
import { createWriteStream, existsSync, mkdirSync, renameSync } from "node:fs";
import { dirname, join } from "node:path";
import { finished } from "node:stream/promises";
import { fileURLToPath } from "node:url";

const DATA = join(dirname(fileURLToPath(import.meta.url)), "../.data");
const CHUNK_LINES = 2000;

export type DataSet = "words" | "lines" | "orders";

/** A generator of numbers in [0, 1): a linear congruence over 2^48 would need bigint; this one (mulberry32) is as good for text. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const DISTINCT_WORDS = 300_000;

/** The n-th word of a language that never was: pronounceable, 2 to 12 letters, the frequent ones short. */
function wordOf(index: number): string {
  const syllables = [
    "ka",
    "lo",
    "mi",
    "ten",
    "ra",
    "sho",
    "vel",
    "no",
    "pri",
    "du",
    "an",
    "es",
    "qui",
    "bor",
    "fe",
    "zul",
  ];
  let word = "";
  for (let rest = index + 1; rest > 0; rest >>= 4) word += syllables[rest & 15];
  return index % 40 === 7 ? `${word}é` : word;
}

function* words(scale: number): Generator<string> {
  const random = randomFrom(1);
  const vocabulary = Array.from({ length: DISTINCT_WORDS }, (_, index) => wordOf(index));
  for (let bytes = 0; bytes < 100_000_000 * scale; ) {
    const line: string[] = [];
    const length = 4 + Math.floor(random() * 16);
    // The rank of a word goes with a power of a uniform number: few words are most of the text, and all of them occur.
    for (let i = 0; i < length; i++) line.push(vocabulary[Math.floor(DISTINCT_WORDS * random() ** 3)] as string);
    const text = line.join(" ");
    bytes += text.length + 1;
    yield text;
  }
}

function* lines(scale: number): Generator<string> {
  const random = randomFrom(2);
  const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
  const key = () => Array.from({ length: 10 }, () => letters[Math.floor(random() * 26)]).join("");
  for (let i = 0; i < 1_000_000 * scale; i++) yield `${key()} ${String(i).padStart(10, "0")} ${"x".repeat(77)}`;
}

function* orders(scale: number): Generator<string> {
  const random = randomFrom(3);
  const countries = ["CH", "DE", "FR", "IT", "AT", "US", "JP", "BR", "IN", "NG"];
  let bytes = 0;
  for (let id = 0; bytes < 100_000_000 * scale; id++) {
    const customer = `customer-${Math.floor(random() * 50_000)}`;
    const day = `2026-${String(1 + (id % 12)).padStart(2, "0")}-${String(1 + (id % 28)).padStart(2, "0")}`;
    const row = `${id},${day},${customer},${countries[Math.floor(random() * 10)]},${1 + Math.floor(random() * 9)},${(random() * 500).toFixed(2)},order number ${id % 1000}`;
    bytes += row.length + 1;
    yield row;
  }
}

const GENERATORS: Readonly<Record<DataSet, (scale: number) => Generator<string>>> = { words, lines, orders };

export function dataPath(dataSet: DataSet, scale: number): string {
  return join(DATA, `${dataSet}-${scale}.txt`);
}

export async function makeData(dataSet: DataSet, scale: number): Promise<void> {
  const path = dataPath(dataSet, scale);
  if (existsSync(path)) return;
  mkdirSync(DATA, { recursive: true });
  const out = createWriteStream(`${path}.part`);
  let chunk: string[] = [];
  const write = async () => {
    if (!out.write(`${chunk.join("\n")}\n`)) await once(out, "drain");
    chunk = [];
  };
  for (const line of GENERATORS[dataSet](scale)) if (chunk.push(line) === CHUNK_LINES) await write();
  if (chunk.length > 0) await write();
  await finished(out.end());
  renameSync(`${path}.part`, path);
}
