/**
 * Where the accepted map outputs of every shuffle are. Outlives jobs: a shuffle stays until it is released.
 *
 * Columns, not objects, for a shuffle may have a million map partitions: an output costs some 40 bytes and its offsets. The outputs on
 * one executor are chained through `previous` and `next`, so that its loss touches no others.
 */

import { assert } from "@volley/engine/lib/assert.js";
import type { TaskOrder } from "./events.js";
import type { Executor } from "./executors.js";
import type { Stage } from "./stage.js";

const NOBODY = -1;
const NONE = -1;

export interface MapOutputData {
  readonly offsets: readonly number[];
  readonly rows: readonly number[];
  readonly checksums: readonly number[];
  /** Of one whose rows are keys: a digest of them in any order, and whether its task spilled. */
  readonly keys?: { readonly digest: number; readonly spilled: boolean } | undefined;
}

export class Shuffle {
  readonly shuffleId: number;
  /** Map partitions. */
  readonly size: number;
  /** Shuffles, released ones aside, whose rows its map outputs are made of. */
  readonly madeOf: Set<Shuffle>;
  /** Shuffles made of this one's rows, in whatever job. */
  readonly readers = new Set<Shuffle>();
  /** The stage that writes it, while a job refers to it. */
  stage: Stage | undefined;
  /** Stages of living jobs that read it. */
  readonly consumers = new Set<Stage>();
  /** Accepted outputs that are where they were written. */
  availableCount = 0;
  /** What the stages were last told about being whole. */
  isWholeKnown = false;
  /** Raised whenever an output is lost or moves: locations that were asked for under an older version may be stale. */
  version = 0;
  /** Raised whenever an accepted output stops counting; the stage's runs go on from here in later jobs. */
  run = 0;
  /** Was every output there at one time? Until then what was written is of no use to anybody but the jobs that write it. */
  wasWhole: boolean;
  /** Released while a job reads it: goes with the job. */
  isReleased = false;
  /** May executors hold copies of outputs that nobody was told of? */
  mayHaveStrays = false;

  /** Index of the executor that holds the accepted output. */
  readonly #holder: Int32Array;
  readonly #attempt: Uint32Array;
  readonly #nextAttempt: Uint32Array;
  /** Task ids of the accepted attempts. */
  readonly #taskId: Float64Array;
  /** Digest of the checksums of the last accepted attempt: stays when the output is lost, for the next one must equal it. */
  readonly #digestHigh: Uint32Array;
  readonly #digestLow: Uint32Array;
  readonly #hasDigest: Uint8Array;
  /** The digests of the same attempts' keys, where they have them. */
  readonly #keys: MapOutputData["keys"][] = [];
  digestCount = 0;
  /** The core's step at which the output came or went. */
  readonly #changedStep: Float64Array;
  readonly #previous: Int32Array;
  readonly #next: Int32Array;
  readonly #offsets: (readonly number[] | undefined)[];
  /** First of the chain of each executor's outputs. */
  readonly #firstByHolder = new Map<number, number>();

  constructor(shuffleId: number, size: number, madeOf: Iterable<Shuffle>) {
    this.shuffleId = shuffleId;
    this.size = size;
    this.wasWhole = size === 0;
    this.madeOf = new Set(madeOf);
    this.#holder = new Int32Array(size).fill(NOBODY);
    this.#attempt = new Uint32Array(size);
    this.#nextAttempt = new Uint32Array(size);
    this.#taskId = new Float64Array(size);
    this.#digestHigh = new Uint32Array(size);
    this.#digestLow = new Uint32Array(size);
    this.#hasDigest = new Uint8Array(size);
    this.#changedStep = new Float64Array(size);
    this.#previous = new Int32Array(size).fill(NONE);
    this.#next = new Int32Array(size).fill(NONE);
    this.#offsets = new Array<readonly number[] | undefined>(size).fill(undefined);
  }

  get isWhole(): boolean {
    return this.availableCount === this.size;
  }

  has(mapPartition: number): boolean {
    return this.#holder[mapPartition] !== NOBODY;
  }

