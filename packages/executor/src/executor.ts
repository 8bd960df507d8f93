/**
 * The shell of an executor: puts the parts together and turns what happens in one into effects in the others.
 *
 * Life: slots start first (main.ts), the server listens, the executor registers, tasks come. It ends when the driver says so, when
 * the driver is gone, or when a slot cannot be ended; then nothing of it stays, no thread and no file.
 */

import { mkdirSync } from "node:fs";
import { rm, rmdir } from "node:fs/promises";
import { join } from "node:path";
import { assert } from "@volley/engine/lib/assert.js";
import { blockName, parseBlockName } from "@volley/engine/task/block-id.js";
import type { TaskSpec } from "@volley/engine/task/task-spec.js";
import { type Failure, VolleyError } from "@volley/engine/wire/errors.js";
import type { ExecutorConfig } from "@volley/engine/wire/executor-config.js";
import type { LaunchReply, LaunchRequest, RemoveRequest, ReportRequest } from "@volley/engine/wire/messages.js";
import { WIRE_VERSION } from "@volley/engine/wire/messages.js";
import { CLOSED_HINT } from "@volley/engine/wire/tls.js";
import { BlockManager } from "./blocks/block-manager.js";
import { DiskStore } from "./blocks/disk-store.js";
import { keepReceived } from "./blocks/keep-received.js";
import { KnownGarbage } from "./blocks/known-garbage.js";
import { MemoryStore } from "./blocks/memory-store.js";
import { ProcessMemory } from "./blocks/process-memory.js";
import { Replicator } from "./blocks/replicator.js";
import { collectFreed, watchSharedMemory } from "./blocks/shared-memory.js";
import { countedBudget } from "./core/counted-budget.js";
import { SeqWindow } from "./core/seq-window.js";
import { removeMapOutput } from "./io/map-output-file.js";
import { LastWordsWriter, wordsOf } from "./last-words.js";
import { Leaving } from "./leaving.js";
import { BlockClient } from "./net/block-client.js";
import { DriverClient } from "./net/driver-client.js";
import { Reporter } from "./net/reporter.js";
import { type ExecutorServer, type ExecutorServices, startServer } from "./net/server.js";
import { LaunchLocations } from "./shuffle/launch-locations.js";
import { FetchBudget } from "./shuffle/remote-segments.js";
import { ShuffleLocationCache } from "./shuffle/shuffle-location-cache.js";
import { SlotService } from "./slot-service.js";
import { failureOf } from "./task/failure.js";
import type { ProgramStore } from "./task/program-store.js";
import { MEMORY } from "./task/slot-messages.js";
import type { SlotPool, SlotPoolHost, TaskEnding } from "./task/slot-pool.js";
import { reportOf } from "./task-report.js";

/** Segments that all tasks of an executor have in flight: a share of the budget that blocks can do without. */
const FETCH_SHARE_OF_MEMORY = 0.2;
const FETCH_BYTES_MIN = 16 << 20;
/** A driver on another machine that is silent for so long is gone. */
const SILENCE_MAX_MS = 30_000;
/** Blocks that others give this executor, on their way. */
const INCOMING_SHARE_OF_MEMORY = 0.1;
const INCOMING_BYTES_MIN = 16 << 20;
const REGISTER_RETRY_MS = 50;
/** Connections in a row that the driver closes without an answer to a registration, after which it is taken to refuse them. */
const REGISTER_CLOSED_MAX = 5;
/** Threads that have not ended by then are ended with the process. */
const STOP_LIMIT_MS = 1_000;

export interface ExecutorParts {
  readonly config: ExecutorConfig;
  readonly pool: SlotPool;
  readonly programs: ProgramStore;
  readonly memoryCells: Int32Array;
  /** The process's memory may not grow beyond this. */
  readonly rssLimitBytes: number;
  /** Is the driver's process known to live, whatever it answers? */
  readonly driverLives: () => boolean;
  /** The executor is over: `failure` says why if that was not asked for. Called once. */
  readonly ended: (failure: Failure | undefined, threadsEnded: boolean) => void;
}

