/**
 * A sample of exactly ceil(fraction * n) pairs of each key (Spark's sampleByKeyExact). The rows of each key are counted by partition first; the
 * driver draws how many of them each partition gives, and the partition draws which.
 */

import { countByKey } from "../actions/count-by-key.js";
import { wholeText } from "../codegen/row-ref.js";
import { assert } from "../lib/assert.js";
import { KeyMap } from "../lib/key-map.js";
import { mixSeed, Prng } from "../lib/prng.js";
import type { NodeFactory, RddNode } from "../rdd/node.js";
import { VolleyError } from "../wire/errors.js";
import { defineOperator } from "./define-operator.js";

export interface SampleByKeyExactParams {
  readonly withReplacement: boolean;
  readonly fractions: { get(key: never): number | undefined };
  readonly seed: number;
}

/** Of one partition: key, its rows there, how many of them to draw. */
type Quota = readonly [key: unknown, rows: number, drawn: number];

const sampleByKeyExactOperator = defineOperator<SampleByKeyExactParams>({
  kind: "sampleByKeyExact",
  label: "MapPartitionsRDD",
  shape: "row",
  bindings: ({ seed }) => [seed],
  async prepare(node, tools) {
    const parent = node.inputs[0] as RddNode;
    await tools.prepared(parent);
    const counts = (await tools.run(parent, countByKey())) as readonly (readonly (readonly [unknown, number])[])[];
    return drawQuotas(counts, node.params);
  },
  lateBindings: (node, facts) => [facts.prepared<readonly (readonly Quota[])[]>(node)],
  emit(e) {
    const [draws, times] = [e.let("draws"), e.let("times")];
    e.w.line(
      `${draws} = t.exactDraws(${e.late(0)}[${e.partition()}], ${e.binding(0)}, ${e.partition()}, ${e.params.withReplacement});`,
    );
    return {
      row(row, next) {
        const [key] = e.pair(row);
        e.mark(row);
        e.w.line(`${times} = ${draws}.next(${wholeText(key)});`);
        e.loop(`for (; ${times} > 0; ${times}--)`, () => next(row));
      },
    };
  },
});

/** How many rows of each key each partition gives. */
export function drawQuotas(
  counts: readonly (readonly (readonly [unknown, number])[])[],
  { fractions, seed, withReplacement }: SampleByKeyExactParams,
): readonly (readonly Quota[])[] {
  const totals = new KeyMap<unknown, { left: number; wanted: number; readonly random: Prng }>();
  for (const part of counts)
    for (const [key, rows] of part) {
      const total = totals.get(key);
      if (total === undefined) totals.set(key, { left: rows, wanted: 0, random: new Prng(mixSeed(seed, totals.size)) });
      else total.left += rows;
    }
  for (const [key, total] of totals) {
    const fraction = fractions.get(key as never);
    if (typeof fraction !== "number" || !(fraction >= 0))
      throw new VolleyError("INVALID_ARGUMENT", `sampleByKeyExact has no fraction for one of the keys`);
    total.wanted = Math.ceil(total.left * fraction);
  }
  return counts.map((part) =>
    part.map(([key, rows]): Quota => {
      const total = totals.get(key);
      assert(total !== undefined, "every key was counted");
      const drawn = withReplacement
        ? binomial(total.wanted, rows / total.left, total.random)
        : hypergeometric(total.wanted, rows, total.left, total.random);
      total.wanted -= drawn;
      total.left -= rows;
      return [key, rows, drawn];
    }),
  );
}

/** How many of `draws` hit something of this probability. */
function binomial(draws: number, probability: number, random: Prng): number {
  if (probability >= 1) return draws;
  let hits = 0;
  for (let draw = 0; draw < draws; draw++) if (random.nextDouble() < probability) hits++;
  return hits;
}

/** How many of `draws` rows out of `total`, drawn without replacement, are among `marked` ones. */
function hypergeometric(draws: number, marked: number, total: number, random: Prng): number {
  let hits = 0;
  let left = total;
  for (let draw = 0; draw < draws; draw++) {
    if (random.nextDouble() * left < marked - hits) hits++;
    left--;
  }
  return hits;
}

/** Exactly ceil(fraction * n) pairs of each key. */
export function sampleByKeyExact(make: NodeFactory, parent: RddNode, params: SampleByKeyExactParams): RddNode {
  return make(sampleByKeyExactOperator.kind, [parent], params, { partitioner: parent.partitioner });
}
