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

/** Fetched or on its way, and not yet taken by the slot: Spark's maxSizeInFlight. */
const TASK_BYTES_MAX = 48 << 20;
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

  take(bytes: number): void {
    this.#bytes += bytes;
  }

  give(bytes: number): void {
    this.#bytes -= bytes;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const wake of waiting) wake();
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
  readonly bytes: number;
}

interface Fetch {
  readonly executorId: string;
  readonly segments: Wanted[];
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
  readonly #arrived: (Uint8Array | undefined)[];
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
    this.#arrived = new Array<Uint8Array | undefined>(read.outputs.length).fill(undefined);
    this.#fetches = planFetches(read.outputs, this.#sizes);
    this.#pump();
  }

  async next(): Promise<{ chunks: readonly Uint8Array[]; done: boolean }> {
    while (this.#arrived[this.#cursor] === undefined) {
      if (this.#failure !== undefined) throw this.#failure;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    const chunks: Uint8Array[] = [];
    let bytes = 0;
    for (let at = this.#cursor; this.#arrived[at] !== undefined; at++) {
      chunks.push(this.#arrived[at] as Uint8Array);
      this.#arrived[at] = undefined;
      bytes += this.#sizes[at] as number;
      this.#cursor = at + 1;
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
      const fits = this.#inFlight + fetch.bytes <= TASK_BYTES_MAX && this.#budget.fits(fetch.bytes);
      if (this.#inFlight > 0 && !fits) {
        this.#budget.onGiven(() => this.#pump());
        return;
      }
      this.#nextFetch++;
      this.#inFlight += fetch.bytes;
      this.#budget.take(fetch.bytes);
      this.#run(fetch).catch((error: unknown) => {
        this.#failure ??= error;
        this.#wake();
      });
    }
  }

  async #run(fetch: Fetch): Promise<void> {
    const missing = await this.#fetch(fetch);
    if (missing.length === 0) return;
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
    const outputs = fetch.segments.map(({ status }) => ({
      mapPartition: status.mapPartition,
      attempt: status.attempt,
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
    segments.forEach((segment, index) => {
      const wanted = fetch.segments[index] as Wanted;
      if (segment === undefined) missing.push(wanted);
      else this.#arrived[wanted.position] = segment;
    });
    this.#wake();
    return missing;
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
    fetch.segments.push({ position, status, bytes });
    fetch.bytes += bytes;
  });
  return fetches;
}
