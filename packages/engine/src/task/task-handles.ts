/** Broadcasts and accumulators as a task sees them: revived from their handles, accumulators handed back when it ends. */

import { BLOCK_HANDLE } from "../closure/envelope-format.js";
import { openEnvelope } from "../closure/revive.js";
import { privateFieldsOf } from "../closure/revive-classes.js";
import type { ReviveHost } from "../closure/types.js";
import { encodeRows } from "../columnar/block-writer.js";
import type { ClassRegistry } from "../columnar/types.js";
import { assert } from "../lib/assert.js";
import { Broadcast } from "../rdd/broadcast.js";
import type { TaskIo } from "./task-io.js";

/** What a task needs of an accumulator: Spark's AccumulatorV2. */
interface AccumulatorLike {
  readonly isZero: boolean | (() => boolean);
}

/** Revived broadcast values that a slot keeps at hand. The bytes are the executor's; this bounds the decoded copies. */
const BROADCASTS_MAX = 8;
const broadcastValues = new Map<number, unknown>();

export class TaskHandles {
  readonly #io: TaskIo;
  readonly #accumulators = new Map<number, AccumulatorLike>();

  constructor(io: TaskIo) {
    this.#io = io;
  }

  /** `type` and `data` as capture wrote them. */
  revive(type: string, data: unknown, host: ReviveHost): object {
    if (type === BLOCK_HANDLE)
      return this.#io.readBlock({ kind: "broadcast", broadcastId: (data as { id: number }).id });
    if (type === "broadcast") return this.#broadcast((data as { id: number }).id, host);
    assert(type === "accumulator", `handle of type ${type}`);
    const { id, zero } = data as { id: number; zero: AccumulatorLike };
    const known = this.#accumulators.get(id);
    if (known !== undefined) return known;
    this.#accumulators.set(id, zero);
    return zero;
  }

  #broadcast(id: number, host: ReviveHost): Broadcast<unknown> {
    return new Broadcast(id, () => {
      if (!broadcastValues.has(id)) {
        if (broadcastValues.size >= BROADCASTS_MAX)
          broadcastValues.delete(broadcastValues.keys().next().value as number);
        const envelope = openEnvelope(this.#io.readBlock({ kind: "broadcast", broadcastId: id }));
        broadcastValues.set(id, envelope.revive([0], host)[0]);
      }
      return broadcastValues.get(id);
    });
  }

  /** What was added in this task: rows [accumulator id, its own fields, its private ones]; undefined when nothing was. */
  updates(classes: ClassRegistry): Uint8Array | undefined {
    const rows: [number, object, object | undefined][] = [];
    for (const [id, accumulator] of this.#accumulators) {
      const zero = typeof accumulator.isZero === "function" ? accumulator.isZero() : accumulator.isZero;
      if (!zero) rows.push([id, { ...accumulator }, privateFieldsOf(accumulator)]);
    }
    return rows.length === 0 ? undefined : encodeRows(rows, classes);
  }
}