export class Executor {
  readonly #parts: ExecutorParts;
  readonly #config: ExecutorConfig;
  readonly #driver: DriverClient;
  readonly #blockClient: BlockClient;
  readonly #blocks: BlockManager;
  readonly #reporter: Reporter;
  readonly #service: SlotService;
  readonly #launches = new SeqWindow();
  readonly #shuffleLocations = new ShuffleLocationCache(() => this.#outputsChanged());
  readonly #incoming: FetchBudget;
  readonly #taskToLocations = new Map<number, LaunchLocations>();
  #server: ExecutorServer | undefined;
  #lastWords: LastWordsWriter | undefined;
  #epoch: number | undefined;
  #ending = false;
  #forgetPlanned = false;
  #leaving: Leaving | undefined;
  /** Tasks that have ended and whose output has no place yet. */
  #unreported = 0;

  constructor(parts: ExecutorParts) {
    const { config } = parts;
    this.#parts = parts;
    this.#config = config;
    this.#driver = new DriverClient(config.driverUrl, config.secret, config.applicationId, config.tls);
    this.#blockClient = new BlockClient(config.secret, config.tls);
    this.#incoming = new FetchBudget(Math.max(INCOMING_BYTES_MIN, config.memoryBytes * INCOMING_SHARE_OF_MEMORY));
    const processMemory = new ProcessMemory(parts.memoryCells);
    processMemory.setBudget(config.memoryBytes);
    watchSharedMemory(processMemory);
    const memory = new MemoryStore(parts.memoryCells, countedBudget(config.slots, config.memoryBytes));
    this.#blocks = new BlockManager(memory, new DiskStore(join(config.localDir, "blocks")), {
      cachedChanged: (change) => this.#reporter.block(change),
      outputsChanged: () => this.#outputsChanged(),
    });
    const identity = { executorId: config.executorId, incarnation: config.incarnation };
    const host = { status: () => this.#status(), driverGone: (error: VolleyError) => this.stop(failureOf(error)) };
    this.#reporter = new Reporter(this.#driver, identity, host, () =>
      parts.driverLives() ? undefined : SILENCE_MAX_MS,
    );
    const replicator = new Replicator(config.executorId, this.#blockClient, () => this.#askLocations([], []));
    this.#service = new SlotService({
      executorId: config.executorId,
      blocks: this.#blocks,
      driver: this.#driver,
      epoch: () => this.#epoch ?? 0,
      blockClient: this.#blockClient,
      fetchBudget: new FetchBudget(Math.max(FETCH_BYTES_MIN, config.memoryBytes * FETCH_SHARE_OF_MEMORY)),
      outputsGeneration: () => Atomics.load(parts.memoryCells, MEMORY.outputsGeneration),
      locationsOf: (taskId) => this.#locationsOf(taskId),
      replicate: (name, bytes, level) => replicator.push(name, bytes, level),
    });
  }

  /** Resolves when the driver knows this executor. */
  async start(): Promise<void> {
    mkdirSync(this.#config.localDir, { recursive: true, mode: 0o700 });
    this.#lastWords = new LastWordsWriter({
      ...this.#parts,
      garbage: new KnownGarbage(this.#parts.memoryCells, collectFreed),
    });
    this.#server = await startServer(this.#services(), this.#config);
    this.#parts.pool.attach(this.#poolHost());
    const { epoch, heartbeatIntervalMs } = await this.#register(this.#server.port);
    this.#epoch = epoch;
    this.#reporter.start(epoch, heartbeatIntervalMs);
  }

  /** Gives away what it holds and ends; when it is told so again, at once. */
  leave(): void {
    if (this.#ending) return;
    const { decommissionMs, executorId } = this.#config;
    if (this.#leaving !== undefined || this.#epoch === undefined || decommissionMs === 0) return this.stop();
    this.#leaving = new Leaving({
      executorId,
      graceMs: decommissionMs,
      blocks: this.#blocks,
      reporter: this.#reporter,
      client: this.#blockClient,
      ask: () => this.#askLocations([], []),
      taskCount: () => this.#parts.pool.taskIds.length + this.#unreported,
    });
    this.#parts.pool.drain();
    this.#leaving.run().then(
      () => this.stop(),
      (error: unknown) => this.stop(failureOf(error)),
    );
  }

  /** Ends everything; `failure` when this was not asked for. `threadsEnd` is false where one is known not to: it is not waited for. */
  stop(failure?: Failure, threadsEnd = true): void {
    if (this.#ending) return;
    this.#ending = true;
    this.#end(threadsEnd).then(
      (threadsEnded) => this.#parts.ended(failure, threadsEnded),
      (error: unknown) => this.#parts.ended(failure ?? failureOf(error), false),
    );
  }

  async #end(threadsEnd: boolean): Promise<boolean> {
    this.#reporter.stop();
    this.#lastWords?.stop();
    this.#service.close();
    const limit = new Promise<false>((resolve) => setTimeout(() => resolve(false), STOP_LIMIT_MS));
    const stopped = this.#parts.pool.stop().then(() => true as const);
    const threads = threadsEnd ? stopped : Promise.resolve(false as const);
    const closed = Promise.all([this.#server?.close(), this.#driver.close(), this.#blockClient.close()]);
    const threadsEnded = await Promise.race([threads, limit]);
    await Promise.race([closed, limit]);
    await rm(this.#config.localDir, { recursive: true, force: true });
    await rmdir(this.#config.applicationDir).catch(() => {
      // Other executors, or the driver, still have something in it: the last one removes it.
    });
    return threadsEnded;
  }

  async #register(port: number) {
    const { executorId, incarnation, host, slots, memoryBytes } = this.#config;
    const request = {
      wireVersion: WIRE_VERSION,
      executorId,
      incarnation,
      host,
      port,
      slots,
      memoryBytes,
      pid: process.pid,
    };
    const startedAt = performance.now();
    let closed = 0;
    for (;;) {
      try {
        return await this.#driver.register(request);
      } catch (error) {
        const lasting = performance.now() - startedAt > SILENCE_MAX_MS;
        if (!VolleyError.is(error, "FETCH_FAILED") || lasting) throw error;
        closed = this.#driver.looksRefused(error) ? closed + 1 : 0;
        if (closed >= REGISTER_CLOSED_MAX)
          throw new VolleyError("TLS_REFUSED", `the driver does not accept this executor: ${CLOSED_HINT}`, {
            cause: error,
          });
        await new Promise((resolve) => setTimeout(resolve, REGISTER_RETRY_MS));
      }
    }
  }

  #services(): ExecutorServices {
    return {
      launch: (request, frames) => this.#launch(request, frames),
      kill: ({ epoch, taskIds, reason }) => {
        this.#checkEpoch(epoch);
        for (const taskId of taskIds) this.#parts.pool.kill(taskId, reason);
      },
      remove: (request) => this.#remove(request),
      stop: ({ epoch }) => {
        this.#checkEpoch(epoch);
        return () => this.stop();
      },
      block: (id) => this.#blocks.place(blockName(id)),
      part: (broadcastId, from, until) => this.#service.part(broadcastId, from, until),
      segment: (shuffleId, { mapPartition, attempt, from }, reducePartition) =>
        this.#blocks.segment(blockName({ kind: "shuffle", shuffleId, mapPartition, attempt }), reducePartition, from),
      incomingBlocks: keepReceived(this.#blocks, {
        takesBlocks: () => this.#leaving === undefined && !this.#ending,
        incoming: this.#incoming,
        cachedBytesMax: this.#config.memoryBytes,
      }),
      defect: (error) => reportDefect(error),
    };
  }

  #launch(request: LaunchRequest, frames: readonly Uint8Array[]): LaunchReply {
    const { executorId } = this.#config;
    this.#epoch ??= request.epoch;
    const takesTasks = !this.#ending && this.#leaving === undefined;
    if (request.epoch !== this.#epoch || !takesTasks) return { executorId, accepted: false };
    if (this.#launches.has(request.seq)) return { executorId, accepted: true };
    const incoming = {
      stages: new Map(request.stages.map((stage) => [stage.stageKey, stage])),
      envelopes: new Set(request.envelopes.map(({ envelopeId }) => envelopeId)),
    };
    const { programs, pool } = this.#parts;
    // The launch that carried a stage may have been lost: the driver sends all of it again.
    const stageKeys = new Set(request.tasks.map(({ stageKey }) => stageKey));
    for (const key of stageKeys) if (!programs.has(key, incoming)) return { executorId, accepted: false };
    this.#launches.firstSight(request.seq);
    programs.forget(request.forgetStages, request.forgetEnvelopes);
    pool.forgetPrograms(request.forgetStages, request.forgetEnvelopes);
    for (const { envelopeId, frame } of request.envelopes) {
      const bytes = frames[frame];
      if (bytes === undefined)
        throw new VolleyError("PROTOCOL", `envelope ${envelopeId} names frame ${frame}, which is not there`);
      programs.addEnvelope(envelopeId, bytes);
    }
    for (const stage of request.stages) programs.addStage(stage);
    const isLocal = (name: string) => this.#blocks.place(name) !== undefined;
    const locations = new LaunchLocations(request, isLocal, this.#shuffleLocations, (shuffleIds, blocks) =>
      this.#askLocations(shuffleIds, blocks),
    );
    for (const task of request.tasks) this.#taskToLocations.set(task.taskId, locations);
    pool.launch(request.tasks);
    return { executorId, accepted: true };
  }

  /** A driver that was restarted, or another one, does not speak of these tasks and blocks. */
  #checkEpoch(epoch: number): void {
    if (epoch !== this.#epoch) throw new VolleyError("PROTOCOL", `epoch ${epoch} is not this executor's`);
  }

  #remove(request: RemoveRequest): void {
    this.#checkEpoch(request.epoch);
    this.#shuffleLocations.forget(request.shuffleIds);
    const names = new Set(request.blocks);
    const rdds = new Set(request.rddIds);
    const shuffles = new Set(request.shuffleIds);
    const broadcasts = new Set(request.broadcastIds);
    const sources = new Set(request.sourceRddIds);
    for (const name of names) if (parseBlockName(name) !== undefined) this.#blocks.remove(name);
    if (rdds.size + shuffles.size + broadcasts.size + sources.size === 0) return;
    this.#blocks.removeWhere((id) => {
      if (id.kind === "rdd") return rdds.has(id.rddId);
      if (id.kind === "shuffle") return shuffles.has(id.shuffleId);
      if (id.kind === "broadcast") return broadcasts.has(id.broadcastId);
      return id.kind === "source" && sources.has(id.rddId);
    });
  }

  /** Slots look at the generation before they use what they remember; the message is for those that have nothing to do. */
  #outputsChanged(): void {
    Atomics.add(this.#parts.memoryCells, MEMORY.outputsGeneration, 1);
    if (this.#forgetPlanned) return;
    this.#forgetPlanned = true;
    setImmediate(() => {
      this.#forgetPlanned = false;
      this.#parts.pool.forgetOutputs();
    });
  }

  #poolHost(): SlotPoolHost {
    return {
      taskEnded: (task, ending) => this.#taskEnded(task, ending),
      serve: (slotId, task, request) => this.#service.serve(slotId, task, request),
      closeStream: (slotId, stream) => this.#service.closeStream(slotId, stream),
      lostBlock: (name) => this.#blocks.lose(name),
      release: (slotId) => this.#service.release(slotId),
      words: () => wordsOf(this.#parts),
      stuck: (failure) => this.stop(failure, false),
    };
  }

  #taskEnded(task: TaskSpec, ending: TaskEnding): void {
    this.#taskToLocations.delete(task.taskId);
    if (ending.outcome !== "succeeded") removeMapOutput(this.#config.localDir, task.taskId);
    this.#unreported++;
    reportOf(task, ending, this.#blocks, this.#config.executorId)
      .then(
        (report) => this.#reporter.task(report),
        (error: unknown) => reportDefect(error),
      )
      .finally(() => {
        this.#unreported--;
        this.#leaving?.poke();
      });
  }

  #locationsOf(taskId: number): LaunchLocations {
    const locations = this.#taskToLocations.get(taskId);
    assert(locations !== undefined, `task ${taskId} was launched`);
    return locations;
  }

  #askLocations(shuffleIds: readonly number[], blocks: readonly string[]) {
    const epoch = this.#epoch;
    assert(epoch !== undefined, "a launch has come");
    const { executorId } = this.#config;
    return this.#driver.locations({ executorId, epoch, shuffleIds: [...shuffleIds], blocks: [...blocks] });
  }

  #status(): NonNullable<ReportRequest["status"]> {
    return {
      memoryUsedBytes: this.#blocks.usedBytes,
      memoryBytes: this.#config.memoryBytes,
      rssBytes: process.memoryUsage.rss(),
      runningTaskIds: this.#parts.pool.taskIds,
    };
  }
}

/** A defect of Volley: there is nobody to throw it to. */
function reportDefect(error: unknown): void {
  process.stderr.write(`volley executor: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
}
