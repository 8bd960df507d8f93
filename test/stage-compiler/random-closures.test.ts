/**
 * Random functions through chains of operators, against the same functions over arrays. A function may stand in place of its call or not:
 * what it gives, and whom it blames, must not tell.
 */

import fc from "fast-check";
import { expect, it } from "vitest";
import { HashPartitioner, VolleyError } from "volley";
import { onEveryMaster } from "../kit/masters.ts";
import { type ClosureText, closureText } from "./closure-grammar.ts";

interface Row {
  readonly id: number;
  readonly price: number;
  readonly name: string;
  readonly tags: readonly number[];
  readonly pair: readonly [number, readonly [number, string]];
  readonly at: { readonly x: number; readonly word: string; readonly list: readonly number[] };
}

type Anything = (row: Row) => unknown;

const NAMES = ["", "a", "bee", "seven letters"] as const;
const ROWS: readonly Row[] = Array.from({ length: 30 }, (_, id) => ({
  id,
  price: id % 7 === 0 ? -0 : id / 4,
  name: NAMES[id % 4] as string,
  tags: Array.from({ length: id % 4 }, (_, at) => at * id - 5),
  pair: [id % 3, [id * 2, NAMES[(id + 1) % 4] as string]],
  at: { x: id % 5, word: NAMES[(id + 2) % 4] as string, list: [id, 2] },
}));

/** Made anew for each run, so that what it captures is its own. */
function made({ text }: ClosureText): Anything {
  const outside = new Function("k", "words", "limits", `"use strict"; return (${text});`);
  return outside(3, ["a", "bee"], { low: -2, high: 9 }) as Anything;
}

const outcome = (f: Anything, row: Row) => {
  try {
    return { value: f(row) };
  } catch (error) {
    return { error: error as Error };
  }
};

/** Rows that a function does not throw for, and what it gives for them. */
function calm(...functions: Anything[]): Row[] {
  return ROWS.filter((row) => functions.every((f) => !("error" in outcome(f, row))));
}

const sorted = (values: readonly unknown[]) =>
  [...values].sort((a, b) => ((JSON.stringify(a) ?? "") < (JSON.stringify(b) ?? "") ? -1 : 1));

const RUNS = { seed: 20, numRuns: 25 };

onEveryMaster(
  "random functions",
  (context) => {
    it("give what they give over arrays: plain, cached and shuffled rows", { timeout: 240_000 }, async () => {
      await fc.assert(
        fc.asyncProperty(closureText, closureText, async (keepText, mapText) => {
          const [keep, f] = [made(keepText), made(mapText)];
          const rows = calm(keep, f);
          const expected = rows.filter((row) => keep(row)).map(f);
          const plain = context().parallelize(rows, 2);
          expect(await plain.filter(keep).map(f).collect()).toEqual(expected);
          const cached = plain.map((row) => ({ ...row })).cache();
          expect(await cached.filter(keep).map(f).collect()).toEqual(expected);
          const pairs = cached.map((row): [number, Row] => [row.id, row]).partitionBy(new HashPartitioner(3));
          const values = rows.map((row): [number, unknown] => [row.id, f(row)]);
          expect(sorted(await pairs.mapValues(f).collect())).toEqual(sorted(values));
          const kept = pairs.cache().filter(([, row]) => Boolean(keep(row)));
          const keptValues = rows.filter((row) => Boolean(keep(row))).map((row): [number, unknown] => [row.id, f(row)]);
          expect(sorted(await kept.mapValues(f).collect())).toEqual(sorted(keptValues));
          await pairs.unpersist();
          const joined = pairs.join(cached.map((row): [number, number] => [row.id, row.price]));
          const picked = joined
            .filter(([, [row]]) => Boolean(keep(row)))
            .map(([id, [row, price]]) => [price, id, f(row)]);
          expect(sorted(await picked.collect())).toEqual(
            sorted(rows.filter((row) => keep(row)).map((row) => [row.price, row.id, f(row)])),
          );
          await cached.unpersist();
        }),
        RUNS,
      );
    });

    it("blame the row that they throw for, with what they say", { timeout: 240_000 }, async () => {
      await fc.assert(
        fc.asyncProperty(closureText, async (text) => {
          const f = made(text);
          const failing = ROWS.find((row) => "error" in outcome(f, row));
          if (failing === undefined) return;
          const { error: thrown } = outcome(f, failing) as { error: Error };
          const cached = context()
            .parallelize(ROWS, 1)
            .map((row) => ({ ...row }))
            .cache();
          for (const rdd of [context().parallelize(ROWS, 1), cached]) {
            const error: unknown = await rdd
              .map(f)
              .count()
              .catch((reason: unknown) => reason);
            if (!VolleyError.is(error)) throw new Error("it did not fail");
            expect(error.code).toBe("USER_FUNCTION_FAILED");
            expect(error.message).toContain(thrown.message);
            expect(error.details["record"]).toContain(`id: ${failing.id},`);
          }
          await cached.unpersist();
        }),
        { seed: 21, numRuns: 60 },
      );
    });
  },
  ["local[2]"],
);

it("of the grammar stand in place of their calls, most of them", async () => {
  const { inlineFunction } = await import("@volley/engine/codegen/inline-function.js");
  const texts = fc.sample(closureText, { seed: 22, numRuns: 200 });
  const inlined = texts.filter((text) => inlineFunction(made(text)) !== undefined);
  expect(inlined.length).toBeGreaterThan(130);
  expect(new Set(texts.map(({ text }) => text)).size).toBeGreaterThan(150);
});
