/**
 * The driver's scheduler: a pure state machine (architecture, D4). `step(event)` changes the state and returns what is to be done; the
 * shell does it and tells what came of it. Everything may be told late, twice or never: what does not fit the present state is ignored.
 *
 * Who does what: `stages.ts` which stages are wanted and may run; `task-ends.ts` what follows from a task's end; `placement.ts` which
 * executor gets which task; `executor-loss.ts`, `roll-back.ts`, `health.ts`, `replacements.ts`, `liveness.ts` as they are called.
 * `transitions.ts` has the tables that every change of a state is checked against.
 *
 * When changing anything here, run the simulator (test/sim): it breaks the network and the machines in every way it can think of.
 */

import { assert, unreachable } from "@volley/engine/lib/assert.js";
import type { LastWords } from "@volley/engine/wire/last-words.js";
import { CoreState } from "./core-state.js";
import { decommission, moveOutput, overdue } from "./decommission.js";
import type { CoreEvent, Instruction, LossReason } from "./events.js";
import { loseExecutor } from "./executor-loss.js";
import type { Executor } from "./executors.js";
import { readmit } from "./health.js";
import { type CoreLimits, DEFAULT_LIMITS } from "./limits.js";
import { Liveness } from "./liveness.js";
import { findSlowTasks, placeTasks } from "./placement.js";
import { Replacements } from "./replacements.js";
import { StageGraph } from "./stages.js";
import { TaskEnds } from "./task-ends.js";
import type { TransitionProbe } from "./transitions.js";
import { validate } from "./validate.js";

type EventOf<T extends CoreEvent["type"]> = Extract<CoreEvent, { type: T }>;

/** An accepted map output: which attempt's block, on which executor, and where in it each reduce partition begins. */
export interface MapOutputLocation {
  readonly mapPartition: number;
  readonly attempt: number;
  readonly executorId: string;
  readonly offsets: readonly number[];
}

export interface ExecutorView {
  readonly executorId: string;
  readonly incarnation: string;
  readonly host: string;
  readonly slots: number;
  readonly runningCount: number;
  readonly isExcluded: boolean;
  readonly isDecommissioning: boolean;
}

/** How many of each thing the core remembers: all 0 but `executors` when nothing is left to do or to read. */
export interface CoreSnapshot {
  readonly jobs: number;
  readonly stages: number;
  readonly attempts: number;
  readonly killings: number;
  readonly shuffles: number;
  readonly queuedStages: number;
  /** Running tasks as the pools count them (mode FAIR). */
  readonly pooledTasks: number;
  readonly executors: number;
}

export class DriverCore {
  readonly #state: CoreState;
  readonly #graph: StageGraph;
  readonly #ends: TaskEnds;
  readonly #liveness: Liveness;
  readonly #replacements: Replacements;
  #nextSlowCheck = Number.NEGATIVE_INFINITY;

  /** `limits`: what differs from DEFAULT_LIMITS. `probe` is told of every transition. */
  constructor(limits: Partial<CoreLimits> = {}, probe?: TransitionProbe) {
    this.#state = new CoreState({ ...DEFAULT_LIMITS, ...limits }, probe);
    this.#graph = new StageGraph(this.#state);
    this.#ends = new TaskEnds(this.#state, this.#graph);
    this.#liveness = new Liveness(this.#state);
    this.#replacements = new Replacements(this.#state);
  }

