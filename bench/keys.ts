/**
 * Key tables against Map, sorts against Array.prototype.sort; ns of processor time a key. Run: npx tsx --conditions volley-source bench/keys.ts [keys in thousands]
 */
import { KeyIndex } from "@volley/engine/columnar/key-index.js";
import { sortIndices } from "@volley/engine/columnar/sort-indices.js";
import { canonicalKey } from "@volley/engine/lib/canonical-key.js";
import { hashKey } from "@volley/engine/lib/hash.js";
import { compareValues } from "@volley/engine/lib/ordering.js";
import { Prng } from "@volley/engine/lib/prng.js";

const count = Number(process.argv[2] ?? 500) * 1000;
const random = new Prng(1);
const draw = (distinct: number): number => random.nextInt(distinct);

const kinds: Record<string, (distinct: number) => unknown> = {
  int32: (distinct) => draw(distinct) * 7 - 1000,
  float64: (distinct) => draw(distinct) / 8,
  string: (distinct) => `key-${draw(distinct)}`,
  "[string, int]": (distinct) => [`key-${draw(distinct)}`, 1],
  "string | undefined": (distinct) => (draw(10) === 0 ? undefined : `key-${draw(distinct)}`),
};

function best(run: () => void): number {
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < 3; i++) {
    const start = process.cpuUsage();
    run();
    const { user, system } = process.cpuUsage(start);
    least = Math.min(least, (user + system) * 1000);
  }
  return least / count;
}

/** Strings as they come out of a block: none of them hashed or shared yet. */
function fresh(keys: readonly unknown[]): unknown[] {
  return JSON.parse(JSON.stringify(keys.map((key) => key ?? null))).map((key: unknown) => key ?? undefined);
}

console.log(
  `${"slots of keys".padEnd(28)} ${"distinct".padStart(9)} ${"KeyIndex".padStart(9)} ${"Map".padStart(9)} ${"hashKey".padStart(9)}`,
);
for (const [name, make] of Object.entries(kinds)) {
  for (const distinct of [1000, count]) {
    const keys = Array.from({ length: count }, () => make(distinct));
    const lists = [0, 1, 2].map(() => fresh(keys));
    let turn = 0;
    const own = best(() => {
      const index = new KeyIndex();
      const list = lists[turn++ % 3] as unknown[];
      for (let i = 0; i < count; i++) index.slotOf(list[i]);
    });
    const others = [0, 1, 2].map(() => fresh(keys));
    const map = best(() => {
      const slots = new Map<unknown, number>();
      const list = others[turn++ % 3] as unknown[];
      for (let i = 0; i < count; i++) {
        const key = canonicalKey(list[i]);
        if (slots.get(key) === undefined) slots.set(key, slots.size);
      }
    });
    let sum = 0;
    const hash = best(() => {
      for (let i = 0; i < count; i++) sum ^= hashKey(keys[i]);
    });
    if (sum === 0.5) throw new Error("unreachable");
    console.log(
      `${name.padEnd(28)} ${String(distinct).padStart(9)} ${own.toFixed(1).padStart(9)} ${map.toFixed(1).padStart(9)} ${hash.toFixed(1).padStart(9)}`,
    );
  }
}

const sorted: Record<string, () => unknown> = {
  int32: () => draw(1e9),
  float64: () => random.nextGaussian(),
  "string (short)": () => `k${draw(1e6)}`,
  "string (common prefix)": () => `https://example.org/page/${draw(1e6)}`,
  "string (non-ASCII)": () => `ü${draw(1e6)}`,
  "[string, int]": () => [`k${draw(100)}`, draw(1000)],
};
console.log(`\n${"sorted by".padEnd(38)} ${"sortIndices".padStart(11)} ${"Array sort".padStart(11)}`);
for (const [name, make] of Object.entries(sorted)) {
  const keys = Array.from({ length: count }, make);
  const own = best(() => void sortIndices(keys));
  const array = best(() => void Array.from(keys, (_, i) => i).sort((a, b) => compareValues(keys[a], keys[b])));
  console.log(`${name.padEnd(38)} ${own.toFixed(0).padStart(11)} ${array.toFixed(0).padStart(11)}`);
}
const rows = Array.from({ length: count }, () => ({ n: draw(1e6) }));
const byField = (a: unknown, b: unknown): number => (a as { n: number }).n - (b as { n: number }).n;
const own = best(() => void sortIndices(rows, byField));
const array = best(() => void Array.from(rows, (_, i) => i).sort((a, b) => byField(rows[a], rows[b])));
console.log(
  `${"a comparator of the user's".padEnd(38)} ${own.toFixed(0).padStart(11)} ${array.toFixed(0).padStart(11)}`,
);
