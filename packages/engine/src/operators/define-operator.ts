/** The table of operators by kind: filled by the operators' own files when they are loaded, complete before the first plan. */

import { assert } from "../lib/assert.js";
import type { RddNode } from "../rdd/node.js";
import type { AnyOperator, Operator } from "./operator.js";

const operators = new Map<string, AnyOperator>();

/**
 * Makes an operator known under its kind and returns it; `applyOperator` puts it into a lineage. The kind is unique in the process: begin it with the
 * name of the package. docs/stage-compiler.md has a whole operator and says what there is to write code with.
 *
 * @example
 * const keysOperator = defineOperator<object>({
 *   kind: "example.keys",
 *   label: "KeysRDD", // what toDebugString calls it
 *   shape: "row", // one row after the other of its parent
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
