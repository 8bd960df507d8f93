import type { OperatorEmitter } from "../codegen/operator-emitter.js";
import { type RowRef, tupleRef, valueRef, wholeText } from "../codegen/row-ref.js";
import type { NodeFactory, RddNode } from "../rdd/node.js";
import type { Partitioner } from "../rdd/partitioner.js";
import { defineOperator } from "./define-operator.js";
import { emitKeyedWrite } from "./exchange.js";
import type { EmitNext, ExchangeOperator } from "./operator.js";
import { type KeyedParams, partitioningBindings, partitioningCount, partitioningLateBindings, preparePartitioning } from "./partitioning.js";

function emitGroups<P>(e: OperatorEmitter<P>) {
  const [keys, groups, slot] = [e.let("keys"), e.let("groups"), e.let("slot")];
  e.w.line(`${keys} = t.keyIndex(); ${groups} = [];`);
  return {
    add(key: RowRef, value: RowRef): void {
      const v = wholeText(e.whole(value));
      e.mark(tupleRef(key, value));
      e.w.line(`${slot} = ${keys}.slotOf(${wholeText(key)});`);
      e.w.line(`if (${slot} === ${groups}.length) ${groups}.push([${v}]);`);
      e.w.line(`else ${groups}[${slot}].push(${v});`);
    },
    each(next: EmitNext): void {
      const [index, key, group] = [e.fresh("i"), e.let("v"), e.let("v")];
      e.w.block(`for (let ${index} = 0; ${index} < ${groups}.length; ${index}++)`, () => {
        e.w.line(`${key} = ${keys}.keyAt(${index}); ${group} = ${groups}[${index}];`);
        next(tupleRef(valueRef(key), valueRef(group)));
      });
    },
  };
}

const groupByKeyOperator = defineOperator<KeyedParams, ExchangeOperator<KeyedParams>>({
  kind: "groupByKey",
  label: "ShuffledRDD",
  shape: "exchange",
  bindings: partitioningBindings,
  lateBindings: partitioningLateBindings,
  prepare: preparePartitioning,
  partitions: partitioningCount,
  emitWrite: emitKeyedWrite,
  emitRead(e, next) {
    const groups = emitGroups(e);
    e.pairBatches(`t.segments(${e.input()})`, (row) => groups.add(...e.pair(row)));
    groups.each(next);
  },
});

const groupLocallyOperator = defineOperator<KeyedParams>({
  kind: "groupLocally",
  label: "MapPartitionsRDD",
  shape: "cut",
  emit(e, next) {
    const groups = emitGroups(e);
    e.iterate(e.port(0), (row) => groups.add(...e.pair(row)));
    groups.each(next);
  },
});

/** `[key, values]` with all values of a key in one array, in the order of the parent's partitions. */
export function groupByKey(make: NodeFactory, parent: RddNode, partitioner: Partitioner): RddNode {
  const local = parent.partitioner?.equals(partitioner) === true;
  return make((local ? groupLocallyOperator : groupByKeyOperator).kind, [parent], { partitioner }, { partitioner });
}
