/** Rows of several RDDs by key: cogroup, the four joins, subtractByKey. Inputs are placed by one partitioner; those that are not yet are shuffled. */

import type { OperatorEmitter } from "../codegen/operator-emitter.js";
import { type RowRef, tupleRef, wholeText } from "../codegen/row-ref.js";
import type { NodeFactory, RddNode } from "../rdd/node.js";
import type { Partitioner } from "../rdd/partitioner.js";
import { defineOperator } from "./define-operator.js";
import { KeyTable } from "./key-table.js";
import type { CutOperator, EmitNext } from "./operator.js";
import { partitionBy } from "./partition-by.js";

interface CogroupParams {
  readonly partitioner: Partitioner;
}

interface Group {
  readonly key: RowRef;
  /** Names of the arrays of values, one a parent; `undefined` in the emitted code where a parent has none. */
  readonly sides: readonly string[];
}

/** Reads every port into a table by key, then loops over the keys in the order in which they were first seen. */
function emitGroups<P>(e: OperatorEmitter<P>, each: (group: Group) => void): void {
  const width = e.node.inputs.length;
  let side = 0;
  const table = new KeyTable(e, {
    create: (value) =>
      `[${Array.from({ length: width }, (_, index) => (index === side ? `[${wholeText(value)}]` : "undefined")).join(", ")}]`,
    add(entry, value) {
      const group = wholeText(e.assign(entry));
      e.w.line(
        `if (${group}[${side}] === undefined) ${group}[${side}] = [${wholeText(value)}]; else ${group}[${side}].push(${wholeText(value)});`,
      );
    },
    merge: (entry, other) => void e.w.line(`t.appendSides(${entry}, ${wholeText(other)});`),
  });
  for (; side < width; side++) e.iteratePairs(side, (key, value) => table.add(key, value));
  const groups = e.node.inputs.map(() => e.let("group"));
  table.each((key, entry) => {
    groups.forEach((group, index) => {
      e.w.line(`${group} = ${wholeText(entry)}[${index}];`);
    });
    each({ key, sides: groups });
  });
}

const ports: NonNullable<CutOperator<CogroupParams>["ports"]> = (node, partition) =>
  node.inputs.map((_, input) => [{ input, partition }]);
const partitions = (node: RddNode<CogroupParams>): number => node.params.partitioner.numPartitions;

const cogroupOperator = defineOperator<CogroupParams>({
  kind: "cogroup",
  label: "CoGroupedRDD",
  shape: "cut",
  partitions,
  ports,
  emit: (e, next) =>
    emitGroups(e, ({ key, sides }) =>
      next(tupleRef(key, e.assign(`[${sides.map((side) => `${side} ?? []`).join(", ")}]`))),
    ),
});

export interface JoinParams extends CogroupParams {
  /** Keep keys that the other side has not. */
  readonly keepLeft: boolean;
  readonly keepRight: boolean;
}

const joinOperator = defineOperator<JoinParams>({
  kind: "join",
  label: "MapPartitionsRDD",
  shape: "cut",
  partitions,
  ports,
  emit: (e, next) => {
    if (e.params.keepLeft && e.params.keepRight) emitGroups(e, ({ key, sides }) => emitProduct(e, key, sides, next));
    else emitProbe(e, next);
  },
});

/** The input that streams, and the one that is held. */
interface Sides {
  readonly streamed: number;
  readonly held: number;
}

/** Streams one side past a table of the other: `row` gets the name of the table. */
function emitStreamed<P>(
  e: OperatorEmitter<P>,
  { streamed, held }: Sides,
  add: (table: string, key: RowRef, value: RowRef) => string,
  row: (table: string, key: RowRef, value: RowRef) => void,
): void {
  const table = e.let("table");
  e.w.line(`${table} = t.joinTable(${e.site()});`);
  e.iteratePairs(held, (key, value) => {
    e.mark(tupleRef(key, value));
    e.w.line(add(table, key, value));
  });
  e.iteratePairs(
    streamed,
    (key, value) => {
      e.mark(tupleRef(key, value));
      row(table, key, value);
    },
    table,
  );
}

