/**
 * Segments of one reduce partition that lie on other executors, fetched ahead and handed out in the order of their map partitions.
 *
 * Bytes in flight are bounded for a task and for the executor: a request goes out when it fits under both, or when this task has
 * nothing under way at all (so that one segment larger than the bound still moves, and no task waits for another for ever).
 */

import { TaskFetchError } from "@volley/engine/task/task-io.js";
import { VolleyError } from "@volley/engine/wire/errors.js";
import type { MapStatus } from "@volley/engine/wire/messages.js";
import type { ChunkSource } from "../io/chunk-source.js";
import type { BlockClient } from "../net/block-client.js";
import type { ShuffleLocations } from "./shuffle-location-cache.js";

/** Fetched or on its way, and not yet taken by the slot: Spark's maxSizeInFlight. Less where the executor has little memory. */
const TASK_BYTES_MAX = 48 << 20;
const TASK_SHARE_OF_BUDGET = 0.5;
/** One request: small enough that several run beside each other under the bound. */
const REQUEST_BYTES_MAX = 8 << 20;
const REQUEST_SEGMENTS_MAX = 1_000;

/** Bytes in flight of all tasks of an executor. */
export class FetchBudget {
  readonly #bytesMax: number;
  #bytes = 0;
  #waiting: (() => void)[] = [];

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  fits(bytes: number): boolean {
    return this.#bytes + bytes <= this.#bytesMax;
  }

