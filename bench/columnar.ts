/**
 * Rows to blocks and back, ns of processor time a row (garbage collection included) and MB/s. Run: npx tsx --conditions volley-source bench/columnar.ts [rows in thousands] [name]
 */
import { decodeRows, readBatches } from "@volley/engine/columnar/block-reader.js";
import { BlockWriter, encodeRows } from "@volley/engine/columnar/block-writer.js";
import type { ClassRegistry } from "@volley/engine/columnar/types.js";

class Point {
  x: number;
  y: number;
  constructor(x: number, y: number) {
    this.x = x;
    this.y = y;
  }
}
const classes: ClassRegistry = { idOf: (constructor) => (constructor === Point ? 0 : undefined), byId: () => Point };

const workloads: Record<string, (i: number) => unknown> = {
  "[string, number]": (i) => [`key-${i % 5000}`, i],
  "{a, b, c: string}": (i) => ({ a: i, b: i / 3, c: `value ${i}` }),
  int32: (i) => i,
  float64: (i) => i / 3,
  "string (10)": (i) => `word-${i % 100000}`,
  "string (80)": (i) => `a line of text with some words in it, as a text file has them, number ${i} ....`,
  "string (non-ASCII)": (i) => `größe-${i % 100000}`,
  "Float64Array(8)": (i) => Float64Array.of(i, 1, 2, 3, 4, 5, 6, 7),
  "[Point, Point]": (i) => [new Point(i, 0), new Point(0, i)],
  "[string, number[]]": (i) => [`k${i}`, [i, i + 1, i + 2, i + 3].slice(0, 1 + (i % 4))],
  "[string, {n}[]]": (i) => [`k${i}`, [{ n: i }, { n: i + 1 }].slice(0, 1 + (i % 2))],
  "[string, undefined | number]": (i) => [`k${i}`, i % 3 === 0 ? undefined : i],
  Date: (i) => new Date(i * 1000),
  "mixed string | number": (i) => (i % 2 === 0 ? i : `s${i}`),
  "Map (any)": (i) => new Map([["a", i]]),
  "{a, b?}": (i) => (i % 2 === 0 ? { a: i } : { a: i, b: `b${i}` }),
};

const rowCount = Number(process.argv[2] ?? 500) * 1000;
const only = process.argv[3];

function best(run: () => void, times = 4): number {
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < times; i++) {
    const start = process.cpuUsage();
    run();
    const { user, system } = process.cpuUsage(start);
    least = Math.min(least, (user + system) * 1000);
  }
  return least;
}

console.log(
  `${"rows".padEnd(30)} ${"write ns".padStart(9)} ${"read ns".padStart(9)} ${"bytes".padStart(7)} ${"write MB/s".padStart(11)} ${"read MB/s".padStart(11)}`,
);
for (const [name, make] of Object.entries(workloads)) {
  if (only !== undefined && !name.includes(only)) continue;
  const rows = Array.from({ length: rowCount }, (_, i) => make(i));
  let block = new Uint8Array(0) as Uint8Array;
  const write = best(() => {
    block = encodeRows(rows, classes);
  });
  let sum = 0;
  const read = best(() => {
    for (const batch of readBatches(block, classes)) sum += batch.rows().length;
  });
  const [w, r, b] = [write / rowCount, read / rowCount, block.length / rowCount];
  console.log(
    `${name.padEnd(30)} ${w.toFixed(1).padStart(9)} ${r.toFixed(1).padStart(9)} ${b.toFixed(1).padStart(7)} ${((b / w) * 1000).toFixed(0).padStart(11)} ${((b / r) * 1000).toFixed(0).padStart(11)}`,
  );
  if (sum === 0) throw new Error("nothing read");
}

if (only === undefined || only === "pairs") {
  const keys = Array.from({ length: rowCount }, (_, i) => `key-${i % 5000}`);
  const write = best(() => {
    const writer = new BlockWriter(classes);
    for (let i = 0; i < rowCount; i++) writer.pushPair(keys[i], i);
    writer.finish();
  });
  const push = best(() => {
    const writer = new BlockWriter(classes);
    for (let i = 0; i < rowCount; i++) writer.push([keys[i], i]);
    writer.finish();
  });
  console.log(
    `pairs: push([k, v]) ${(push / rowCount).toFixed(1)} ns, pushPair(k, v) ${(write / rowCount).toFixed(1)} ns`,
  );
}

const tiny = encodeRows([42], classes);
const times = 20_000;
const writeTiny = best(() => {
  for (let i = 0; i < times; i++) encodeRows([i], classes);
});
const readTiny = best(() => {
  for (let i = 0; i < times; i++) decodeRows(tiny, classes);
});
console.log(
  `a block of one number: ${tiny.length} bytes, write ${(writeTiny / times / 1000).toFixed(2)} us, read ${(readTiny / times / 1000).toFixed(2)} us`,
);