  /** Executor index, or -1. */
  holderOf(mapPartition: number): number {
    return this.#holder[mapPartition] ?? NOBODY;
  }

  attemptOf(mapPartition: number): number {
    return this.#attempt[mapPartition] as number;
  }

  taskIdOf(mapPartition: number): number {
    return this.#taskId[mapPartition] as number;
  }

  offsetsOf(mapPartition: number): readonly number[] {
    return this.#offsets[mapPartition] ?? [];
  }

  changedStepOf(mapPartition: number): number {
    return this.#changedStep[mapPartition] as number;
  }

  /** Attempts of one map partition never share a number, in whatever job: their blocks would share a name. */
  takeAttemptNumber(mapPartition: number): number {
    const attempt = this.#nextAttempt[mapPartition] as number;
    this.#nextAttempt[mapPartition] = attempt + 1;
    return attempt;
  }

  /** Records an accepted output. Returns whether its rows may differ from those that an earlier accepted attempt gave. */
  put(
    { partition: mapPartition, attempt, taskId }: TaskOrder,
    holder: Executor,
    data: MapOutputData,
    step: number,
  ): { readonly differs: boolean } {
    assert(!this.has(mapPartition), "a map output is accepted once");
    const [high, low] = digest(data.checksums);
    const differs =
      this.#hasDigest[mapPartition] === 1 &&
      (this.#digestHigh[mapPartition] !== high || this.#digestLow[mapPartition] !== low) &&
      !haveSameKeys(this.#keys[mapPartition], data.keys);
    if (this.#hasDigest[mapPartition] === 0) this.digestCount++;
    this.#hasDigest[mapPartition] = 1;
    this.#digestHigh[mapPartition] = high;
    this.#digestLow[mapPartition] = low;
    if (data.keys !== undefined || mapPartition in this.#keys) this.#keys[mapPartition] = data.keys;
    this.#holder[mapPartition] = holder.index;
    this.#attempt[mapPartition] = attempt;
    this.#taskId[mapPartition] = taskId;
    this.#changedStep[mapPartition] = step;
    this.#offsets[mapPartition] = data.offsets;
    this.availableCount++;
    if (this.isWhole) this.wasWhole = true;
    this.#chain(mapPartition, holder.index);
    return { differs };
  }

  /** The same attempt's output is on another executor now. */
  move(mapPartition: number, to: Executor, step: number): void {
    assert(this.has(mapPartition), "an output that moves was there");
    this.#unchain(mapPartition);
    this.#holder[mapPartition] = to.index;
    this.#changedStep[mapPartition] = step;
    this.version++;
    this.#chain(mapPartition, to.index);
  }

  /** Forgets an output. */
  drop(mapPartition: number, step: number): void {
    assert(this.has(mapPartition), "an output that is dropped was there");
    this.#unchain(mapPartition);
    this.#holder[mapPartition] = NOBODY;
    this.#offsets[mapPartition] = undefined;
    this.#changedStep[mapPartition] = step;
    this.availableCount--;
    this.version++;
  }

  /** After a roll back: what comes next may differ from what was. */
  forgetDigests(): void {
    this.#hasDigest.fill(0);
    this.digestCount = 0;
  }

  isHeldBy(executorIndex: number): boolean {
    return this.#firstByHolder.has(executorIndex);
  }

  /** Map partitions whose output that executor holds, in no order. */
  heldBy(executorIndex: number): number[] {
    const held: number[] = [];
    for (let at = this.#firstByHolder.get(executorIndex) ?? NONE; at !== NONE; at = this.#next[at] as number)
      held.push(at);
    return held;
  }

  holders(): number[] {
    return [...this.#firstByHolder.keys()];
  }

  #chain(mapPartition: number, holder: number): void {
    const first = this.#firstByHolder.get(holder) ?? NONE;
    this.#next[mapPartition] = first;
    this.#previous[mapPartition] = NONE;
    if (first !== NONE) this.#previous[first] = mapPartition;
    this.#firstByHolder.set(holder, mapPartition);
  }

  #unchain(mapPartition: number): void {
    const previous = this.#previous[mapPartition] as number;
    const next = this.#next[mapPartition] as number;
    if (next !== NONE) this.#previous[next] = previous;
    if (previous !== NONE) this.#next[previous] = next;
    else if (next !== NONE) this.#firstByHolder.set(this.#holder[mapPartition] as number, next);
    else this.#firstByHolder.delete(this.#holder[mapPartition] as number);
  }

  validate(): void {
    let available = 0;
    let digests = 0;
    for (let index = 0; index < this.size; index++) {
      if (this.has(index)) available++;
      if (this.has(index)) assert(this.#hasDigest[index] === 1, "an accepted output has a digest");
      if (this.#hasDigest[index] === 1) digests++;
      assert(
        (this.#attempt[index] as number) <= (this.#nextAttempt[index] as number),
        "an accepted attempt was given out",
      );
    }
    assert(available === this.availableCount, "available outputs are counted");
    assert(digests === this.digestCount, "digests are counted");
    assert(this.isWholeKnown === this.isWhole, "stages know whether a shuffle is whole");
    assert(this.wasWhole || !this.isWhole, "a shuffle remembers that it was whole");
    if (this.stage === undefined && !this.wasWhole)
      assert(available === 0 && digests === 0, "what a job leaves of a shuffle is whole, or was");
    let chained = 0;
    for (const holder of this.#firstByHolder.keys()) {
      const held = this.heldBy(holder);
      assert(held.length > 0, "no empty chain stays");
      for (const mapPartition of held)
        assert(this.#holder[mapPartition] === holder, "a chain holds its executor's outputs");
      chained += held.length;
    }
    assert(chained === available, "every output is in one chain");
    for (const source of this.madeOf) assert(source.readers.has(this), "a shuffle knows what was made of it");
    for (const reader of this.readers) assert(reader.madeOf.has(this), "a shuffle knows what it was made of");
  }
}

/** All shuffles that have not been released. */
export class MapOutputs {
  readonly byId = new Map<number, Shuffle>();

  add(shuffleId: number, size: number, madeOf: Iterable<Shuffle>): Shuffle {
    assert(!this.byId.has(shuffleId), "a shuffle is added once");
    const shuffle = new Shuffle(shuffleId, size, madeOf);
    this.byId.set(shuffleId, shuffle);
    for (const source of shuffle.madeOf) source.readers.add(shuffle);
    return shuffle;
  }

  /** Forgets a shuffle. What was made of it is from now on made of what it was made of. */
  remove(shuffle: Shuffle): void {
    assert(shuffle.stage === undefined && shuffle.consumers.size === 0, "a shuffle in use is not removed");
    this.byId.delete(shuffle.shuffleId);
    for (const source of shuffle.madeOf) source.readers.delete(shuffle);
    for (const reader of shuffle.readers) {
      reader.madeOf.delete(shuffle);
      for (const source of shuffle.madeOf) {
        reader.madeOf.add(source);
        source.readers.add(reader);
      }
    }
  }

  validate(): void {
    for (const shuffle of this.byId.values()) shuffle.validate();
  }
}

/** When tables spill is chance, and so is the order of what they write: then the keys tell whether rows came or went. */
function haveSameKeys(before: MapOutputData["keys"], now: MapOutputData["keys"]): boolean {
  if (before === undefined || now === undefined || !(before.spilled || now.spilled)) return false;
  return before.digest === now.digest;
}

/** 64 bits out of a list of checksums; two lists that differ anywhere differ here but for one case in 2^64. */
function digest(checksums: readonly number[]): readonly [number, number] {
  let high = 0x9e3779b9 ^ checksums.length;
  let low = 0x85ebca6b;
  for (let index = 0; index < checksums.length; index++) {
    const value = checksums[index] as number;
    high = Math.imul(high ^ value, 0x01000193);
    high ^= high >>> 15;
    low = Math.imul((low << 13) | (low >>> 19), 0xc2b2ae35) ^ value ^ Math.imul(value, 0x27d4eb2f);
  }
  return [high >>> 0, low >>> 0];
}
