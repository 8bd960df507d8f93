/** How an RDD stands to one it is made of. */

import { operatorOf } from "../operators/define-operator.js";
import type { RDD } from "./rdd.js";
import { derive, type RddBase } from "./rdd-base.js";

/**
 * How an RDD stands to a parent.
 *
 * @see Spark's Dependency
 */
export interface Dependency {
  /** Narrow: a partition needs a few of the parent's. Shuffle: it may need all of them. */
  readonly kind: "narrow" | "shuffle";
  /** The parent. */
  readonly rdd: RDD<unknown>;
  /** Of a shuffle. */
  readonly shuffleId?: number | undefined;
}

export function dependenciesOf(rdd: RddBase): readonly Dependency[] {
  const { node } = rdd;
  const isShuffle = operatorOf(node).shape === "exchange";
  return node.inputs.map((input) => {
    const parent = derive<unknown>(rdd, node.site, () => input);
    return isShuffle ? { kind: "shuffle", rdd: parent, shuffleId: node.id } : { kind: "narrow", rdd: parent };
  });
}
