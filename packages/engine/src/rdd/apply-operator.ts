import { assert } from "../lib/assert.js";
import type { Operator } from "../operators/operator.js";
import { refuse } from "./arguments.js";
import { CallSite } from "./call-site.js";
import type { Partitioner } from "./partitioner.js";
import type { RDD } from "./rdd.js";
import { baseOf, derive } from "./rdd-base.js";

/** How `applyOperator` makes an RDD. */
export interface ApplyOptions {
  /** The function that the user called, if it is not the caller itself: errors and plans name it, and the user's line is the one that called it. */
  readonly method?: Function | undefined;
  /** How the new RDD's rows are placed by key, when that is known: the parent's partitioner where keys stay as they are. */
  readonly partitioner?: Partitioner | undefined;
}

/**
 * An RDD whose rows an operator makes: what a package's own transformation returns. Like every transformation it runs nothing.
 *
 * @param operator what `defineOperator` returned
 * @param parents the RDDs that it reads, in the operator's order; at least one, all of one context
 * @param params the operator's parameters: user functions, numbers, ... Not to be changed from then on
 * @example
 * function everyNth<T>(rdd: RDD<T>, n: number): RDD<T> {
 *   return applyOperator<T, { n: number }>(everyNthOperator, [rdd], { n }, { method: everyNth, partitioner: rdd.partitioner });
 * }
 * @throws INVALID_ARGUMENT for no parents, or parents of different contexts
 */
export function applyOperator<U, P>(
  operator: Operator<P>,
  parents: readonly RDD<unknown>[],
  params: P,
  { method, partitioner }: ApplyOptions = {},
): RDD<U> {
  assert(Object.isFrozen(operator), "the operator is one that defineOperator returned");
  const [first] = parents;
  if (first === undefined) refuse("applyOperator takes at least one parent");
  if (parents.some(({ context }) => context !== first.context))
    refuse("applyOperator: the parents are RDDs of different contexts");
  const site = new CallSite(method?.name ?? shortName(operator.kind), method);
  return derive(first, site, (make) =>
    make(
      operator.kind,
      parents.map((parent) => baseOf(parent).node),
      params,
      { partitioner },
    ),
  );
}

/** `example.everyNth` is called everyNth. */
function shortName(kind: string): string {
  return kind.slice(kind.lastIndexOf(".") + 1);
}
