/** What the programs need of a context. Not the context itself: then the compiler would check the driver too, and the budget say little. */

import type { RDD } from "@volley/engine/rdd/rdd.js";
import type { Row } from "@volley/engine/rdd/row-types.js";

export interface Sources {
  textFile(path: string): RDD<string>;
  range(end: number): RDD<number>;
  parallelize<T extends Row>(data: Iterable<T>, numSlices?: number): RDD<T>;
}
