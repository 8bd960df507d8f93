/** Key-value methods that draw pairs at random, with a fraction for each key. */

import { KeyMap } from "../lib/key-map.js";
import { sampleByKey } from "../operators/sample.js";
import { sampleByKeyExact } from "../operators/sample-by-key-exact.js";
import { refuse, requireNumber } from "./arguments.js";
import { CallSite } from "./call-site.js";
import type { RDD } from "./rdd.js";
import { baseOf, derive, RddBase } from "./rdd-base.js";
import type { KeyOf, PairsOnly } from "./row-types.js";

export abstract class KeySampling<T> extends RddBase {
  /**
   * A random sample with a fraction for each key: without replacement the probability of a pair (0 to 1), with it how often it comes on average.
   * Keeps the partitioner.
   *
   * @example pairs.sampleByKey(false, new Map([["a", 0.5], ["b", 1]]))
   * @throws INVALID_ARGUMENT for a negative fraction, and from the task for a key without one
   * @see Spark's PairRDDFunctions.sampleByKey
   */
  sampleByKey(
    this: PairsOnly<T>,
    withReplacement: boolean,
    fractions: ReadonlyMap<KeyOf<T>, number>,
    seed: number = baseOf(this).context.nextSeed(),
  ): RDD<T> {
    const params = { withReplacement, fractions: checkedFractions(withReplacement, fractions, "sampleByKey"), seed };
    requireNumber(seed, "sampleByKey", "seed", Number.NEGATIVE_INFINITY);
    return derive(this, new CallSite("sampleByKey"), (make, parent) => sampleByKey(make, parent, params));
  }

  /**
   * The same with exactly ceil(fraction * n) of the n pairs of each key. An action counts the pairs first.
   *
   * @example pairs.sampleByKeyExact(false, new Map([["a", 0.5], ["b", 1]]), 42)
   * @see Spark's PairRDDFunctions.sampleByKeyExact
   */
  sampleByKeyExact(
    this: PairsOnly<T>,
    withReplacement: boolean,
    fractions: ReadonlyMap<KeyOf<T>, number>,
    seed: number = baseOf(this).context.nextSeed(),
  ): RDD<T> {
    const params = {
      withReplacement,
      fractions: checkedFractions(withReplacement, fractions, "sampleByKeyExact"),
      seed,
    };
    requireNumber(seed, "sampleByKeyExact", "seed", Number.NEGATIVE_INFINITY);
    return derive(this, new CallSite("sampleByKeyExact"), (make, parent) => sampleByKeyExact(make, parent, params));
  }
}

/** The fractions as a Map that finds keys by value. */
function checkedFractions(
  withReplacement: boolean,
  fractions: ReadonlyMap<unknown, number>,
  method: string,
): KeyMap<unknown, number> {
  if (typeof withReplacement !== "boolean") refuse(`${method}: withReplacement must be true or false`);
  if (!(fractions instanceof Map)) refuse(`${method} takes the fractions as a Map`);
  for (const fraction of fractions.values())
    requireNumber(fraction, method, "a fraction", 0, withReplacement ? Number.MAX_SAFE_INTEGER : 1);
  return new KeyMap(fractions);
}