  step(event: CoreEvent): Instruction[] {
    this.#state.step++;
    this.#take(event);
    placeTasks(this.#state);
    return this.#state.takeInstructions();
  }

  /** Accepted outputs of a shuffle that are where they were written, by map partition. Empty for a shuffle that is not known. */
  mapOutputs(shuffleId: number): MapOutputLocation[] {
    const shuffle = this.#state.outputs.byId.get(shuffleId);
    const outputs: MapOutputLocation[] = [];
    for (let mapPartition = 0; shuffle !== undefined && mapPartition < shuffle.size; mapPartition++) {
      const holder = this.#state.executors.at(shuffle.holderOf(mapPartition));
      if (holder === undefined) continue;
      const attempt = shuffle.attemptOf(mapPartition);
      outputs.push({ mapPartition, attempt, executorId: holder.executorId, offsets: shuffle.offsetsOf(mapPartition) });
    }
    return outputs;
  }

  missingMapPartitions(shuffleId: number): number[] {
    const shuffle = this.#state.outputs.byId.get(shuffleId);
    const missing: number[] = [];
    for (let index = 0; shuffle !== undefined && index < shuffle.size; index++)
      if (!shuffle.has(index)) missing.push(index);
    return missing;
  }

  isShuffleComplete(shuffleId: number): boolean {
    return this.#state.outputs.byId.get(shuffleId)?.isWhole === true;
  }

  /** Was the shuffle whole at one time, and not released since? What is lost of it is then computed again as it was first. */
  wasShuffleWhole(shuffleId: number): boolean {
    return this.#state.outputs.byId.get(shuffleId)?.wasWhole === true;
  }

  /** Raised whenever an output of the shuffle is lost: locations cached under a lower version may be stale and must not be used for tasks launched since. */
  shuffleVersion(shuffleId: number): number {
    return this.#state.outputs.byId.get(shuffleId)?.version ?? 0;
  }

  /** Executors that hold the cached partition of that block name. */
  blockLocations(block: string): string[] {
    return this.#state.blocks.holdersOf(block).map((holder) => holder.executorId);
  }

  executors(): ExecutorView[] {
    return this.#state.executors.all.map(({ executorId, incarnation, host, slots, attempts, state }) => {
      return {
        executorId,
        incarnation,
        host,
        slots,
        runningCount: attempts.size,
        isExcluded: state === "excluded",
        isDecommissioning: state === "decommissioning",
      };
    });
  }

  activeJobs(): number[] {
    return [...this.#state.jobs.keys()];
  }

  /** Is this incarnation fenced off? What it says is answered 410. */
  isFenced(executorId: string, incarnation: string): boolean {
    return this.#state.executors.isFenced(executorId, incarnation);
  }

  snapshot(): CoreSnapshot {
    const { jobs, attempts, outputs, pools, executors } = this.#state;
    let killings = 0;
    for (const attempt of attempts.values()) if (attempt.state === "killing") killings++;
    return {
      jobs: jobs.size,
      stages: this.#graph.stages.size,
      attempts: attempts.size,
      killings,
      shuffles: outputs.byId.size,
      queuedStages: pools.queuedCount,
      pooledTasks: pools.runningCount,
      executors: executors.count,
    };
  }

  /** Checks everything against everything; for tests, after each step. Throws for what does not fit. */
  validate(): void {
    validate(this.#state, this.#graph);
  }

  #take(event: CoreEvent): void {
    if ("now" in event) this.#state.now = Math.max(this.#state.now, event.now);
    switch (event.type) {
      case "batch":
        for (const one of event.events) this.#take(one);
        return;
      case "jobSubmitted":
        this.#graph.submit(event.job);
        break;
      case "jobCancelled":
        this.#cancel(event.jobId, event.reason);
        break;
      case "executorRegistered":
        this.#register(event);
        break;
      case "executorLost":
        this.#executorLost(event);
        break;
      case "executorDecommissioning":
        this.#decommission(event);
        break;
      case "mapOutputMoved":
        this.#moveOutput(event);
        break;
      case "executorStartFailed":
        this.#replacements.startFailed(event.detail);
        break;
      case "heartbeat":
        this.#heartbeat(event);
        break;
      case "taskSucceeded":
        this.#hear(event);
        if (this.#ends.succeeded(event)) this.#replacements.progressed();
        break;
      case "taskFailed":
        this.#hear(event);
        this.#ends.failed(event);
        break;
      case "taskKilled":
        this.#hear(event);
        this.#ends.killed(event);
        break;
      case "launchFailed":
        this.#launchFailed(event);
        break;
      case "blockChanged":
        this.#blockChanged(event);
        break;
      case "shuffleReleased":
        this.#releaseShuffle(event.shuffleId);
        break;
      case "rddReleased":
        this.#releaseRdd(event.rddId);
        break;
      case "tick":
        this.#tick();
        break;
      default:
        unreachable(event);
    }
    this.#graph.settle();
  }

  #cancel(jobId: number, reason: string): void {
    const job = this.#state.jobs.get(jobId);
    if (job !== undefined) this.#state.failJob(job, { code: "CANCELLED", message: reason, details: {} });
  }

  #register({ executorId, incarnation, slots, host }: EventOf<"executorRegistered">): void {
    const { executors, transitions } = this.#state;
    const present = executors.get(executorId);
    if (present?.incarnation === incarnation) {
      this.#liveness.heard(present);
      return;
    }
    if (executors.isFenced(executorId, incarnation)) return;
    if (present !== undefined) this.#lose(present, "replaced", `incarnation ${incarnation} registered`);
    const executor = executors.add(executorId, incarnation, slots, host, this.#state.now);
    executor.state = transitions.move("executor", executor.index, executor.state, "alive", this.#state.step);
    this.#replacements.registered();
    this.#state.mustLookEverywhere = true;
    this.#state.note({ kind: "executorAdded", executorId });
  }

  #executorLost({ executorId, incarnation, reason, detail, lastWords }: EventOf<"executorLost">): void {
    const executor = this.#state.executors.current(executorId, incarnation);
    if (executor === undefined) return;
    this.#lose(executor, reason, detail, lastWords);
    if (reason !== "stopped") this.#replacements.lost(detail);
  }

  #decommission({ executorId, incarnation, graceMs }: EventOf<"executorDecommissioning">): void {
    const executor = this.#state.executors.current(executorId, incarnation);
    if (executor === undefined) return;
    this.#liveness.heard(executor);
    decommission(this.#state, this.#graph, executor, graceMs);
    // At once: what it holds must go somewhere.
    this.#replacements.orderMissing();
  }

  #moveOutput(event: EventOf<"mapOutputMoved">): void {
    const executor = this.#state.executors.current(event.executorId, event.incarnation);
    if (executor !== undefined) moveOutput(this.#state, executor, event);
  }

  #lose(executor: Executor, reason: LossReason, detail: string, lastWords?: LastWords): void {
    loseExecutor(this.#state, this.#graph, this.#ends, executor, { cause: reason, detail, lastWords });
  }

  /** Given up by the driver while its process may live. */
  #giveUp(executor: Executor, reason: LossReason, detail: string): void {
    const { executorId, incarnation } = executor;
    this.#lose(executor, reason, detail);
    this.#state.emit({ type: "endExecutor", executorId, incarnation, reason: detail });
    this.#replacements.lost(detail);
  }

  #heartbeat(event: EventOf<"heartbeat">): void {
    const executor = this.#state.executors.current(event.executorId, event.incarnation);
    if (executor === undefined) return;
    this.#liveness.heard(executor);
    const missing = this.#liveness.heartbeat(executor, event.runningTaskIds);
    for (const attempt of missing) {
      // One that vanished with its barrier stage takes the others along.
      if (attempt.state === "launched" || attempt.state === "killing") this.#ends.vanished(attempt);
    }
    if (missing.length > 0) this.#launchCameToNothing(executor, "its tasks never arrived, or their ends were lost");
  }

  /** Nobody is charged, so it must not go on for ever. */
  #launchCameToNothing(executor: Executor, why: string | undefined): void {
    executor.launchFailuresInRow++;
    if (executor.launchFailuresInRow < this.#state.limits.launchFailuresMax) return;
    const detail = `${executor.launchFailuresInRow} launches in a row came to nothing`;
    this.#giveUp(executor, "hostLost", why === undefined ? detail : `${detail}; the last one: ${why}`);
  }

  #hear({ executorId, incarnation }: { readonly executorId: string; readonly incarnation: string }): void {
    const executor = this.#state.executors.current(executorId, incarnation);
    if (executor === undefined) return;
    this.#liveness.heard(executor);
    executor.launchFailuresInRow = 0;
  }

  #launchFailed({ executorId, incarnation, taskIds, detail }: EventOf<"launchFailed">): void {
    const executor = this.#state.executors.current(executorId, incarnation);
    if (executor === undefined) return;
    executor.backoffUntil = this.#state.now + this.#state.limits.launchBackoffMs;
    for (const taskId of taskIds) {
      const attempt = executor.attempts.get(taskId);
      if (attempt !== undefined) this.#ends.vanished(attempt);
    }
    this.#launchCameToNothing(executor, detail);
  }

  #blockChanged({ executorId, incarnation, block, where }: EventOf<"blockChanged">): void {
    const executor = this.#state.executors.current(executorId, incarnation);
    if (executor === undefined) return;
    if (where === "gone") this.#state.blocks.remove(block, executor);
    else this.#state.blocks.add(block, executor);
  }

  #releaseShuffle(shuffleId: number): void {
    const shuffle = this.#state.outputs.byId.get(shuffleId);
    if (shuffle !== undefined) this.#graph.release(shuffle);
  }

  #releaseRdd(rddId: number): void {
    const executorIds = this.#state.blocks.holdersOfRdd(rddId).map((holder) => holder.executorId);
    this.#state.blocks.removeRdd(rddId);
    if (executorIds.length > 0) this.#state.emit({ type: "removeRdd", rddId, executorIds });
  }

  #tick(): void {
    const { limits, now } = this.#state;
    for (const executor of this.#liveness.silent()) {
      this.#giveUp(executor, "silent", `no heartbeat for ${limits.heartbeatTimeoutMs} ms`);
    }
    for (const executor of this.#liveness.deaf()) {
      if (executor.state !== "lost")
        this.#giveUp(executor, "stopped", `a task did not stop within ${limits.killGraceMs} ms`);
    }
    for (const executor of overdue(this.#state)) this.#giveUp(executor, "decommissioned", "it did not leave in time");
    readmit(this.#state);
    this.#replacements.tick();
    this.#failStarvedBarriers();
    if (limits.speculation.enabled && now >= this.#nextSlowCheck) {
      this.#nextSlowCheck = now + limits.speculation.intervalMs;
      findSlowTasks(this.#state, this.#graph.stages);
    }
    // Waits (for locality, for another executor, after an undelivered launch) end by the clock alone.
    this.#state.mustLookEverywhere = true;
  }

  #failStarvedBarriers(): void {
    const { pools, limits, now } = this.#state;
    for (const stage of pools.barriers) {
      if (stage.starvedSince < 0 || now - stage.starvedSince < limits.noExecutorsMs) continue;
      assert(stage.tasks !== undefined, "a queued stage has tasks");
      const message = `a barrier stage needs ${stage.tasks.size} slots at once, and there have been fewer for ${limits.noExecutorsMs / 1000} s`;
      this.#graph.failStage(stage, { code: "NO_EXECUTORS", message, details: { stageId: stage.stageId } });
    }
  }
}
