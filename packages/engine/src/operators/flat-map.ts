import type { OperatorEmitter } from "../codegen/operator-emitter.js";
import type { RowRef } from "../codegen/row-ref.js";
import { valueRef, wholeText } from "../codegen/row-ref.js";
import type { NodeFactory, RddNode } from "../rdd/node.js";
import { defineOperator } from "./define-operator.js";
import type { EmitNext } from "./operator.js";

interface FlatMapParams {
  readonly f: (row: never) => unknown;
}

const flatMapOperator = defineOperator<FlatMapParams>({
  kind: "flatMap",
  label: "MapPartitionsRDD",
  shape: "row",
  eachRow: true,
  bindings: ({ f }) => [f],
  emit: (e) => ({ row: (row, next) => emitEach(e, wholeText(e.apply(0, [row])), row, next) }),
});

/**
 * A loop over whatever a user function gave: arrays by index, everything else by its iterator, with one copy of the code that follows.
 * A generator is asked for one value at a time, so that one without an end can be taken from.
 */
export function emitEach<P>(e: OperatorEmitter<P>, expression: string, record: RowRef, next: EmitNext): void {
  const all = wholeText(e.assign(expression));
  const [iterator, step, index] = [e.local("it"), e.local("step"), e.fresh("i")];
  e.w.line(`${iterator} = Array.isArray(${all}) ? undefined : t.iterable(${all})[Symbol.iterator]();`);
  e.loop(`for (let ${index} = 0; ; ${index}++)`, () => {
    const item = e.local("v");
    e.w.branch(
      `${iterator} === undefined`,
      () => {
        e.w.line(`if (${index} >= ${all}.length) break;`);
        e.w.line(`${item} = ${all}[${index}];`);
      },
      () => {
        e.mark(record);
        e.w.line(`${step} = ${iterator}.next(); if (${step}.done) break; ${item} = ${step}.value;`);
      },
    );
    next(valueRef(item));
  });
}

/** All elements of what `f` gives for each row: any iterable. */
export function flatMap(make: NodeFactory, parent: RddNode, f: (row: never) => unknown): RddNode {
  return make(flatMapOperator.kind, [parent], { f });
}
