/** reduceByKey with keys of every kind: how many keys there are, and a checksum over the sums. */
import type { WideJob } from "./wide-job.ts";

const MODULUS = 1_000_003;

/** `key`: the user's function. `text`: what a good engineer would put into a Map in its place. */
function keyed<K>(name: string, rows: number, key: (i: number) => K, text: (i: number) => unknown): WideJob {
  return {
    name: `key-${name}`,
    rows,
    async volley(vc, count) {
      const sums = vc
        .range(0, count, 1, 2)
        .map((i): [K, number] => [key(i), i % 100])
        .reduceByKey((a, b) => a + b);
      return await sums
        .map(([, sum]) => [1, (sum * sum) % MODULUS])
        .reduce((a, b) => [(a[0] as number) + (b[0] as number), (a[1] as number) + (b[1] as number)]);
    },
    node(count) {
      const sums = new Map<unknown, number>();
      for (let i = 0; i < count; i++) {
        const at = text(i);
        sums.set(at, (sums.get(at) ?? 0) + (i % 100));
      }
      let check = 0;
      for (const sum of sums.values()) check += (sum * sum) % MODULUS;
      return [sums.size, check];
    },
  };
}

function same<K>(name: string, rows: number, key: (i: number) => K): WideJob {
  return keyed(name, rows, key, key);
}

export const KEY_JOBS: readonly WideJob[] = [
  same("few-ints", 3_000_000, (i) => i % 10),
  same("negative", 1_000_000, (i) => ((i * 7919) % 300_000) - 150_000),
  same("float", 1_000_000, (i) => ((i * 7919) % 300_000) / 8),
  same("beyond-int32", 1_000_000, (i) => 1_700_000_000_000 + ((i * 7919) % 300_000) * 1000),
  same("short-string", 1_000_000, (i) => `u${(i * 7919) % 100_000}`),
  same("long-string", 1_000_000, (i) => `/shop/department/articles/article-number-${(i * 7919) % 100_000}/view`),
  same("non-ascii", 1_000_000, (i) => `Straße ${(i * 7919) % 100_000}`),
  same("boolean", 2_000_000, (i) => i % 3 === 0),
  same("bigint", 500_000, (i) => BigInt((i * 7919) % 100_000)),
  keyed(
    "date",
    500_000,
    (i) => new Date(1_700_000_000_000 + (i % 3650) * 86_400_000),
    (i) => 1_700_000_000_000 + (i % 3650) * 86_400_000,
  ),
  keyed(
    "tuple-of-ints",
    1_000_000,
    (i): [number, number] => [i % 300, (i * 7919) % 300],
    (i) => (i % 300) * 300 + ((i * 7919) % 300),
  ),
  keyed(
    "tuple-of-string-and-int",
    1_000_000,
    (i): [string, number] => [`country-${i % 50}`, (i * 7919) % 1000],
    (i) => `country-${i % 50}|${(i * 7919) % 1000}`,
  ),
  keyed(
    "object",
    500_000,
    (i) => ({ country: `c${i % 50}`, year: 1990 + ((i * 7919) % 35) }),
    (i) => `c${i % 50}|${1990 + ((i * 7919) % 35)}`,
  ),
  same("mixed", 500_000, (i) => (i % 4 === 0 ? null : i % 4 === 1 ? `s${i % 1000}` : i % 1000)),
];
