import type { OperatorEmitter } from "../codegen/operator-emitter.js";
import { tupleRef, wholeText } from "../codegen/row-ref.js";
import type { NodeFactory, RddNode } from "../rdd/node.js";
import type { Partitioner } from "../rdd/partitioner.js";
import { defineOperator } from "./define-operator.js";
import { emitKeyedWrite } from "./exchange.js";
import { KeyTable } from "./key-table.js";
import type { ExchangeOperator } from "./operator.js";
import {
  type KeyedParams,
  partitioningBindings,
  partitioningCount,
  partitioningLateBindings,
  preparePartitioning,
} from "./partitioning.js";

/** Declares a table of arrays of values. */
function emitGroups<P>(e: OperatorEmitter<P>): KeyTable<P> {
  return new KeyTable(e, {
    create: (value) => `[${wholeText(value)}]`,
    add: (entry, value) => void e.w.line(`${entry}.push(${wholeText(value)});`),
    merge: (entry, other) => void e.w.line(`t.append(${entry}, ${wholeText(other)});`),
  });
}

const groupByKeyOperator = defineOperator<KeyedParams, ExchangeOperator<KeyedParams>>({
  kind: "groupByKey",
  label: "ShuffledRDD",
  shape: "exchange",
  bindings: partitioningBindings,
  lateBindings: partitioningLateBindings,
  prepare: preparePartitioning,
  partitions: partitioningCount,
  emitWrite: (e) => emitKeyedWrite(e, true),
  emitRead(e, next) {
    const [chunk, index, keys, values] = [e.fresh("chunk"), e.let("i"), e.fresh("keys"), e.fresh("values")];
    e.w.block(`for (const ${chunk} of t.groups(${e.input()}, ${e.site()}))`, () => {
      e.w.line(`const { keys: ${keys}, values: ${values} } = ${chunk};`);
      e.loop(`for (${index} = 0; ${index} < ${keys}.length; ${index}++)`, () =>
        next(tupleRef(e.assign(`${keys}[${index}]`), e.assign(`${values}[${index}]`))),
      );
    });
  },
});

const groupLocallyOperator = defineOperator<KeyedParams>({
  kind: "groupLocally",
  label: "MapPartitionsRDD",
  shape: "cut",
  emit(e, next) {
    const groups = emitGroups(e);
    e.iterate(e.port(0), (row) => groups.add(...e.pair(row)));
    groups.each((key, values) => next(tupleRef(key, values)));
  },
});

/** `[key, values]` with all values of a key in one array, in the order of the parent's partitions. */
export function groupByKey(make: NodeFactory, parent: RddNode, partitioner: Partitioner): RddNode {
  const local = parent.partitioner?.equals(partitioner) === true;
  return make((local ? groupLocallyOperator : groupByKeyOperator).kind, [parent], { partitioner }, { partitioner });
}