  get taskBytesMax(): number {
    return Math.min(TASK_BYTES_MAX, this.#bytesMax * TASK_SHARE_OF_BUDGET);
  }

  take(bytes: number): void {
    this.#bytes += bytes;
  }

  give(bytes: number): void {
    this.#bytes -= bytes;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const wake of waiting) wake();
  }

  /** Takes as much when it fits, or when nothing else is in flight: a block larger than the bound still moves. */
  async whenFits(bytes: number): Promise<void> {
    while (this.#bytes > 0 && !this.fits(bytes)) await new Promise<void>((resolve) => this.onGiven(resolve));
    this.take(bytes);
  }

  /** Calls once when something was given back. */
  onGiven(wake: () => void): void {
    this.#waiting.push(wake);
  }
}

interface Wanted {
  /** Place in the order of delivery. */
  readonly position: number;
  readonly status: MapStatus;
  /** Of the whole segment. */
  readonly bytes: number;
  /** What has come of it. */
  readonly from: number;
}

interface Fetch {
  readonly executorId: string;
  readonly segments: Wanted[];
  /** Counted as in flight: what is asked for, as far as it is known. */
  bytes: number;
}

export interface RemoteRead {
  readonly shuffleId: number;
  readonly reducePartition: number;
  /** Outputs on other executors with a non-empty segment, by map partition. */
  readonly outputs: readonly MapStatus[];
  readonly locations: ShuffleLocations;
  readonly refresh: () => Promise<ShuffleLocations>;
}

export class RemoteSegments implements ChunkSource {
  readonly #read: RemoteRead;
  readonly #client: BlockClient;
  readonly #budget: FetchBudget;
  readonly #fetches: Fetch[];
  /** Chunks by segment, in their order. */
  readonly #arrived: Uint8Array[][];
  /** Bytes of the segment at the cursor that were handed out. */
  #handedOut = 0;
  readonly #sizes: number[];
  #locations: ShuffleLocations;
  #refreshed: Promise<ShuffleLocations> | undefined;
  #nextFetch = 0;
  /** First segment that was not handed out. */
  #cursor = 0;
  #inFlight = 0;
  #failure: unknown;
  #closed = false;
  #wake: () => void = () => undefined;

  constructor(read: RemoteRead, client: BlockClient, budget: FetchBudget) {
    this.#read = read;
    this.#locations = read.locations;
    this.#client = client;
    this.#budget = budget;
    this.#sizes = read.outputs.map((status) => segmentBytes(status, read.reducePartition));
    this.#arrived = read.outputs.map(() => []);
    this.#fetches = planFetches(read.outputs, this.#sizes);
    this.#pump();
  }

  async next(): Promise<{ chunks: readonly Uint8Array[]; done: boolean }> {
    while (this.#arrived[this.#cursor]?.length === 0) {
      if (this.#failure !== undefined) throw this.#failure;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    const chunks: Uint8Array[] = [];
    let bytes = 0;
    for (; this.#cursor < this.#arrived.length; this.#cursor++) {
      for (const chunk of (this.#arrived[this.#cursor] as Uint8Array[]).splice(0)) {
        chunks.push(chunk);
        bytes += chunk.byteLength;
        this.#handedOut += chunk.byteLength;
      }
      if (this.#handedOut < (this.#sizes[this.#cursor] as number)) break;
      this.#handedOut = 0;
    }
    this.#release(bytes);
    this.#pump();
    return { chunks, done: this.#cursor === this.#arrived.length };
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#release(this.#inFlight);
  }

  #release(bytes: number): void {
    this.#inFlight -= bytes;
    this.#budget.give(bytes);
  }

  #pump(): void {
    while (!this.#closed && this.#failure === undefined && this.#nextFetch < this.#fetches.length) {
      const fetch = this.#fetches[this.#nextFetch] as Fetch;
      const fits = this.#inFlight + fetch.bytes <= this.#budget.taskBytesMax && this.#budget.fits(fetch.bytes);
      if (this.#inFlight > 0 && !fits) {
        this.#budget.onGiven(() => this.#pump());
        return;
      }
      this.#nextFetch++;
      this.#count(fetch.bytes);
      this.#run(fetch).catch((error: unknown) => {
        this.#failure ??= error;
        this.#wake();
      });
    }
  }

  async #run(fetch: Fetch): Promise<void> {
    const missing = await this.#fetch(fetch);
    this.#count(-fetch.bytes);
    if (missing.length === 0) return;
    const begun = missing.find(({ from }) => from > 0);
    // Chunks of two attempts do not make a segment.
    if (begun !== undefined) throw this.#lost(begun.status, "cannot be read to its end");
    // Once more from wherever they are now: a copy of the locations may be older than a recomputed output.
    this.#refreshed ??= this.#read.refresh();
    this.#locations = await this.#refreshed;
    for (const [executorId, segments] of this.#relocate(missing)) {
      const [lost] = await this.#fetch({ executorId, segments, bytes: 0 });
      if (lost !== undefined) throw this.#lost(lost.status, "cannot be read");
    }
  }

  /** Delivers what came; returns what did not. */
  async #fetch(fetch: Fetch): Promise<readonly Wanted[]> {
    const address = this.#locations.executors.get(fetch.executorId);
    if (address === undefined) return fetch.segments;
    const { shuffleId, reducePartition } = this.#read;
    const outputs = fetch.segments.map(({ status, from }) => ({
      mapPartition: status.mapPartition,
      attempt: status.attempt,
      ...(from === 0 ? {} : { from }),
    }));
    let segments: (Uint8Array | undefined)[];
    try {
      segments = await this.#client.segments(address, { shuffleId, reducePartition, outputs });
    } catch (error) {
      if (VolleyError.is(error)) return fetch.segments;
      throw error;
    }
    if (this.#closed) return [];
    const missing: Wanted[] = [];
    let come = 0;
    for (const [index, segment] of segments.entries()) {
      const wanted = fetch.segments[index] as Wanted;
      if (segment === undefined || segment.byteLength === 0) {
        missing.push(wanted);
        continue;
      }
      come += segment.byteLength;
      (this.#arrived[wanted.position] as Uint8Array[]).push(segment);
      const from = wanted.from + segment.byteLength;
      if (from < wanted.bytes) this.#goOn(fetch.executorId, { ...wanted, from });
    }
    // What it takes in truth; what is missing is asked for again outside of the bounds.
    this.#count(come - fetch.bytes);
    fetch.bytes = 0;
    this.#wake();
    this.#pump();
    return missing;
  }

  /** The next chunk of a segment that is larger than one: before all that comes after it. */
  #goOn(executorId: string, rest: Wanted): void {
    const bytes = Math.min(rest.bytes - rest.from, REQUEST_BYTES_MAX);
    this.#fetches.splice(this.#nextFetch, 0, { executorId, segments: [rest], bytes });
  }

  #count(bytes: number): void {
    // All that was counted was given back.
    if (this.#closed) return;
    if (bytes < 0) return this.#release(-bytes);
    this.#inFlight += bytes;
    this.#budget.take(bytes);
  }

  #relocate(missing: readonly Wanted[]): Map<string, Wanted[]> {
    const partitionToStatus = new Map(this.#locations.outputs.map((status) => [status.mapPartition, status]));
    const byExecutor = new Map<string, Wanted[]>();
    for (const wanted of missing) {
      const now = partitionToStatus.get(wanted.status.mapPartition);
      const same = now?.executorId === wanted.status.executorId && now.attempt === wanted.status.attempt;
      if (now === undefined || same) throw this.#lost(wanted.status, "is not where it was");
      const list = byExecutor.get(now.executorId) ?? [];
      list.push({ ...wanted, status: now });
      byExecutor.set(now.executorId, list);
    }
    return byExecutor;
  }

  #lost(status: MapStatus, what: string): TaskFetchError {
    const { shuffleId } = this.#read;
    const { mapPartition, executorId } = status;
    const message = `map output ${mapPartition} of shuffle ${shuffleId} on executor ${executorId} ${what}`;
    return new TaskFetchError({ shuffleId, mapPartition, executorId }, message);
  }
}

export function segmentBytes(status: MapStatus, reducePartition: number): number {
  return (status.offsets[reducePartition + 1] ?? 0) - (status.offsets[reducePartition] ?? 0);
}

/** Requests in the order of their first segment; each asks one executor for segments that lie near each other in the order. */
function planFetches(outputs: readonly MapStatus[], sizes: readonly number[]): Fetch[] {
  const fetches: Fetch[] = [];
  const open = new Map<string, Fetch>();
  outputs.forEach((status, position) => {
    const bytes = sizes[position] as number;
    let fetch = open.get(status.executorId);
    const full =
      fetch !== undefined &&
      (fetch.bytes + bytes > REQUEST_BYTES_MAX || fetch.segments.length === REQUEST_SEGMENTS_MAX);
    if (fetch === undefined || full) {
      fetch = { executorId: status.executorId, segments: [], bytes: 0 };
      open.set(status.executorId, fetch);
      fetches.push(fetch);
    }
    fetch.segments.push({ position, status, bytes, from: 0 });
    // Of a segment that is larger only the first chunk comes.
    fetch.bytes += Math.min(bytes, REQUEST_BYTES_MAX);
  });
  return fetches;
}
