/**
 * The workloads of bench/workloads/ for skale 1.2 (the engine of this kind that JavaScript had; unmaintained since 2019) with two workers, under the same names and with
 * the same answers, where it can say them. Arguments and output as for the other peers. Processor time is left out: it is spent in processes of its own.
 */
import { createRequire } from "node:module";
import { join } from "node:path";
import { NODE_PEERS } from "./setup.mjs";

const skale = createRequire(join(NODE_PEERS, "package.json"))("skale");
const [name, runs, scaleText, ...files] = process.argv.slice(2);
const scale = Number(scaleText);
const sized = (size) => Math.max(1, Math.round((size * scale) / 1000)) * 1000;
const rounded = (value) => value.toPrecision(9);
const sc = skale.context({ worker: 2 });

/** What is captured has to be named, and comes as a last argument. */
const keyed = (row, { keys }) => [(row * 7919) % keys, row];
const addPairs = (a, b) => [a[0] + b[0], a[1] + b[1]];

const WORKLOADS = {
  closures: async () =>
    rounded(
      await sc
        .range(0, sized(20_000_000), 1, 2)
        .map((x) => x + 1)
        .filter((x) => x % 3 !== 0)
        .map((x) => x * 2)
        .map((x) => x - 7)
        .filter((x) => x % 5 !== 0)
        .map((x) => x * 0.5)
        .reduce((a, b) => a + b, 0),
    ),
  "word-count": async () =>
    (
      await sc
        .textFile(files[0])
        .flatMap((line) => line.split(" "))
        .map((word) => [word, 1])
        .reduceByKey((a, b) => a + b, 0)
        .map(([word, count]) => [1, count * word.length])
        .reduce(addPairs, [0, 0])
    ).join(" "),
  "reduce-by-key": async () =>
    (
      await sc
        .range(0, sized(3_000_000), 1, 2)
        .map((i, { keys }) => [(i * 7919) % keys, i % 100], { keys: sized(1_000_000) })
        .reduceByKey((a, b) => a + b, 0)
        .map(([, sum]) => [1, sum])
        .reduce(addPairs, [0, 0])
    ).join(" "),
  "group-by-key": async () =>
    (
      await sc
        .range(0, sized(4_000_000), 1, 2)
        .map(keyed, { keys: sized(100_000) })
        .groupByKey()
        .map(([key, values]) => [1, values.length * (key % 10)])
        .reduce(addPairs, [0, 0])
    ).join(" "),
  join: async () => {
    const size = sized(600_000);
    const left = sc.range(0, size, 1, 2).map((i, { size }) => [(i * 31) % size, i], { size });
    const right = sc.range(0, size, 1, 2).map((i, { size }) => [(i * 17) % size, i * 2], { size });
    const [rows, total] = await left
      .join(right)
      .map(([, [a, b]]) => [1, (a + b) % 1000])
      .reduce(addPairs, [0, 0]);
    return `${rows} ${total}`;
  },
  collect: async () => {
    const all = await sc
      .range(0, sized(1_000_000), 1, 2)
      .map((i) => [`key-${i}`, i * 0.5])
      .collect();
    return `${all.length} ${all.at(-1).join(" ")}`;
  },
  distinct: async () => {
    const keys = sized(1_000_000);
    const users = sc.range(0, keys * 2, 1, 2).map((i, { keys }) => `user-${(i * 7919) % keys}`, { keys });
    return String(await users.distinct().count());
  },
};

const times = [];
let answer;
for (let run = 0; run < Number(runs); run++) {
  const start = performance.now();
  answer = await WORKLOADS[name]();
  times.push({ "": { wall: performance.now() - start, cpu: 0 } });
}
console.log(JSON.stringify({ times, answer }));
sc.end();
