/**
 * The driver's shell: the only place where the core's instructions become effects.
 *
 * Events (a job submitted, a report, a process that ended, a tick) pass one queue into `core.step`; what it orders is carried out at once, and
 * what is to be sent leaves at the end of the same turn, so that a job's first tasks are on the wire before `runJob` returns.
 * While an action runs the driver holds one reference on Node's event loop, otherwise none: a script that has nothing left to do ends.
 *
 * Reviewer: nothing here decides who runs what (core/), and nothing awaits inside a step.
 */

import { unreachable } from "@volley/engine/lib/assert.js";
import { mixSeed } from "@volley/engine/lib/prng.js";
import type { PlannedJob, PlannedStage } from "@volley/engine/plan/planned-job.js";
import { type BlockId, blockName } from "@volley/engine/task/block-id.js";
import type { TaskSpec } from "@volley/engine/task/task-spec.js";
import { type Failure, type UserPlace, VolleyError } from "@volley/engine/wire/errors.js";
import type { CoreEvent, Instruction, TaskOrder } from "./core/events.js";
import { DriverBlocks } from "./driver-blocks.js";
import { DriverServicesImpl } from "./driver-services.js";
import { EventLoopHold } from "./event-loop-hold.js";
import type { ExecutorLink, LinkHost } from "./executor-link.js";
import { ExecutorRoster } from "./executor-roster.js";
import type { ExecutorSource } from "./executor-source.js";
import { failureReport } from "./failure-report.js";
import { LagFreeClock } from "./lag-free-clock.js";
import { type ApplicationSecrets, makeSecrets } from "./net/secrets.js";
import type { DriverServer } from "./net/server.js";
import { eventOfNote, type NoteContext } from "./note-events.js";
import type { EventLog } from "./observe/event-log.js";
import { EVENT_LOG_VERSION } from "./observe/event-log-version.js";
import { Observers } from "./observe/observers.js";
import { type RunJobOptions, RunningJob } from "./running-job.js";
import type { MapOutputLocation, SchedulerCore } from "./scheduler-core.js";
import { onceAborted } from "./signal-fan-out.js";
import type { AcceptableEnd } from "./task-end.js";

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
  readonly observers?: Observers | undefined;
  readonly mapPlace?: ((place: UserPlace) => UserPlace) | undefined;
}

/** Where a cached partition lies. */
export interface CachedBlock {
  readonly partition: number;
  readonly executorIds: readonly string[];
  readonly where: "memory" | "disk";
  readonly bytes: number;
}

interface QueuedEvent {
  readonly event: CoreEvent;
  readonly end: AcceptableEnd | undefined;
  /** Called when the event has been carried out, with what it sent to executors. */
  readonly done?: ((sent: readonly Promise<void>[]) => void) | undefined;
}

export class Driver {
  readonly config: DriverConfig;
  readonly secrets: ApplicationSecrets;
  /** The event log and those who follow it. */
  readonly observers: Observers;
  readonly events: EventLog;
  readonly #core: SchedulerCore;
  readonly #blocks = new DriverBlocks();
  readonly #clock = new LagFreeClock(() => performance.now(), CLOCK_STEP_MAX_MS);
  readonly #hold = new EventLoopHold();
  readonly #roster: ExecutorRoster;
  readonly #services: DriverServicesImpl;
  readonly #jobs = new Map<number, RunningJob>();
  readonly #envelopes = new Map<number, Uint8Array>();
  /** Running jobs that use a stage's program, by its key. */
  readonly #stageKeyUsers = new Map<number, number>();
  readonly #queue: QueuedEvent[] = [];
  readonly #noteContext: NoteContext;
  /** What the current step sent, for those who wait for it. */
  #sent: Promise<void>[] = [];
  #currentEnd: AcceptableEnd | undefined;
  #draining = false;
  #ticker: NodeJS.Timeout | undefined;
  #server: DriverServer | undefined;
  #stopped: Promise<void> | undefined;
  #jobIds = 0;
  #envelopeIds = 0;

