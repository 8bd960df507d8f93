/**
 * Code for a table from keys to entries that spills when it grows too large: what combineByKey, groupByKey, distinct and cogroup
 * stand on. Rows are added; then every key is visited once with all that was added for it.
 */

import type { OperatorEmitter } from "../codegen/operator-emitter.js";
import { type RowRef, tupleRef, valueRef, wholeText } from "../codegen/row-ref.js";

/** How an entry comes to be; each writes code. `entry` is the place to assign to, `name[slot]`. */
export interface EntryCode {
  /** The entry of a new key: its expression. */
  create(value: RowRef): string;
  /** A further row of a known key. */
  add(entry: string, value: RowRef): void;
  /** Two entries of one key into the first: `entry` and the expression `other`. */
  merge(entry: string, other: RowRef): void;
}

export interface KeyTable {
  /** Adds a row in the code at hand. */
  add(key: RowRef, value: RowRef): void;
  /** A loop over all keys. */
  each(visit: (key: RowRef, entry: RowRef) => void): void;
}

export function emitKeyTable<P>(e: OperatorEmitter<P>, code: EntryCode): KeyTable {
  const [keys, entries, slot] = [e.let("keys"), e.let("entries"), e.let("slot")];
  const [rows, watch, spilled] = [e.let("rows", "0"), e.let("watch"), e.let("spilled")];
  e.w.line(`${keys} = t.keyIndex(); ${entries} = []; ${watch} = t.memoryWatch();`);
  const put = (key: RowRef, known: (entry: string) => void, created: string | (() => string)) => {
    e.w.line(`${slot} = ${keys}.slotOf(${wholeText(key)});`);
    e.w.branch(
      `${slot} === ${entries}.length`,
      () => e.w.line(`${entries}.push(${typeof created === "string" ? created : created()});`),
      () => known(`${entries}[${slot}]`),
    );
  };
  return {
    add(key, value) {
      const [k, v] = [e.whole(key), e.whole(value)];
      e.mark(tupleRef(k, v));
      put(
        k,
        (entry) => code.add(entry, v),
        () => code.create(v),
      );
      e.w.block(`if (++${rows} >= ${watch}.next && t.mustSpill(${watch}, ${rows}, ${keys}, ${entries}))`, () => {
        e.w.line(`${spilled} = t.spill(${spilled}, ${keys}, ${entries});`);
        e.w.line(`${keys} = t.keyIndex(); ${entries} = []; ${rows} = 0; ${watch}.reset();`);
      });
    },
    each(visit) {
      const [bucket, index, key, entry] = [e.fresh("bucket"), e.fresh("i"), e.let("v"), e.let("v")];
      e.w.line(`if (${spilled} !== undefined) t.spill(${spilled}, ${keys}, ${entries});`);
      e.w.block(
        `for (let ${bucket} = 0; ${bucket} < (${spilled} === undefined ? 1 : ${spilled}.bucketCount); ${bucket}++)`,
        () => {
          e.w.block(`if (${spilled} !== undefined)`, () => {
            e.w.line(`${keys} = t.keyIndex(); ${entries} = []; ${watch}.reset();`);
            e.syncPairBatches(`${spilled}.read(${bucket})`, (k, other) =>
              put(k, (at) => code.merge(at, other), wholeText(other)),
            );
          });
          e.w.block(`for (let ${index} = 0; ${index} < ${entries}.length; ${index}++)`, () => {
            e.w.line(`${key} = ${keys}.keyAt(${index}); ${entry} = ${entries}[${index}];`);
            visit(valueRef(key), valueRef(entry));
          });
        },
      );
      e.w.line(`${keys} = undefined; ${entries} = undefined; ${watch}.reset();`);
    },
  };
}
