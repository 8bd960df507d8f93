/**
 * The driver's shell: the only place where the core's instructions become effects.
 *
 * Events (a job submitted, a report, a process that ended, a tick) pass one queue into `core.step` (core-loop.ts); what it orders is carried out
 * at once, and what is to be sent leaves at the end of the same turn, so that a job's first tasks are on the wire before `runJob` returns.
 * While an action runs the driver holds one reference on Node's event loop, otherwise none: a script that has nothing left to do ends.
 *
 * Reviewer: nothing here decides who runs what (core/), and nothing awaits inside a step.
 */

import type { PlannedJob } from "@volley/engine/plan/planned-job.js";
import { type BlockId, blockName } from "@volley/engine/task/block-id.js";
import type { UserPlace, VolleyError } from "@volley/engine/wire/errors.js";
import type { Tls } from "@volley/engine/wire/tls.js";
import { CoreLoop } from "./core-loop.js";
import { DriverBlocks } from "./driver-blocks.js";
import { type CachedBlock, DriverServicesImpl } from "./driver-services.js";
import { EventLoopHold } from "./event-loop-hold.js";
import type { ExecutorLink, LinkHost, LinkIdentity } from "./executor-link.js";
import { ExecutorRoster } from "./executor-roster.js";
import type { ExecutorSource } from "./executor-source.js";
import { InstructionPerformer } from "./instruction-performer.js";
import { cancelledBySignal, cancelledError, stoppedError } from "./job-errors.js";
import { type JobLabel, JobTable } from "./job-table.js";
import { LagFreeClock } from "./lag-free-clock.js";
import { type ApplicationSecrets, makeSecrets } from "./net/secrets.js";
import type { DriverServer } from "./net/server.js";
import type { EventLog } from "./observe/event-log.js";
import { EVENT_LOG_VERSION } from "./observe/event-log-version.js";
import { Observers } from "./observe/observers.js";
import { type RunJobOptions, RunningJob } from "./running-job.js";
import type { MapOutputLocation, SchedulerCore } from "./scheduler-core.js";
import { onceAborted } from "./signal-fan-out.js";
import { taskSpecOf } from "./task-spec-of.js";

/** How often the core is told the time: speculation, delay scheduling and lost heartbeats are decided to this grain. */
const TICK_MS = 100;
/** The clock moves on by no more than this between two readings: five missed ticks are the script's doing. */
const CLOCK_STEP_MAX_MS = 500;

export interface DriverConfig {
  readonly applicationId: string;
  readonly appName: string;
  readonly master: string;
  /** Address to listen on and the port, 0 for any. */
  readonly host: string;
  readonly port: number;
  readonly core: SchedulerCore;
  /** Undefined: executors dial in. */
  readonly source?: ExecutorSource | undefined;
  /** Executors to ask of the source at once. */
  readonly initialExecutors: number;
  readonly heartbeatIntervalMs: number;
  readonly maxResultBytes: number;
  readonly secrets?: ApplicationSecrets | undefined;
  /** Between driver and executors, both ways. */
  readonly tls?: Tls | undefined;
  readonly insecure?: boolean | undefined;
  readonly observers?: Observers | undefined;
  readonly mapPlace?: ((place: UserPlace) => UserPlace) | undefined;
}

export class Driver {
  readonly config: DriverConfig;
  readonly secrets: ApplicationSecrets;
  /** The event log and those who follow it. */
  readonly observers: Observers;
  readonly events: EventLog;
  readonly #core: SchedulerCore;
  readonly #loop: CoreLoop;
  readonly #jobs: JobTable;
  readonly #roster: ExecutorRoster;
  readonly #services: DriverServicesImpl;
  readonly #blocks = new DriverBlocks();
  readonly #clock = new LagFreeClock(() => performance.now(), CLOCK_STEP_MAX_MS);
  readonly #hold = new EventLoopHold();
  readonly #envelopes = new Map<number, { readonly bytes: Uint8Array; readonly released: () => void }>();
  #ticker: NodeJS.Timeout | undefined;
  #server: DriverServer | undefined;
  #stopped: Promise<void> | undefined;
  /** Called before the end begins: the last moment to say something. */
  onStopping: (() => void) | undefined;
  /** Is an RDD persisted still? */
  isPersisted: (rddId: number) => boolean = () => true;
  #jobIds = 0;
  #envelopeIds = 0;

