import { tupleRef, valueRef } from "../codegen/row-ref.js";
import type { Facts } from "../plan/facts.js";
import type { NodeFactory, RddNode } from "../rdd/node.js";
import { VolleyError } from "../wire/errors.js";
import { defineOperator } from "./define-operator.js";

interface ZipPartitionsParams {
  readonly f: (...iterators: never[]) => unknown;
}

/** The number of partitions that all parents share; UNEQUAL_PARTITIONS when they differ. */
function sharedPartitions(node: RddNode, facts: Facts): number {
  const counts = node.inputs.map((input) => facts.numPartitions(input));
  if (counts.some((count) => count !== counts[0])) {
    throw new VolleyError(
      "UNEQUAL_PARTITIONS",
      `${node.site}: cannot zip RDDs with unequal numbers of partitions (${counts.join(", ")}); repartition one of them, or join by zipWithIndex`,
    );
  }
  return counts[0] as number;
}

const zipPartitionsOperator = defineOperator<ZipPartitionsParams>({
  kind: "zipPartitions",
  label: "ZippedPartitionsRDD",
  shape: "cut",
  bindings: ({ f }) => [f],
  partitions: sharedPartitions,
  ports: (node, partition) => node.inputs.map((_, input) => [{ input, partition }]),
  emit(e, next) {
    const ports = e.node.inputs.map((_, port) => e.syncPort(port));
    e.mark();
    e.iterate(`t.iterable(${e.binding(0)}(${ports.join(", ")}))`, next);
  },
});

const zipOperator = defineOperator<object>({
  kind: "zip",
  label: "ZippedPartitionsRDD",
  shape: "cut",
  partitions: sharedPartitions,
  ports: (node, partition) => node.inputs.map((_, input) => [{ input, partition }]),
  emit(e, next) {
    const [left, right] = [e.fresh("left"), e.fresh("right")];
    e.w.line(`const ${left} = ${e.syncPort(0)}[Symbol.iterator](), ${right} = ${e.syncPort(1)}[Symbol.iterator]();`);
    e.loop("for (;;)", () => {
      const [a, b] = [e.local("v"), e.local("v")];
      e.mark();
      e.w.line(`${a} = ${left}.next(); ${b} = ${right}.next();`);
      e.w.line(`if (${a}.done || ${b}.done) { if (!${a}.done || !${b}.done) t.unequalZip(); break; }`);
      e.w.line(`${a} = ${a}.value; ${b} = ${b}.value;`);
      next(tupleRef(valueRef(a), valueRef(b)));
    });
  },
});

/** What `f` gives for iterators over the same partition of each parent. */
export function zipPartitions(
  make: NodeFactory,
  parents: readonly RddNode[],
  f: (...iterators: never[]) => unknown,
): RddNode {
  return make(zipPartitionsOperator.kind, parents, { f });
}

/** `[a, b]` for the rows at the same place of both parents. */
export function zip(make: NodeFactory, left: RddNode, right: RddNode): RddNode {
  return make(zipOperator.kind, [left, right], {});
}
