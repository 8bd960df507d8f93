import { wholeText } from "../codegen/row-ref.js";
import type { NodeFactory, RddNode } from "../rdd/node.js";
import { defineOperator } from "./define-operator.js";
import type { ExchangeOperator } from "./operator.js";

interface RepartitionParams {
  readonly numPartitions: number;
  readonly seed: number;
}

const repartitionOperator = defineOperator<RepartitionParams, ExchangeOperator<RepartitionParams>>({
  kind: "repartition",
  label: "CoalescedRDD",
  shape: "exchange",
  bindings: ({ numPartitions, seed }) => [numPartitions, seed],
  partitions: (node) => node.params.numPartitions,
  emitWrite(e) {
    const [writer, at] = [e.let("writer"), e.let("at")];
    e.w.line(`${writer} = t.segmentWriter(${e.binding(0)});`);
    // Round robin from a start of the partition's own: equal rows spread too, and a second attempt places every row alike (D6).
    e.w.line(`${at} = t.random(${e.binding(1)}).nextInt(${e.binding(0)});`);
    return {
      row(row) {
        e.w.line(`if (++${at} >= ${e.binding(0)}) ${at} = 0;`);
        e.w.line(`${writer}.push(${at}, ${wholeText(row)});`);
      },
      end: () => `${writer}.finish()`,
    };
  },
  emitRead: (e, next) => e.batches(`t.segments(${e.input()})`, next),
});

/** The rows spread evenly over another number of partitions. */
export function repartition(make: NodeFactory, parent: RddNode, numPartitions: number, seed = 0): RddNode {
  return make(repartitionOperator.kind, [parent], { numPartitions, seed });
}
