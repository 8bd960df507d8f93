/** What the driver answers to its executors: registration, reports, where things are, blocks. */

import { isIP } from "node:net";
import { type BlockId, blockName } from "@volley/engine/task/block-id.js";
import { type Failure, VolleyError } from "@volley/engine/wire/errors.js";
import { isLoopback } from "@volley/engine/wire/loopback.js";
import type {
  LocationsReply,
  LocationsRequest,
  PiecesReply,
  PiecesRequest,
  RegisterReply,
  RegisterRequest,
  ReportReply,
  ReportRequest,
  TaskEnd,
} from "@volley/engine/wire/messages.js";
import { Broadcasts } from "./broadcasts.js";
import type { CoreEvent, TaskOrder } from "./core/events.js";
import type { QueuedEvent } from "./core-loop.js";
import type { DriverConfig } from "./driver.js";
import type { DriverBlocks } from "./driver-blocks.js";
import type { ExecutorLink } from "./executor-link.js";
import type { ExecutorRoster } from "./executor-roster.js";
import { callbackFailed } from "./job-errors.js";
import type { JobTable } from "./job-table.js";
import { RefusedRequest } from "./net/refused-request.js";
import type { DriverServices } from "./net/server.js";
import type { EventLog } from "./observe/event-log.js";
import type { SchedulerCore } from "./scheduler-core.js";

/** Ports below this belong to the system: no executor listens there, and nobody is to be talked into calling them. */
const EXECUTOR_PORT_MIN = 1024;
/** Results fetched at once, over all executors: each may be large. */
const RESULT_FETCHES_MAX = 8;

export interface ServicesParts {
  readonly config: DriverConfig;
  readonly core: SchedulerCore;
  readonly roster: ExecutorRoster;
  readonly blocks: DriverBlocks;
  readonly jobs: JobTable;
  readonly events: EventLog;
  readonly now: () => number;
  readonly post: (events: readonly QueuedEvent[]) => void;
  /** Is an RDD persisted still? */
  readonly isPersisted: (rddId: number) => boolean;
}

/** Where a cached partition lies. */
export interface CachedBlock {
  readonly partition: number;
  readonly executorIds: readonly string[];
  readonly where: "memory" | "disk";
  readonly bytes: number;
}

type Succeeded = TaskEnd & { outcome: "succeeded" };

export class DriverServicesImpl implements DriverServices {
  readonly #parts: ServicesParts;
  /** Cached partitions by RDD and partition: who has them, where, how large. */
  readonly #cached = new Map<number, Map<number, Map<string, { where: "memory" | "disk"; bytes: number }>>>();
  readonly #broadcasts: Broadcasts;
  readonly #fetchQueue: (() => Promise<void>)[] = [];
  #fetching = 0;

  constructor(parts: ServicesParts) {
    this.#parts = parts;
    this.#broadcasts = new Broadcasts(parts.blocks, parts.roster, parts.now);
  }

  register(request: RegisterRequest): RegisterReply {
    const { config, roster } = this.#parts;
    this.#checkAddress(request);
    const { epoch } = roster.register(request).identity;
    return { epoch, heartbeatIntervalMs: config.heartbeatIntervalMs, applicationId: config.applicationId };
  }

  /** The driver will call this address with its secret. */
  #checkAddress({ host, port }: RegisterRequest): void {
    const name = /^[a-z0-9]([a-z0-9.-]{0,252}[a-z0-9])?$/i;
    const allowed = isLoopback(this.#parts.config.host)
      ? isLoopback(host)
      : (isIP(host) !== 0 || name.test(host)) && !/^(169\.254\.|fe80:|0\.|::$)/i.test(host);
    if (!allowed || port < EXECUTOR_PORT_MIN)
      throw new RefusedRequest(400, "PROTOCOL", "an executor cannot have this address");
  }