  private constructor(config: DriverConfig) {
    const onDefect = (error: unknown) => this.#reportDefect(error);
    const now = () => this.#clock.now();
    const { applicationId } = config;
    this.config = config;
    this.secrets = config.secrets ?? makeSecrets();
    this.observers =
      config.observers ?? new Observers({ applicationId, progress: false, logLevel: "silent", onDefect });
    this.events = this.observers.log;
    this.#core = config.core;
    this.#loop = new CoreLoop(config.core, {
      perform: (instruction) => performer.perform(instruction),
      turnEnded: () => {
        if (this.#jobs.isEmpty) this.#loop.forgetEnds();
        for (const link of this.#roster.links()) link.pump();
      },
      broke: (error) => this.#broke(error),
    });
    const loop = this.#loop;
    this.#jobs = new JobTable({
      post: (event) => loop.post(event),
      stageUnused: (stageKey) => {
        for (const link of this.#roster.links()) link.forgetStage(stageKey);
      },
      maxResultBytes: config.maxResultBytes,
      mapPlace: config.mapPlace,
    });
    this.#roster = new ExecutorRoster({
      applicationId,
      secret: this.secrets.executor,
      source: config.source,
      linkHost: this.#linkHost(),
      now,
      post: (event) => loop.post(event),
    });
    this.#services = new DriverServicesImpl({
      config,
      core: config.core,
      roster: this.#roster,
      blocks: this.#blocks,
      jobs: this.#jobs,
      events: this.events,
      now,
      post: (events) => loop.postBatch(events),
      isPersisted: (rddId) => this.isPersisted(rddId),
    });
    const performer = new InstructionPerformer({
      loop,
      jobs: this.#jobs,
      roster: this.#roster,
      events: this.events,
      now,
    });
  }

  /** Listens, and asks the source for executors; does not wait until one is there. */
  static async start(config: DriverConfig): Promise<Driver> {
    const driver = new Driver(config);
    driver.#hold.acquire();
    try {
      await driver.#listen();
      return driver;
    } finally {
      driver.#hold.release();
    }
  }

  async #listen(): Promise<void> {
    const { config, secrets } = this;
    // What serves HTTP loads while executor processes start.
    const [{ startServer }, { ExecutorClient }] = await Promise.all([
      import("./net/server.js"),
      import("./net/executor-client.js"),
    ]);
    this.#roster.makeClient = (address) => new ExecutorClient(address, secrets.executor, config.tls);
    this.#server = await startServer(this.#services, {
      host: config.host,
      port: config.port,
      secrets,
      tls: config.tls,
      insecure: config.insecure,
      applicationId: config.applicationId,
      onDefect: (error) => this.#reportDefect(error),
    });
    if (config.tls !== undefined) await this.#checkTls(this.#server, config.tls);
    this.#roster.driverUrl = this.#server.url;
    const { applicationId, appName, master } = config;
    this.events.append({
      kind: "applicationStart",
      version: EVENT_LOG_VERSION,
      applicationId,
      appName,
      master,
      nodeVersion: process.version,
    });
    this.#ticker = setInterval(() => this.#loop.post({ type: "tick", now: this.#clock.now() }), TICK_MS).unref();
    this.#roster.startExecutors(config.initialExecutors);
  }

  async #checkTls(server: DriverServer, tls: Tls): Promise<void> {
    const { checkOwnTls } = await import("./net/check-own-tls.js");
    try {
      await checkOwnTls(server.url, tls);
    } catch (error) {
      await server.close();
      throw error;
    }
  }

  /** `http://127.0.0.1:40123` */
  get url(): string {
    return this.#server?.url ?? "";
  }

  get isStopped(): boolean {
    return this.#stopped !== undefined;
  }

  // --- jobs ----------------------------------------------------------------------------------------------------------------------

  /** Rejects with a VolleyError; resolves after the last `onResult`. */
  runJob(plan: PlannedJob, options: RunJobOptions): Promise<void> {
    const { signal } = options;
    if (this.#stopped !== undefined) return Promise.reject(stoppedError());
    if (this.#loop.broken !== undefined) return Promise.reject(this.#loop.broken);
    if (signal?.aborted) return Promise.reject(cancelledBySignal(plan, signal));
    const job = new RunningJob(this.#jobIds++, plan, options);
    this.#jobs.add(job);
    this.#hold.acquire();
    const unlisten =
      signal === undefined
        ? undefined
        : onceAborted(signal, () => this.#jobs.cancel(job, cancelledBySignal(plan, signal)));
    const finished = job.finished.finally(() => {
      unlisten?.();
      this.#hold.release();
    });
    this.#loop.post({ type: "jobSubmitted", job: job.shape() });
    return finished;
  }

  cancelJob(jobId: number, reason = "it was cancelled"): void {
    this.cancelJobs((job) => job.jobId === jobId, reason);
  }

  /** Cancels the jobs for which `matches` holds. */
  cancelJobs(matches: (job: JobLabel) => boolean, reason: string): void {
    this.#jobs.cancelWhere(matches, reason);
  }

  // --- what jobs share -----------------------------------------------------------------------------------------------------------

  /**
   * Keeps a closure envelope until `releaseEnvelope`, which calls `released`; executors are sent it with the first stage that names it. Ids
   * start at 1.
   */
  addEnvelope(bytes: Uint8Array, released: () => void = () => undefined): number {
    const envelopeId = ++this.#envelopeIds;
    this.#envelopes.set(envelopeId, { bytes, released });
    return envelopeId;
  }

  releaseEnvelope(envelopeId: number): void {
    const envelope = this.#envelopes.get(envelopeId);
    if (envelope === undefined) return;
    this.#envelopes.delete(envelopeId);
    for (const link of this.#roster.links()) link.forgetEnvelope(envelopeId);
    envelope.released();
  }

  /** Serves a block to executors; a function is called whenever one asks, and what it throws fails the jobs that read the block's RDD. */
  putBlock(id: BlockId, bytes: Uint8Array | (() => Uint8Array)): void {
    this.#blocks.put(id, bytes);
  }

  /** Forgets blocks here and on the executors; resolves when all have. */
  async removeBlocks(ids: readonly BlockId[]): Promise<void> {
    for (const id of ids) this.#blocks.delete(id);
    await this.#removeEverywhere({ blocks: ids.map(blockName) });
  }

  /** Removes a broadcast's copies from the executors, and the driver's own too when it is destroyed. */
  async removeBroadcast(broadcastId: number, destroy: boolean): Promise<void> {
    if (destroy) this.#blocks.delete({ kind: "broadcast", broadcastId });
    this.#services.forgetBroadcast(broadcastId);
    await this.#removeEverywhere({ broadcastIds: [broadcastId] });
  }

  /** Forgets the slices that were given to parallelize, here and on the executors. */
  async removeSource(rddId: number): Promise<void> {
    if (this.#blocks.deleteSource(rddId)) await this.#removeEverywhere({ sourceRddIds: [rddId] });
  }

  /** Forgets a shuffle's outputs everywhere. */
  releaseShuffle(shuffleId: number): Promise<void> {
    return this.#held(this.#loop.postAndSend({ type: "shuffleReleased", shuffleId }));
  }

  /** Removes an RDD's cached blocks everywhere. */
  releaseRdd(rddId: number): Promise<void> {
    this.#services.forgetRdd(rddId);
    return this.#held(this.#loop.postAndSend({ type: "rddReleased", rddId }));
  }

  mapOutputs(shuffleId: number): readonly MapOutputLocation[] {
    return this.#core.mapOutputs(shuffleId);
  }

  isShuffleComplete(shuffleId: number): boolean {
    return this.#core.isShuffleComplete(shuffleId);
  }

  wasShuffleWhole(shuffleId: number): boolean {
    return this.#core.wasShuffleWhole(shuffleId);
  }

  /** The partitions of an RDD that are cached somewhere, by number. */
  cachedBlocks(rddId: number): readonly CachedBlock[] {
    return this.#services.cachedBlocks(rddId);
  }

  blockLocations(id: BlockId): readonly string[] {
    return this.#core.blockLocations(blockName(id));
  }

  executors(): readonly LinkIdentity[] {
    return Array.from(this.#roster.links(), (link) => link.identity);
  }

  // --- the end -------------------------------------------------------------------------------------------------------------------

  /** Ends every executor, rejects what runs, closes the server. Again: the same promise. */
  stop(reason = "the context was stopped"): Promise<void> {
    if (this.#stopped === undefined) this.onStopping?.();
    this.#stopped ??= this.#held(this.#stop(reason));
    return this.#stopped;
  }

  async #stop(reason: string): Promise<void> {
    this.#jobs.cancelWhere(() => true, reason);
    clearInterval(this.#ticker);
    await this.#roster.stopAll(reason);
    for (const job of this.#jobs.all()) this.#jobs.end(job, cancelledError(job.plan, reason));
    this.#blocks.clear();
    this.#envelopes.clear();
    this.events.append({ kind: "applicationEnd" });
    await this.#server?.close();
    await this.observers.close();
  }

  // --- what goes out -------------------------------------------------------------------------------------------------------------

  async #removeEverywhere(removal: Parameters<ExecutorLink["remove"]>[0]): Promise<void> {
    const removed = Array.from(this.#roster.links(), (link) => {
      const done = link.remove(removal);
      link.pump();
      return done;
    });
    await this.#held(Promise.all(removed));
  }

  /** Keeps the process alive while something the user waits for is under way. */
  async #held(work: Promise<unknown>): Promise<void> {
    this.#hold.acquire();
    try {
      await work;
    } finally {
      this.#hold.release();
    }
  }

  #linkHost(): LinkHost {
    return {
      envelope: (envelopeId) => this.#envelopes.get(envelopeId)?.bytes,
      taskSpec: taskSpecOf,
      shuffleVersion: (shuffleId) => this.#core.shuffleVersion(shuffleId),
      launchFailed: (link, taskIds, error) => {
        const { executorId, incarnation } = link.identity;
        for (const taskId of taskIds) link.orders.delete(taskId);
        this.events.append({
          kind: "log",
          level: "info",
          message: `a launch of ${taskIds.length} tasks failed: ${error.message}`,
        });
        const detail = error.message;
        this.#loop.post({ type: "launchFailed", executorId, incarnation, taskIds, detail, now: this.#clock.now() });
      },
      messageFailed: (link, what, error) => {
        this.events.append({
          kind: "log",
          level: "info",
          message: `${what} did not reach executor ${link.identity.executorId}: ${error.message}`,
        });
      },
      defect: (error) => this.#reportDefect(error),
    };
  }

  #reportDefect(error: unknown): void {
    this.events.append({
      kind: "log",
      level: "error",
      message: `defect: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
    });
    process.emitWarning(error instanceof Error ? error : String(error), { code: "VOLLEY_DEFECT" });
  }

  #broke(error: VolleyError): void {
    this.#reportDefect(error.cause);
    for (const job of this.#jobs.all()) this.#jobs.end(job, error);
  }
}
