/** What must not compile. Each line that is expected to fail fails for one reason. */

import type { RDD } from "@volley/engine/rdd/rdd.js";
import type { Sources } from "./sources.js";

export function refusals(
  vc: Sources,
  words: RDD<string>,
  pairs: RDD<[string, number]>,
  triples: RDD<[string, number, boolean]>,
): void {
  // @ts-expect-error rows are no pairs
  words.reduceByKey((a, b) => a + b);
  // @ts-expect-error rows are no pairs
  words.groupByKey();
  // @ts-expect-error three elements are no pair
  triples.mapValues((v) => v);
  // @ts-expect-error rows are no pairs
  vc.range(3).join(pairs);
  // @ts-expect-error rows are no numbers
  words.sum();
  // @ts-expect-error rows are no numbers
  pairs.stats();
  // @ts-expect-error keys of another type
  pairs.join(vc.range(3).map((x) => [x, x]));
  // @ts-expect-error the merged value is of another type
  pairs.reduceByKey((a, b) => `${a}${b}`);
  // @ts-expect-error no such option
  words.sortBy((word) => word, { descending: true });
  // @ts-expect-error flatMap's function gives something to iterate over
  words.flatMap((word) => word.length);
  // @ts-expect-error an RDD of a supertype is none of the subtype
  const narrowed: RDD<[string, 1]> = pairs;
  void narrowed;
}