  report(request: ReportRequest, frames: readonly Uint8Array[]): ReportReply {
    const { config, roster, now } = this.#parts;
    const link = roster.get(request.executorId, request.incarnation);
    if (link === undefined || link.identity.epoch !== request.epoch)
      throw new RefusedRequest(410, "EXECUTOR_LOST", "this incarnation was given up");
    if (link.firstSight(request.seq)) {
      const events: QueuedEvent[] = [];
      // First: what it gives back from now on is nobody's fault.
      if (request.leaving !== undefined) events.push({ event: this.#leaving(link, request.leaving.graceMs) });
      for (const change of request.blocks) events.push({ event: this.#blockChanged(link, change) });
      for (const end of request.tasks) this.#taskEnded(link, end, frames, events);
      for (const move of request.moved ?? []) {
        const { executorId, incarnation } = link.identity;
        events.push({ event: { type: "mapOutputMoved", executorId, incarnation, ...move } });
      }
      if (request.status !== undefined) {
        const { memoryUsedBytes, rssBytes, runningTaskIds } = request.status;
        const { executorId, incarnation } = link.identity;
        events.push({ event: { type: "heartbeat", executorId, incarnation, runningTaskIds, now: now() } });
        this.#parts.events.append({
          kind: "executorStatus",
          executorId,
          memoryUsedBytes,
          rssBytes,
          runningTasks: runningTaskIds.length,
        });
      }
      if (request.leaving?.hasLeft === true) events.push({ event: this.#hasLeft(link) });
      this.#parts.post(events);
      this.#removeStrays(request.blocks);
    }
    return { epoch: link.identity.epoch, applicationId: config.applicationId };
  }

  #leaving({ identity: { executorId, incarnation } }: ExecutorLink, graceMs: number): CoreEvent {
    return { type: "executorDecommissioning", executorId, incarnation, graceMs, now: this.#parts.now() };
  }

  #hasLeft({ identity: { executorId, incarnation } }: ExecutorLink): CoreEvent {
    const detail = "it has left";
    return { type: "executorLost", executorId, incarnation, reason: "decommissioned", detail, now: this.#parts.now() };
  }

  #blockChanged(link: ExecutorLink, change: ReportRequest["blocks"][number]): CoreEvent {
    const { executorId, incarnation } = link.identity;
    const block = blockName(change.block);
    if (change.block.kind === "rdd")
      this.#noteCached(executorId, change.block.rddId, change.block.partition, change.where, change.bytes);
    this.#parts.events.append({ kind: "blockUpdated", executorId, block, where: change.where, bytes: change.bytes });
    return { type: "blockChanged", executorId, incarnation, block, where: change.where, bytes: change.bytes };
  }

  /** What tasks kept that had begun before their RDD was unpersisted: nobody else would remove it. */
  #removeStrays(changes: ReportRequest["blocks"]): void {
    for (const { block, where } of changes) {
      if (block.kind !== "rdd" || where === "gone" || this.#parts.isPersisted(block.rddId)) continue;
      this.forgetRdd(block.rddId);
      this.#parts.post([{ event: { type: "rddReleased", rddId: block.rddId } }]);
    }
  }

  #taskEnded(link: ExecutorLink, end: TaskEnd, frames: readonly Uint8Array[], events: QueuedEvent[]): void {
    const { executorId, incarnation } = link.identity;
    const order = link.orders.get(end.taskId);
    const now = this.#parts.now();
    const common = { executorId, incarnation, taskId: end.taskId, now };
    if (end.outcome === "killed") {
      link.orders.delete(end.taskId);
      events.push({ event: { type: "taskKilled", ...common } });
    } else if (end.outcome === "failed") {
      link.orders.delete(end.taskId);
      const { runMs, metrics, taskId } = end;
      events.push({
        event: { type: "taskFailed", ...common, failure: end.failure as Failure },
        end: { taskId, runMs, metrics },
      });
    } else if (end.result.at === "executor") {
      this.#fetchResult(link, end, end.result.bytes, order, frames);
    } else {
      link.orders.delete(end.taskId);
      const result = end.result.at === "frame" ? frameOf(frames, end.result.frame) : undefined;
      const job = result === undefined ? undefined : this.#parts.jobs.jobOfResult(order);
      if (job !== undefined && result !== undefined) this.#parts.jobs.countResult(job, result.byteLength);
      events.push(this.#succeeded(link, end, result, frames));
    }
  }

  #succeeded(
    link: ExecutorLink,
    end: Succeeded,
    result: Uint8Array | undefined,
    frames: readonly Uint8Array[],
  ): QueuedEvent {
    const { executorId, incarnation } = link.identity;
    const { taskId, mapOutput, runMs, metrics } = end;
    const accumulators = end.accumulators === undefined ? undefined : frameOf(frames, end.accumulators);
    return {
      event: { type: "taskSucceeded", executorId, incarnation, taskId, mapOutput, runMs, now: this.#parts.now() },
      end: { taskId, result, accumulators, runMs, metrics },
    };
  }

  /**
   * A large result is brought here before the core hears of the task's success: once it is accepted its partition is never computed
   * again, so it must not depend on an executor that can die.
   */
  #fetchResult(
    link: ExecutorLink,
    end: Succeeded,
    bytes: number,
    order: TaskOrder | undefined,
    frames: readonly Uint8Array[],
  ): void {
    const { executorId, incarnation } = link.identity;
    const name = blockName({ kind: "result", taskId: end.taskId });
    const job = this.#parts.jobs.jobOfResult(order);
    const wanted = job !== undefined && this.#parts.jobs.countResult(job, bytes);
    this.#enqueueFetch(async () => {
      let posted: QueuedEvent;
      try {
        const result = wanted ? await link.client.fetchBlock(name, bytes) : undefined;
        posted = this.#succeeded(link, end, result, frames);
      } catch (error) {
        if (!VolleyError.is(error)) throw error;
        if (job !== undefined) job.resultBytes -= bytes;
        const failure: Failure = {
          code: error.code,
          message: error.message,
          details: { executorId, partition: order?.partition, attempt: order?.attempt, stageId: order?.stageId },
        };
        posted = {
          event: { type: "taskFailed", executorId, incarnation, taskId: end.taskId, failure, now: this.#parts.now() },
        };
      }
      link.orders.delete(end.taskId);
      void link.remove({ blocks: [name] });
      this.#parts.post([posted]);
    });
  }

  #enqueueFetch(fetch: () => Promise<void>): void {
    this.#fetchQueue.push(fetch);
    if (this.#fetching < RESULT_FETCHES_MAX) void this.#runFetches();
  }

  async #runFetches(): Promise<void> {
    this.#fetching++;
    try {
      for (let next = this.#fetchQueue.shift(); next !== undefined; next = this.#fetchQueue.shift()) await next();
    } finally {
      this.#fetching--;
    }
  }

  locations(request: LocationsRequest): LocationsReply {
    const { core, roster } = this.#parts;
    this.#checkEpoch(request);
    return {
      executors: Array.from(roster.links(), ({ identity }) => ({
        executorId: identity.executorId,
        host: identity.host,
        port: identity.port,
      })),
      shuffles: request.shuffleIds.map((shuffleId) => ({
        shuffleId,
        complete: core.isShuffleComplete(shuffleId),
        outputs: core.mapOutputs(shuffleId).map((output) => ({ ...output, offsets: [...output.offsets] })),
      })),
      blocks: request.blocks.map((name) => ({ name, executorIds: [...core.blockLocations(name)] })),
    };
  }

  isSpread(id: BlockId, bytes: Uint8Array): boolean {
    return id.kind === "broadcast" && this.#broadcasts.isSpread(bytes);
  }

  pieces(request: PiecesRequest): PiecesReply {
    this.#checkEpoch(request);
    return this.#broadcasts.pieces(request);
  }

  /** Its copies are removed. */
  forgetBroadcast(broadcastId: number): void {
    this.#broadcasts.forget(broadcastId);
  }

  #checkEpoch({ executorId, epoch }: { readonly executorId: string; readonly epoch: number }): void {
    if (this.#parts.roster.get(executorId)?.identity.epoch !== epoch)
      throw new RefusedRequest(410, "EXECUTOR_LOST", "this incarnation was given up");
  }

  block(id: BlockId): Uint8Array | undefined {
    const { blocks, jobs } = this.#parts;
    try {
      return blocks.get(id);
    } catch (error) {
      // Rows that cannot leave this process: no executor is to blame, and none will have more luck.
      if (id.kind !== "source") throw error;
      jobs.cancelReaders(id.rddId, callbackFailed("rows given to parallelize cannot be sent", error));
      return undefined;
    }
  }

  // --- cached partitions ---------------------------------------------------------------------------------------------------------

  #noteCached(
    executorId: string,
    rddId: number,
    partition: number,
    where: "memory" | "disk" | "gone",
    bytes: number,
  ): void {
    let partitions = this.#cached.get(rddId);
    if (partitions === undefined) {
      if (where === "gone") return;
      partitions = new Map();
      this.#cached.set(rddId, partitions);
    }
    const holders = partitions.get(partition) ?? new Map<string, { where: "memory" | "disk"; bytes: number }>();
    if (where === "gone") holders.delete(executorId);
    else holders.set(executorId, { where, bytes });
    if (holders.size > 0) partitions.set(partition, holders);
    else partitions.delete(partition);
    if (partitions.size === 0) this.#cached.delete(rddId);
  }

