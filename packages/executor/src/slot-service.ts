/** Answers what running tasks ask of the main thread: blocks, segments, files and programs. */

import { assert, unreachable } from "@volley/engine/lib/assert.js";
import { type BlockId, blockName, parseBlockName } from "@volley/engine/task/block-id.js";
import { StorageLevel } from "@volley/engine/task/storage-level.js";
import { TaskFetchError } from "@volley/engine/task/task-io.js";
import type { TaskSpec } from "@volley/engine/task/task-spec.js";
import { VolleyError } from "@volley/engine/wire/errors.js";
import type { MapStatus } from "@volley/engine/wire/messages.js";
import type { BlockManager } from "./blocks/block-manager.js";
import { ChildProgram } from "./io/child-program.js";
import type { ChunkSource } from "./io/chunk-source.js";
import { InflatedFile } from "./io/inflate-file.js";
import type { BlockClient } from "./net/block-client.js";
import { BroadcastFetcher } from "./net/broadcast-fetcher.js";
import type { DriverClient } from "./net/driver-client.js";
import type { LaunchLocations } from "./shuffle/launch-locations.js";
import { type FetchBudget, RemoteSegments, segmentBytes } from "./shuffle/remote-segments.js";
import { segmentParts } from "./shuffle/segment-parts.js";
import type { ShuffleLocations } from "./shuffle/shuffle-location-cache.js";
import type { BlockPlace, SegmentPlace, SlotAnswer, SlotAnswers, SlotRequest } from "./task/slot-messages.js";

export interface SlotServiceParts {
  readonly executorId: string;
  readonly blocks: BlockManager;
  readonly driver: DriverClient;
  readonly epoch: () => number;
  readonly blockClient: BlockClient;
  readonly fetchBudget: FetchBudget;
  readonly outputsGeneration: () => number;
  readonly locationsOf: (taskId: number) => LaunchLocations;
  /** A cached partition was kept here that its level wants on other executors too. */
  readonly replicate: (name: string, bytes: Uint8Array, level: StorageLevel) => void;
}

interface OpenStream {
  readonly slotId: number;
  readonly source: ChunkSource | ChildProgram;
}

export class SlotService {
  readonly #parts: SlotServiceParts;
  readonly #streams = new Map<number, OpenStream>();
  readonly #fetching = new Map<string, Promise<Uint8Array>>();
  readonly #broadcasts: BroadcastFetcher;
  #lastStream = 0;

  constructor(parts: SlotServiceParts) {
    this.#parts = parts;
    const { executorId, driver, epoch } = parts;
    this.#broadcasts = new BroadcastFetcher({ executorId, driver, epoch, client: parts.blockClient });
  }

  /** Bytes of a broadcast that is on its way here, for other executors. */
  part(broadcastId: number, from: number, until: number): Uint8Array | undefined {
    return this.#broadcasts.part(broadcastId, from, until);
  }

