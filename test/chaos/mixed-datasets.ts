/** RDDs of pairs of numbers, each with its rows as arrays give them, and how one is made of others. */

import type { Prng } from "@volley/engine/lib/prng.js";
import type { RDD, VolleyContext } from "volley";

export type Row = [number, number];

export interface Dataset {
  readonly rdd: RDD<Row>;
  /** In any order. */
  readonly rows: readonly Row[];
  /** How it was made. */
  readonly name: string;
}

const ROWS = 400;
/** What unions and joins may grow to, and how many pairs of rows a join may look at. */
const ROWS_MAX = 20_000;
const ROW_PAIRS_MAX = 2_000_000;
const PARTITIONS_MAX = 6;

/** Two of them, one whose rows travel and one whose rows are made in tasks; both take a while. */
export function sources(vc: VolleyContext, random: Prng): Dataset[] {
  const numbers = Array.from({ length: ROWS }, (_, x) => x);
  const slowly = (x: number) => {
    if (x % 40 === 0) for (const until = performance.now() + 3; performance.now() < until; );
    return x;
  };
  const partitions = () => 1 + random.nextInt(PARTITIONS_MAX);
  return [
    {
      rdd: vc
        .parallelize(numbers, partitions())
        .map(slowly)
        .map((x) => [x % 17, x] as Row),
      rows: numbers.map((x) => [x % 17, x]),
      name: "given",
    },
    {
      rdd: vc
        .range(0, ROWS, 1, partitions())
        .map(slowly)
        .map((x) => [x % 5, x] as Row),
      rows: numbers.map((x) => [x % 5, x]),
      name: "made",
    },
  ];
}

function valuesByKey(rows: readonly Row[]): Map<number, number[]> {
  const groups = new Map<number, number[]>();
  for (const [key, value] of rows) {
    const values = groups.get(key);
    if (values === undefined) groups.set(key, [value]);
    else values.push(value);
  }
  return groups;
}

const sum = (values: Iterable<number>) => [...values].reduce((a, b) => a + b, 0);
const reduced = (rows: readonly Row[], of: (values: number[]) => number) =>
  [...valuesByKey(rows)].map(([key, values]): Row => [key, of(values)]);

interface Parents {
  readonly a: Dataset;
  readonly b: Dataset;
  readonly partitions: number;
  readonly modulus: number;
}

type Derivation = (parents: Parents) => Pick<Dataset, "rdd" | "rows">;

const DERIVATIONS: Readonly<Record<string, Derivation>> = {
  reduceByKey: ({ a, partitions }) => ({
    rdd: a.rdd.reduceByKey((x, y) => x + y, partitions),
    rows: reduced(a.rows, sum),
  }),
  groupByKey: ({ a, partitions }) => ({
    rdd: a.rdd.groupByKey(partitions).mapValues((values) => [...values].length),
    rows: reduced(a.rows, (values) => values.length),
  }),
  map: ({ a, modulus }) => ({
    rdd: a.rdd.map(([key, value]) => [value % modulus, key] as Row),
    rows: a.rows.map(([key, value]) => [value % modulus, key]),
  }),
  filter: ({ a, modulus }) => ({
    rdd: a.rdd.filter(([, value]) => value % modulus !== 0),
    rows: a.rows.filter(([, value]) => value % modulus !== 0),
  }),
  union: ({ a, b }) => ({ rdd: a.rdd.union(b.rdd), rows: [...a.rows, ...b.rows] }),
  sortByKey: ({ a, partitions }) => ({ rdd: a.rdd.sortByKey({ numPartitions: partitions }), rows: a.rows }),
  join: ({ a, b, partitions }) => {
    const others = valuesByKey(b.rows);
    return {
      rdd: a.rdd.join(b.rdd, partitions).mapValues(([x, y]) => x + y),
      rows: a.rows.flatMap(([key, value]) => (others.get(key) ?? []).map((other): Row => [key, value + other])),
    };
  },
  cogroup: ({ a, b, partitions }) => {
    const [left, right] = [valuesByKey(a.rows), valuesByKey(b.rows)];
    const keys = [...new Set([...left.keys(), ...right.keys()])];
    return {
      rdd: a.rdd.cogroup(b.rdd, partitions).mapValues(([x, y]) => [...x].length * 1000 + [...y].length),
      rows: keys.map((key) => [key, (left.get(key)?.length ?? 0) * 1000 + (right.get(key)?.length ?? 0)]),
    };
  },
  subtractByKey: ({ a, b, partitions, modulus }) => {
    const keys = new Set(b.rows.filter(([, value]) => value % modulus === 0).map(([key]) => key));
    return {
      rdd: a.rdd.subtractByKey(
        b.rdd.filter(([, value]) => value % modulus === 0),
        partitions,
      ),
      rows: a.rows.filter(([key]) => !keys.has(key)),
    };
  },
  distinct: ({ a, partitions }) => ({
    rdd: a.rdd.distinct(partitions),
    rows: [...new Map(a.rows.map((row) => [row.join(), row])).values()],
  }),
  repartition: ({ a, partitions }) => ({ rdd: a.rdd.repartition(partitions), rows: a.rows }),
  coalesce: ({ a, partitions }) => ({ rdd: a.rdd.coalesce(partitions), rows: a.rows }),
};

/** One made of one or two of the pool's; undefined when it would be too large. */
export function derive(pool: readonly Dataset[], random: Prng): Dataset | undefined {
  const [a, b] = [pick(pool, random), pick(pool, random)];
  if (a.rows.length * b.rows.length > ROW_PAIRS_MAX) return undefined;
  const operator = pick(Object.keys(DERIVATIONS), random);
  const parents = { a, b, partitions: 1 + random.nextInt(PARTITIONS_MAX), modulus: 2 + random.nextInt(9) };
  const { rdd, rows } = (DERIVATIONS[operator] as Derivation)(parents);
  return rows.length > ROWS_MAX ? undefined : { rdd, rows, name: `${operator}(${a.name}, ${b.name})` };
}

export function pick<T>(from: readonly T[], random: Prng): T {
  return from[random.nextInt(from.length)] as T;
}