  /** Executors do not tell what they remove by order: it is noted here, so that the log has the end of every block. */
  forgetRdd(rddId: number): void {
    const { core, events } = this.#parts;
    for (const [partition, holders] of this.#cached.get(rddId) ?? []) {
      const block = blockName({ kind: "rdd", rddId, partition });
      const alive = new Set(core.blockLocations(block));
      for (const executorId of holders.keys())
        if (alive.has(executorId)) events.append({ kind: "blockUpdated", executorId, block, where: "gone", bytes: 0 });
    }
    this.#cached.delete(rddId);
  }

  cachedBlocks(rddId: number): readonly CachedBlock[] {
    const { core } = this.#parts;
    const blocks: CachedBlock[] = [];
    for (const [partition, holders] of this.#cached.get(rddId) ?? []) {
      // The core knows which executors are lost.
      const alive = new Set(core.blockLocations(blockName({ kind: "rdd", rddId, partition })));
      const here = [...holders].filter(([executorId]) => alive.has(executorId));
      const first = here[0];
      if (first !== undefined)
        blocks.push({
          partition,
          executorIds: here.map(([executorId]) => executorId),
          where: first[1].where,
          bytes: first[1].bytes,
        });
    }
    return blocks.sort((a, b) => a.partition - b.partition);
  }
}

function frameOf(frames: readonly Uint8Array[], index: number): Uint8Array {
  const frame = frames[index];
  if (frame === undefined) throw new VolleyError("PROTOCOL", `a report names frame ${index} of ${frames.length}`);
  // A copy of its own (a Buffer's slice() is none): a small result must not keep the whole report alive, and its columns need alignment.
  return new Uint8Array(frame);
}