/** The side that may miss is held (the right, unless its rows are kept): rows come in the order of the side that streams, for each in the order of the other. */
function emitProbe(e: OperatorEmitter<JoinParams>, next: EmitNext): void {
  const { keepLeft, keepRight } = e.params;
  const at = e.let("at");
  const sides = keepRight ? { streamed: 1, held: 0 } : { streamed: 0, held: 1 };
  const add = (table: string, key: RowRef, value: RowRef) => `${table}.add(${wholeText(key)}, ${wholeText(value)});`;
  emitStreamed(e, sides, add, (table, key, value) => {
    e.w.line(`${at} = ${table}.first(${wholeText(key)});`);
    const pair = (text: string) => {
      const other = e.assign(text);
      next(tupleRef(key, keepRight ? tupleRef(other, value) : tupleRef(value, other)));
    };
    if (!keepLeft && !keepRight) {
      e.loop(`for (; ${at} >= 0; ${at} = ${table}.next(${at}))`, () => pair(`${table}.valueAt(${at})`));
      return;
    }
    // At least once: -1 stands for the row that is missing.
    e.loop(
      "do",
      () => pair(`${at} < 0 ? undefined : ${table}.valueAt(${at})`),
      `} while (${at} >= 0 && (${at} = ${table}.next(${at})) >= 0);`,
    );
  });
}

/** The left, past the keys of the right. */
function emitPastKeys<P>(e: OperatorEmitter<P>, row: (table: string, key: RowRef, value: RowRef) => void): void {
  emitStreamed(e, { streamed: 0, held: 1 }, (table, key) => `${table}.addKey(${wholeText(key)});`, row);
}

/** Every value of the left with every value of the right; `undefined` stands for a missing side that is kept. */
function emitProduct(e: OperatorEmitter<JoinParams>, key: RowRef, sides: readonly string[], next: EmitNext): void {
  const { keepLeft, keepRight } = e.params;
  const [left, right] = sides as readonly [string, string];
  if (keepLeft) e.w.line(`if (${right} === undefined) ${right} = t.missing;`);
  if (keepRight) e.w.line(`if (${left} === undefined) ${left} = t.missing;`);
  const [i, j] = [e.fresh("i"), e.fresh("j")];
  e.w.block(`if (${left} !== undefined && ${right} !== undefined)`, () => {
    e.w.block(`for (let ${i} = 0; ${i} < ${left}.length; ${i}++)`, () => {
      e.loop(`for (let ${j} = 0; ${j} < ${right}.length; ${j}++)`, () => {
        next(tupleRef(key, tupleRef(e.assign(`${left}[${i}]`), e.assign(`${right}[${j}]`))));
      });
    });
  });
}

const subtractByKeyOperator = defineOperator<CogroupParams>({
  kind: "subtractByKey",
  label: "SubtractedRDD",
  shape: "cut",
  partitions,
  ports,
  emit: (e, next) =>
    emitPastKeys(e, (table, key, value) =>
      e.w.block(`if (${table}.first(${wholeText(key)}) < 0)`, () => next(tupleRef(key, value))),
    ),
});

const commonKeysOperator = defineOperator<CogroupParams>({
  kind: "commonKeys",
  label: "CoGroupedRDD",
  shape: "cut",
  partitions,
  ports,
  emit: (e, next) =>
    emitPastKeys(e, (table, key) => e.w.block(`if (${table}.takeKey(${wholeText(key)}))`, () => next(key))),
});

/** The parents, each shuffled unless it is placed by the partitioner already. */
function placed(make: NodeFactory, parents: readonly RddNode[], partitioner: Partitioner): readonly RddNode[] {
  return parents.map((parent) =>
    parent.partitioner?.equals(partitioner) === true
      ? parent
      : partitionBy(make, parent, partitioner, { keysApart: true }),
  );
}

/** `[key, [values of the first, values of the second, ...]]`. */
export function cogroup(make: NodeFactory, parents: readonly RddNode[], partitioner: Partitioner): RddNode {
  return make(cogroupOperator.kind, placed(make, parents, partitioner), { partitioner }, { partitioner });
}

/** `[key, [v, w]]` for each pair of rows of one key. */
export function join(
  make: NodeFactory,
  left: RddNode,
  right: RddNode,
  partitioner: Partitioner,
  keep: { left: boolean; right: boolean },
): RddNode {
  const params: JoinParams = { partitioner, keepLeft: keep.left, keepRight: keep.right };
  return make(joinOperator.kind, placed(make, [left, right], partitioner), params, { partitioner });
}

/** The rows of the left whose key the right has not. */
export function subtractByKey(make: NodeFactory, left: RddNode, right: RddNode, partitioner: Partitioner): RddNode {
  return make(subtractByKeyOperator.kind, placed(make, [left, right], partitioner), { partitioner }, { partitioner });
}

/** The keys that both have, each once. */
export function commonKeys(make: NodeFactory, left: RddNode, right: RddNode, partitioner: Partitioner): RddNode {
  return make(commonKeysOperator.kind, placed(make, [left, right], partitioner), { partitioner });
}