  private constructor(config: DriverConfig) {
    this.config = config;
    this.secrets = config.secrets ?? makeSecrets();
    this.observers =
      config.observers ??
      new Observers({
        applicationId: config.applicationId,
        progress: false,
        logLevel: "silent",
        onDefect: (error) => this.#reportDefect(error),
      });
    this.events = this.observers.log;
    this.#core = config.core;
    this.#roster = new ExecutorRoster({
      applicationId: config.applicationId,
      secret: this.secrets.executor,
      source: config.source,
      linkHost: this.#linkHost(),
      now: () => this.#clock.now(),
      post: (event) => this.#post(event),
    });
    this.#services = new DriverServicesImpl({
      config,
      core: this.#core,
      roster: this.#roster,
      blocks: this.#blocks,
      events: this.events,
      now: () => this.#clock.now(),
      post: (events) => this.#postAll(events),
      jobOf: (taskId, order) => this.#jobOfResult(taskId, order),
      cancelTooLarge: (job, bytes) => this.#cancelTooLarge(job, bytes),
    });
    this.#noteContext = {
      measured: (taskId) => (this.#currentEnd?.taskId === taskId ? this.#currentEnd : undefined),
      stage: (stageId, jobIds) => this.#findStage(stageId, jobIds),
      job: (jobId) => {
        const job = this.#jobs.get(jobId);
        return job === undefined
          ? undefined
          : {
              description: job.plan.description,
              stageIds: job.plan.stages.map((stage) => stage.stageId),
              group: job.options.group,
              tags: job.options.tags,
            };
      },
      executor: (executorId) => this.#roster.get(executorId)?.identity,
    };
  }

  /** Listens, and asks the source for executors; does not wait until one is there. */
  static async start(config: DriverConfig): Promise<Driver> {
    const driver = new Driver(config);
    driver.#hold.acquire();
    try {
      const [{ startServer }, { ExecutorClient }] = await Promise.all([
        import("./net/server.js"),
        import("./net/executor-client.js"),
      ]);
      driver.#roster.makeClient = (address) => new ExecutorClient(address, driver.secrets.executor);
      driver.#server = await startServer(driver.#services, {
        host: config.host,
        port: config.port,
        secrets: driver.secrets,
        applicationId: config.applicationId,
        onDefect: (error) => driver.#reportDefect(error),
      });
      driver.#roster.driverUrl = driver.#server.url;
      driver.events.append({
        kind: "applicationStart",
        version: EVENT_LOG_VERSION,
        applicationId: config.applicationId,
        appName: config.appName,
        master: config.master,
        nodeVersion: process.version,
      });
      driver.#ticker = setInterval(() => driver.#post({ type: "tick", now: driver.#clock.now() }), TICK_MS);
      driver.#ticker.unref();
      driver.#roster.startExecutors(config.initialExecutors);
      return driver;
    } finally {
      driver.#hold.release();
    }
  }

  /** `http://127.0.0.1:40123` */
  get url(): string {
    return this.#server?.url ?? "";
  }

  get isStopped(): boolean {
    return this.#stopped !== undefined;
  }

  /** Rejects with a VolleyError; resolves after the last `onResult`. */
  runJob(plan: PlannedJob, options: RunJobOptions): Promise<void> {
    if (this.#stopped !== undefined) return Promise.reject(stoppedError());
    if (options.signal?.aborted) return Promise.reject(cancelledBySignal(plan, options.signal));
    const job = new RunningJob(this.#jobIds++, plan, options);
    this.#jobs.set(job.jobId, job);
    for (const { spec } of plan.stages)
      this.#stageKeyUsers.set(spec.stageKey, (this.#stageKeyUsers.get(spec.stageKey) ?? 0) + 1);
    this.#hold.acquire();
    const { signal } = options;
    const unlisten =
      signal === undefined ? undefined : onceAborted(signal, () => this.#cancel(job, cancelledBySignal(plan, signal)));
    const finished = job.finished.finally(() => {
      unlisten?.();
      this.#hold.release();
    });
    this.#post({ type: "jobSubmitted", job: job.shape() });
    return finished;
  }

  cancelJob(jobId: number, reason = "it was cancelled"): void {
    const job = this.#jobs.get(jobId);
    if (job !== undefined) this.#cancel(job, cancelledError(job.plan, reason));
  }

  /** Cancels the jobs for which `matches` holds. */
  cancelJobs(
    matches: (job: {
      readonly jobId: number;
      readonly group: string | undefined;
      readonly tags: readonly string[];
    }) => boolean,
    reason: string,
  ): void {
    for (const job of [...this.#jobs.values()]) {
      if (matches({ jobId: job.jobId, group: job.options.group, tags: job.options.tags }))
        this.#cancel(job, cancelledError(job.plan, reason));
    }
  }

  /** Keeps a closure envelope until `releaseEnvelope`; executors are sent it with the first stage that names it. Ids start at 1. */
  addEnvelope(bytes: Uint8Array): number {
    const envelopeId = ++this.#envelopeIds;
    this.#envelopes.set(envelopeId, bytes);
    return envelopeId;
  }

  releaseEnvelope(envelopeId: number): void {
    if (!this.#envelopes.delete(envelopeId)) return;
    for (const link of this.#roster.links()) link.forgetEnvelope(envelopeId);
  }

  /** Serves a block to executors; a function is called whenever one asks. */
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
    await this.#removeEverywhere({ broadcastIds: [broadcastId] });
  }

  /** Forgets the slices that were given to parallelize, here and on the executors. */
  async removeSource(rddId: number): Promise<void> {
    if (this.#blocks.deleteSource(rddId)) await this.#removeEverywhere({ sourceRddIds: [rddId] });
  }

  /** Forgets a shuffle's outputs everywhere. */
  releaseShuffle(shuffleId: number): Promise<void> {
    return this.#release({ type: "shuffleReleased", shuffleId });
  }

  /** Removes an RDD's cached blocks everywhere. */
  releaseRdd(rddId: number): Promise<void> {
    this.#services.forgetRdd(rddId);
    return this.#release({ type: "rddReleased", rddId });
  }

  mapOutputs(shuffleId: number): readonly MapOutputLocation[] {
    return this.#core.mapOutputs(shuffleId);
  }

  isShuffleComplete(shuffleId: number): boolean {
    return this.#core.isShuffleComplete(shuffleId);
  }

  /** The partitions of an RDD that are cached somewhere, by number. */
  cachedBlocks(rddId: number): readonly CachedBlock[] {
    return this.#services.cachedBlocks(rddId);
  }

  blockLocations(id: BlockId): readonly string[] {
    return this.#core.blockLocations(blockName(id));
  }

  executors(): readonly {
    readonly executorId: string;
    readonly host: string;
    readonly port: number;
    readonly slots: number;
    readonly memoryBytes: number;
    readonly pid: number;
  }[] {
    return Array.from(this.#roster.links(), (link) => link.identity);
  }

  /** Ends every executor, rejects what runs, closes the server. Again: the same promise. */
  stop(reason = "the context was stopped"): Promise<void> {
    this.#stopped ??= this.#stop(reason);
    return this.#stopped;
  }

  async #stop(reason: string): Promise<void> {
    this.#hold.acquire();
    try {
      for (const job of [...this.#jobs.values()]) this.#cancel(job, cancelledError(job.plan, reason));
      clearInterval(this.#ticker);
      await this.#roster.stopAll(reason);
      for (const job of [...this.#jobs.values()]) this.#endJob(job, cancelledError(job.plan, reason));
      this.#blocks.clear();
      this.#envelopes.clear();
      this.events.append({ kind: "applicationEnd" });
      await this.#server?.close();
      await this.observers.close();
    } finally {
      this.#hold.release();
    }
  }

  // --- the queue -----------------------------------------------------------------------------------------------------------------

  #post(event: CoreEvent, end?: AcceptableEnd): void {
    this.#queue.push({ event, end });
    this.#drain();
  }

  #postAll(events: readonly { readonly event: CoreEvent; readonly end?: AcceptableEnd | undefined }[]): void {
    for (const { event, end } of events) this.#queue.push({ event, end });
    this.#drain();
  }

  #drain(): void {
    if (this.#draining) return;
    this.#draining = true;
    try {
      for (let at = 0; at < this.#queue.length; at++) {
        const { event, end, done } = this.#queue[at] as QueuedEvent;
        this.#currentEnd = end;
        this.#sent = [];
        for (const instruction of this.#core.step(event)) this.#perform(instruction);
        done?.(this.#sent);
      }
    } catch (error) {
      this.#fatal(error);
      for (const { done } of this.#queue) done?.([]);
    } finally {
      this.#queue.length = 0;
      this.#currentEnd = undefined;
      this.#draining = false;
    }
    for (const link of this.#roster.links()) link.pump();
  }

  #perform(instruction: Instruction): void {
    switch (instruction.type) {
      case "launch":
        return this.#launch(instruction);
      case "kill":
        return this.#kill(instruction);
      case "accept":
        return this.#accept(instruction);
      case "discard":
        return this.#discard(instruction);
      case "jobFinished":
        return this.#endJob(this.#jobs.get(instruction.jobId), undefined);
      case "jobFailed":
        return this.#jobFailed(instruction.jobId, instruction.failure);
      case "stageFinished":
        return;
      case "removeShuffle":
        return this.#removeFrom(instruction.executorIds, { shuffleIds: [instruction.shuffleId] });
      case "removeRdd":
        return this.#removeFrom(instruction.executorIds, { rddIds: [instruction.rddId] });
      case "fence":
        return this.#roster.fence(instruction.executorId, instruction.incarnation);
      case "endExecutor":
        return this.#roster.end(instruction.executorId, instruction.incarnation);
      case "startExecutors":
        return this.#roster.startExecutors(instruction.count);
      case "note": {
        const event = eventOfNote(instruction.note, this.#noteContext);
        if (event !== undefined) this.events.append(event);
        return;
      }
      default:
        unreachable(instruction);
    }
  }

  #launch({ executorId, incarnation, tasks }: Instruction & { type: "launch" }): void {
    const link = this.#roster.get(executorId, incarnation);
    const lost: number[] = [];
    for (const order of tasks) {
      const stage = this.#findStage(order.stageId, [order.jobId]);
      if (link === undefined || stage === undefined) lost.push(order.taskId);
      else link.launch(order, stage);
    }
    if (lost.length > 0)
      this.#queue.push({
        event: { type: "launchFailed", executorId, incarnation, taskIds: lost, now: this.#clock.now() },
        end: undefined,
      });
  }

  #kill({ executorId, incarnation, taskIds, reason }: Instruction & { type: "kill" }): void {
    const unsent = this.#roster.get(executorId, incarnation)?.kill(taskIds, reason) ?? [];
    for (const taskId of unsent)
      this.#queue.push({
        event: { type: "taskKilled", executorId, incarnation, taskId, now: this.#clock.now() },
        end: undefined,
      });
  }

  #accept({ jobIds, stageId, partition, taskId }: Instruction & { type: "accept" }): void {
    const end = this.#currentEnd;
    if (end === undefined || end.taskId !== taskId)
      throw new VolleyError("INTERNAL", `task ${taskId} was accepted apart from its end`);
    const jobs = jobIds.map((jobId) => this.#jobs.get(jobId)).filter((job) => job !== undefined);
    if (end.accumulators !== undefined) jobs[0]?.options.onAccumulators(end.accumulators);
    for (const job of jobs) {
      if (job.resultStage.stageId !== stageId || job.endsWith !== undefined) continue;
      try {
        job.takeResult(partition, end.result ?? new Uint8Array(0));
      } catch (error) {
        this.#cancel(job, asVolleyError(error));
      }
    }
  }

  #discard({ taskId, executorId, shuffle }: Instruction & { type: "discard" }): void {
    const blocks = [blockName({ kind: "result", taskId })];
    if (shuffle !== undefined) blocks.push(blockName({ kind: "shuffle", ...shuffle }));
    this.#removeFrom([executorId], { blocks });
  }

  // --- jobs ----------------------------------------------------------------------------------------------------------------------

  #findStage(stageId: number, jobIds: readonly number[]): PlannedStage | undefined {
    for (const jobId of jobIds) {
      const stage = this.#jobs.get(jobId)?.stage(stageId);
      if (stage !== undefined) return stage;
    }
    // A stage that jobs share may have been submitted by one that has ended.
    for (const job of this.#jobs.values()) {
      const stage = job.stage(stageId);
      if (stage !== undefined) return stage;
    }
    return undefined;
  }

  #jobOfResult(_taskId: number, order: TaskOrder | undefined): RunningJob | undefined {
    const job = order === undefined ? undefined : this.#jobs.get(order.jobId);
    return job?.resultStage.stageId === order?.stageId && job?.endsWith === undefined ? job : undefined;
  }

  #cancelTooLarge(job: RunningJob, bytes: number): void {
    const mib = (count: number) => (count / (1 << 20)).toFixed(count < 10 << 20 ? 1 : 0);
    const message = `the results of ${job.plan.description} exceed maxResultSizeMiB: ${mib(bytes)} MiB so far of ${mib(this.config.maxResultBytes)} MiB; use take, toLocalIterator or saveAsTextFile, or raise maxResultSizeMiB`;
    this.#cancel(job, new VolleyError("RESULT_TOO_LARGE", message));
  }

  #cancel(job: RunningJob, error: VolleyError): void {
    if (job.endsWith !== undefined) return;
    job.endsWith = error;
    this.#post({ type: "jobCancelled", jobId: job.jobId, reason: error.message });
  }

  #jobFailed(jobId: number, failure: Failure): void {
    const job = this.#jobs.get(jobId);
    if (job === undefined) return;
    const { stageId } = failure.details;
    const stage = stageId === undefined ? undefined : job.stage(stageId);
    this.#endJob(
      job,
      job.endsWith ?? failureReport(failure, { action: job.plan.description, stage, mapPlace: this.config.mapPlace }),
    );
  }

  #endJob(job: RunningJob | undefined, error: VolleyError | undefined): void {
    if (job === undefined || !this.#jobs.delete(job.jobId)) return;
    for (const { spec } of job.plan.stages) {
      const users = (this.#stageKeyUsers.get(spec.stageKey) ?? 0) - 1;
      if (users > 0) this.#stageKeyUsers.set(spec.stageKey, users);
      else {
        this.#stageKeyUsers.delete(spec.stageKey);
        for (const link of this.#roster.links()) link.forgetStage(spec.stageKey);
      }
    }
    if (error === undefined && job.endsWith === undefined) job.succeed();
    else job.fail(error ?? (job.endsWith as VolleyError));
  }

  // --- what is sent --------------------------------------------------------------------------------------------------------------

  #removeFrom(executorIds: Iterable<string>, removal: Parameters<ExecutorLink["remove"]>[0]): void {
    for (const executorId of executorIds) {
      const done = this.#roster.get(executorId)?.remove(removal);
      if (done !== undefined) this.#sent.push(done);
    }
  }

  async #release(event: CoreEvent): Promise<void> {
    const carriedOut = new Promise<readonly Promise<void>[]>((done) => {
      this.#queue.push({ event, end: undefined, done });
    });
    this.#drain();
    await this.#held(carriedOut.then((sent) => Promise.all(sent)));
  }

  async #removeEverywhere(removal: Parameters<ExecutorLink["remove"]>[0]): Promise<void> {
    const done = Array.from(this.#roster.links(), (link) => {
      const removed = link.remove(removal);
      link.pump();
      return removed;
    });
    await this.#held(Promise.all(done));
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
      envelope: (envelopeId) => this.#envelopes.get(envelopeId),
      taskSpec: (order, stage) => taskSpecOf(order, stage),
      launchFailed: (link, taskIds, error) => {
        const { executorId, incarnation } = link.identity;
        for (const taskId of taskIds) link.orders.delete(taskId);
        this.events.append({
          kind: "log",
          level: "warn",
          message: `a launch of ${taskIds.length} tasks failed: ${error.message}`,
        });
        this.#post({ type: "launchFailed", executorId, incarnation, taskIds, now: this.#clock.now() });
      },
      messageFailed: (link, what, error) => {
        this.events.append({
          kind: "log",
          level: "warn",
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

  /** The core contradicted itself: what runs cannot be trusted to end, so it ends here, each action with the story. */
  #fatal(error: unknown): void {
    this.#reportDefect(error);
    for (const job of [...this.#jobs.values()])
      this.#endJob(job, new VolleyError("INTERNAL", `a defect in the scheduler: ${String(error)}`, { cause: error }));
  }
}

function taskSpecOf(order: TaskOrder, stage: PlannedStage): TaskSpec {
  const { pipeline, roots, inputs } = stage.task(order.partition);
  return {
    taskId: order.taskId,
    jobId: order.jobId,
    stageId: order.stageId,
    stageKey: stage.spec.stageKey,
    partition: order.partition,
    attempt: order.attempt,
    pipeline,
    roots,
    inputs,
    // Not the job's number: a stage that another job computes again must give the same rows.
    seed: mixSeed(order.stageId, order.partition),
  };
}

function asVolleyError(error: unknown): VolleyError {
  if (VolleyError.is(error)) return error;
  return new VolleyError(
    "INTERNAL",
    `a result could not be read: ${error instanceof Error ? error.message : String(error)}`,
    { cause: error },
  );
}

function stoppedError(): VolleyError {
  return new VolleyError("CONTEXT_STOPPED", "the context has been stopped; make a new one with VolleyContext.create()");
}

function cancelledError(plan: PlannedJob, reason: string): VolleyError {
  return new VolleyError("CANCELLED", `${plan.description} was cancelled: ${reason}`);
}

function cancelledBySignal(plan: PlannedJob, signal: AbortSignal): VolleyError {
  return new VolleyError("CANCELLED", `${plan.description} was cancelled by its signal`, { cause: signal.reason });
}