  serve(slotId: number, task: TaskSpec, request: SlotRequest): SlotAnswer | Promise<SlotAnswer> {
    switch (request.op) {
      case "block":
        return this.#block(request.name);
      case "cached":
        return this.#parts.blocks.place(request.name) ?? this.#remoteCached(task, request.name);
      case "put":
        return this.#put(request.name, request.bytes, request.level);
      case "segments":
        return this.#segments(slotId, task, request);
      case "nextChunks":
        return this.#nextChunks(request.stream);
      case "openFile":
        return { stream: this.#open(slotId, new InflatedFile(request.path, request.codec)) };
      case "startProcess":
        return { stream: this.#open(slotId, new ChildProgram(request.command, request.env)) };
      case "stepProcess":
        return this.#stepProcess(request.stream, request.input, request.ended);
      case "makeRoom":
        return this.#parts.blocks.makeRoomForExecution(request.bytes);
      case "makeDiskRoom":
        return this.#parts.blocks.makeDiskRoom();
      default:
        return unreachable(request);
    }
  }

  closeStream(slotId: number, stream: number): void {
    const open = this.#streams.get(stream);
    if (open === undefined || open.slotId !== slotId) return;
    this.#streams.delete(stream);
    open.source.close();
  }

  /** The slot's task is over: what it left open goes. */
  release(slotId: number): void {
    for (const [stream, open] of this.#streams) if (open.slotId === slotId) this.closeStream(slotId, stream);
  }

  close(): void {
    for (const [stream, { slotId }] of this.#streams) this.closeStream(slotId, stream);
  }

  #block(name: string): BlockPlace | Promise<BlockPlace> {
    const place = this.#parts.blocks.place(name);
    if (place !== undefined) return place;
    const id = parseBlockName(name);
    assert(id !== undefined, "slots name blocks by their ids");
    if (id.kind !== "source" && id.kind !== "broadcast" && id.kind !== "class") {
      const why =
        id.kind === "rdd"
          ? "was lost with its executor, and a local checkpoint keeps nothing to compute it from"
          : "is not on this executor";
      throw new VolleyError("BLOCK_LOST", `the block ${name} ${why}`);
    }
    return this.#fetchFromDriver(id, name).then((bytes) => ({ at: "memory", bytes }));
  }

  /** Tasks that want the same block share one transfer. */
  #fetchFromDriver(id: BlockId, name: string): Promise<Uint8Array> {
    let fetching = this.#fetching.get(name);
    if (fetching === undefined) {
      const keep = (bytes: Uint8Array) => this.#parts.blocks.putCopy(id, bytes);
      fetching = this.#parts.driver
        .block(name)
        .then(async (bytes) => {
          if (bytes === undefined && id.kind === "broadcast") return this.#broadcasts.fetch(id.broadcastId, keep);
          if (bytes === undefined) throw new VolleyError("PROTOCOL", `the driver says that ${name} comes in pieces`);
          await keep(bytes);
          return bytes;
        })
        .catch((error: unknown) => {
          // FETCH_FAILED speaks of map outputs to the scheduler.
          if (!VolleyError.is(error, "FETCH_FAILED")) throw error;
          throw new VolleyError("BLOCK_LOST", `the block ${name} could not be read from the driver`, { cause: error });
        })
        .finally(() => this.#fetching.delete(name));
      this.#fetching.set(name, fetching);
    }
    return fetching;
  }

  async #remoteCached(task: TaskSpec, name: string): Promise<BlockPlace | undefined> {
    for (const address of await this.#parts.locationsOf(task.taskId).holders(name)) {
      if (address.executorId === this.#parts.executorId) continue;
      try {
        const bytes = await this.#parts.blockClient.block(address, name);
        if (bytes !== undefined) return { at: "memory", bytes };
      } catch (error) {
        // A copy that cannot be had is computed again: slower, and right.
        if (!VolleyError.is(error)) throw error;
      }
    }
    return undefined;
  }

  async #put(name: string, bytes: Uint8Array, levelName: string): Promise<boolean> {
    const id = parseBlockName(name);
    const level = StorageLevel[levelName as keyof typeof StorageLevel];
    assert(id?.kind === "rdd" && level !== undefined, "cached partitions have an id and a level");
    const kept = await this.#parts.blocks.putCached(id, bytes, level);
    if (level.replication > 1) this.#parts.replicate(name, bytes, level);
    return kept;
  }

  async #segments(
    slotId: number,
    task: TaskSpec,
    request: SlotRequest & { op: "segments" },
  ): Promise<SlotAnswers["segments"]> {
    const { shuffleId, reducePartition, mapRange } = request;
    const launch = this.#parts.locationsOf(task.taskId);
    let locations = await launch.shuffle(shuffleId);
    if (!locations.complete) locations = await launch.refreshShuffle(shuffleId);
    if (!locations.complete) throw incomplete(shuffleId, locations);
    const { executorId } = this.#parts;
    if (locations.outputs.every((status) => status.executorId === executorId))
      return this.#wholeShuffle(shuffleId, locations);
    const wanted = locations.outputs.filter(
      (status) =>
        segmentBytes(status, reducePartition) > 0 &&
        (mapRange === undefined || (status.mapPartition >= mapRange[0] && status.mapPartition < mapRange[1])),
    );
    const segments = wanted.flatMap((status) => this.#segmentPlaces(shuffleId, status, reducePartition));
    const outputs = wanted.filter((status) => status.executorId !== executorId);
    if (outputs.length === 0) return { segments };
    const refresh = () => launch.refreshShuffle(shuffleId);
    const read = { shuffleId, reducePartition, outputs, locations, refresh };
    const source = new RemoteSegments(read, this.#parts.blockClient, this.#parts.fetchBudget);
    return { segments, stream: this.#open(slotId, source) };
  }

  #wholeShuffle(shuffleId: number, { outputs }: ShuffleLocations): SlotAnswers["segments"] {
    const generation = this.#parts.outputsGeneration();
    return {
      generation,
      outputs: outputs.map((status) => {
        const { mapPartition, attempt } = status;
        const output = this.#parts.blocks.mapOutput(blockName({ kind: "shuffle", shuffleId, mapPartition, attempt }));
        if (output === undefined) throw this.#gone(shuffleId, mapPartition);
        return { ...output, mapPartition };
      }),
    };
  }

  #gone(shuffleId: number, mapPartition: number): TaskFetchError {
    const { executorId } = this.#parts;
    const message = `map output ${mapPartition} of shuffle ${shuffleId} is no longer on executor ${executorId}`;
    return new TaskFetchError({ shuffleId, mapPartition, executorId }, message);
  }

  #segmentPlaces(shuffleId: number, status: MapStatus, reducePartition: number): readonly SegmentPlace[] {
    const { mapPartition, attempt, executorId } = status;
    if (executorId !== this.#parts.executorId)
      return [{ at: "remote", mapPartition, segmentBytes: segmentBytes(status, reducePartition) }];
    const output = this.#parts.blocks.mapOutput(blockName({ kind: "shuffle", shuffleId, mapPartition, attempt }));
    if (output === undefined) throw this.#gone(shuffleId, mapPartition);
    return segmentParts(output, reducePartition).map(({ place }) => ({ ...place, mapPartition }));
  }

  async #nextChunks(stream: number): Promise<SlotAnswers["nextChunks"]> {
    const source = this.#streams.get(stream)?.source;
    assert(source !== undefined && "next" in source, "the stream is open");
    const next = await source.next();
    if (next.done) this.#streams.delete(stream);
    return next;
  }

  async #stepProcess(
    stream: number,
    input: Uint8Array | undefined,
    ended: boolean,
  ): Promise<SlotAnswers["stepProcess"]> {
    const source = this.#streams.get(stream)?.source;
    assert(source instanceof ChildProgram, "the program runs");
    const step = await source.step(input, ended);
    if (step.done) this.#streams.delete(stream);
    return step;
  }

  #open(slotId: number, source: OpenStream["source"]): number {
    const stream = ++this.#lastStream;
    this.#streams.set(stream, { slotId, source });
    return stream;
  }
}

function incomplete(shuffleId: number, locations: ShuffleLocations): TaskFetchError {
  const there = new Set(locations.outputs.map(({ mapPartition }) => mapPartition));
  let mapPartition = 0;
  while (there.has(mapPartition)) mapPartition++;
  return new TaskFetchError(
    { shuffleId, mapPartition, executorId: "" },
    `map output ${mapPartition} of shuffle ${shuffleId} is nowhere`,
  );
}
