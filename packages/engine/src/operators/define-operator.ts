/** The table of operators by kind: filled by the operators' own files when they are loaded, complete before the first plan. */

import { assert } from "../lib/assert.js";
import type { RddNode } from "../rdd/node.js";
import type { AnyOperator, Operator } from "./operator.js";

const operators = new Map<string, AnyOperator>();

/**
 * Makes an operator known under its kind and returns it. Nodes of that kind may then stand in a lineage.
 *
 * @example
 * export const keys = defineOperator<object>({
 *   kind: "keys", label: "MapPartitionsRDD", shape: "row",
 *   emit: (e) => ({ row: (row, next) => next(e.pair(row)[0]) }),
 * });
 */
export function defineOperator<P, O extends Operator<P> = Operator<P>>(operator: O & Operator<P>): O {
  assert(!operators.has(operator.kind), `operator ${operator.kind} is defined once`);
  const frozen = Object.freeze(operator);
  operators.set(operator.kind, frozen as unknown as AnyOperator);
  return frozen;
}

/** The operator of a node. */
export function operatorOf(node: RddNode): Operator<unknown> {
  const operator = operators.get(node.kind);
  assert(operator !== undefined, `operator ${node.kind} is defined`);
  return operator as unknown as Operator<unknown>;
}
