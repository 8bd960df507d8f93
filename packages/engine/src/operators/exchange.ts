/** The writing half that exchanges by key share: each row goes to the segment of its key's partition. */

import type { OperatorEmitter } from "../codegen/operator-emitter.js";
import { wholeText } from "../codegen/row-ref.js";
import type { SinkFragments } from "./operator.js";
import { emitNumPartitions, emitPartition, type KeyedParams } from "./partitioning.js";

/**
 * `keysApart`: an object that a key shares with its value comes back as two, so that both may lie in columns (`groupBy((row) => row.place)`). For what makes
 * new rows of keys and values, or drops the keys; rows that come out as they went in keep what they share.
 */
export function emitKeyedWrite<P extends KeyedParams>(e: OperatorEmitter<P>, keysApart = false): SinkFragments {
  const writer = e.let("writer");
  e.w.line(`${writer} = t.segmentWriter(${emitNumPartitions(e)}${keysApart ? ", true" : ""});`);
  return {
    row(row) {
      const [key, value] = e.pair(row).map((part) => wholeText(e.whole(part))) as [string, string];
      e.mark(row);
      e.w.line(`${writer}.pushPair(${emitPartition(e, key)}, ${key}, ${value});`);
    },
    end: () => `${writer}.finish()`,
  };
}
