import { tupleRef, valueRef } from "../codegen/row-ref.js";
import type { NodeFactory, RddNode } from "../rdd/node.js";
import { defineOperator } from "./define-operator.js";

const cartesianOperator = defineOperator<object>({
  kind: "cartesian",
  label: "CartesianRDD",
  shape: "cut",
  partitions: (node, facts) =>
    facts.numPartitions(node.inputs[0] as RddNode) * facts.numPartitions(node.inputs[1] as RddNode),
  ports(node, partition, facts) {
    const right = facts.numPartitions(node.inputs[1] as RddNode);
    return [[{ input: 0, partition: Math.floor(partition / right) }], [{ input: 1, partition: partition % right }]];
  },
  emit(e, next) {
    const [right, rows, index, item] = [e.fresh("right"), e.fresh("rows"), e.fresh("i"), e.let("v")];
    // The right side is read once and kept: computing it again for each left row would run the user's functions again.
    e.w.line(`const ${right} = t.keepRows(${e.syncPort(1)}, ${e.site()});`);
    e.iterate(e.syncPort(0), (row) => {
      e.w.block(`for (const ${rows} of ${right}.chunks())`, () => {
        e.loop(`for (let ${index} = 0; ${index} < ${rows}.length; ${index}++)`, () => {
          e.w.line(`${item} = ${rows}[${index}];`);
          next(tupleRef(row, valueRef(item)));
        });
      });
    });
    e.w.line(`${right}.release();`);
  },
});

/** `[a, b]` for every row of both. */
export function cartesian(make: NodeFactory, left: RddNode, right: RddNode): RddNode {
  return make(cartesianOperator.kind, [left, right], {});
}
