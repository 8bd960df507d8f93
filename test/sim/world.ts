/** A whole cluster in one thread: the driver's core under test, a shell that does what it orders, executors, a network, and a clock. */

import { DriverCore } from "@volley/driver/core/driver-core.js";
import type { CoreEvent, CoreNote, Instruction, TaskOrder } from "@volley/driver/core/events.js";
import type { TransitionProbe } from "@volley/driver/core/transitions.js";
import { assert, unreachable } from "@volley/engine/lib/assert.js";
import { mixSeed, Prng } from "@volley/engine/lib/prng.js";
import type { Failure } from "@volley/engine/wire/errors.js";
import { Clock } from "./clock.js";
import { describeEvent } from "./describe-event.js";
import { Faults, type SimOptions } from "./faults.js";
import { drawLastWords } from "./last-words.js";
import { DRIVER, Network } from "./network.js";
import { Oracle } from "./oracle.js";
import { type End, type Launch, outputName, type ProcessWorld, type Report, VirtualProcess } from "./process.js";
import { type JobWork, makeWorkload, type ShuffleWork, type Value } from "./workload.js";

/** A run of some hundred tasks takes some thousand steps; more than this is a storm. */
const STEPS_MAX = 500_000;
/** Ticks for which nothing was heard of an executor that is given up for it: half of the time-out leaves room for what jumps of the clock may add. */
const SILENT_TICKS_MIN = 75;
const HOUR_MS = 3_600_000;

export class World implements ProcessWorld {
  readonly options: SimOptions;
  readonly clock = new Clock();
  readonly faults: Faults;
  readonly network: Network;
  readonly random: Prng;
  readonly core: DriverCore;
  readonly oracle: Oracle;
  readonly #jobs: readonly JobWork[];
  readonly #processes = new Map<number, VirtualProcess>();
  readonly #byExecutorId = new Map<string, VirtualProcess>();
  readonly #fenced = new Set<string>();
  #fencedLast = "";
  /** Incarnations that the core knows to leave: nobody is charged with their loss. */
  readonly #leaving = new Set<string>();
  /** Orders of tasks that have not been accepted or discarded. */
  readonly #orders = new Map<number, TaskOrder>();
  /** By incarnation: what it was given and has not been heard to end. */
  readonly #unheard = new Map<string, Map<number, TaskOrder>>();
  readonly #values = new Map<number, Value>();
  readonly #lastSequence = new Map<string, number>();
  readonly #releasable = new Map<number, ShuffleWork>();
  readonly #poisoned: number;
  #nextNode = 1;
  #nextIncarnation = 1;
  stepCount = 0;
  /** What happened, when asked for. */
  readonly log: string[] | undefined;

  constructor(options: SimOptions, probe?: TransitionProbe, log?: string[]) {
    this.options = options;
    this.log = log;
    this.faults = new Faults(options);
    this.network = new Network(this.clock, this.faults);
    this.random = new Prng(mixSeed(options.seed, 3));
    this.#jobs = makeWorkload(options);
    this.oracle = new Oracle(this.#jobs);
    this.#poisoned = options.faults.has("poison") ? this.random.nextInt(this.#jobs.length * 2) : -1;
    const localExecutors = options.isLocal ? options.executors : 0;
    const pools = { other: { mode: "FAIR", weight: 2, minShare: 1 } } as const;
    this.core = new DriverCore({ localExecutors, schedulingMode: options.isFair ? "FAIR" : "FIFO", pools }, probe);
    for (let index = 0; index < options.executors; index++) this.#startProcess(`e${index}`);
    for (const job of this.#jobs) this.clock.after(job.submitTick, () => this.#submit(job));
  }

  get isDone(): boolean {
    return this.oracle.outcomes.size === this.#jobs.length;
  }

  /** One tick of everything. */
  advance(): void {
    this.clock.advance();
    this.tell({ type: "tick", now: this.clock.now });
    if (!this.faults.isHealed) this.#breakThings();
  }

  /** From now on nothing goes wrong; what is broken is mended. */
  heal(): void {
    this.faults.heal();
    this.network.heal();
    for (const process of this.#processes.values()) process.resume();
    if (this.options.isLocal) return;
    for (const [executorId, process] of this.#byExecutorId) if (!process.isUp) this.#startProcess(executorId);
  }

  /** Nobody refers to the shuffles any more. */
  release(): void {
    for (const shuffleId of this.#releasable.keys()) this.tell({ type: "shuffleReleased", shuffleId });
    for (let rddId = 0; rddId < 3; rddId++) this.tell({ type: "rddReleased", rddId });
  }

  tell(event: CoreEvent): void {
    this.stepCount++;
    assert(this.stepCount < STEPS_MAX, "a run comes to an end");
    if (this.log !== undefined && event.type !== "tick") this.log.push(`${this.clock.tick} > ${describeEvent(event)}`);
    const instructions = this.core.step(event);
    if (this.stepCount % this.options.validateEvery === 0) this.core.validate();
    for (const instruction of instructions) this.#perform(instruction);
  }

  // --- what the shell does -------------------------------------------------------------------------------------------------------

  #perform(instruction: Instruction): void {
    if (this.log !== undefined && instruction.type !== "note")
      this.log.push(`${this.clock.tick} <   ${JSON.stringify(instruction)}`);
    switch (instruction.type) {
      case "launch":
        return this.#launch(instruction);
      case "kill": {
        const process = this.#find(instruction.executorId, instruction.incarnation);
        if (process !== undefined)
          this.network.send(DRIVER, process.node, () => process.deliver(() => process.kill(instruction.taskIds)));
        return;
      }
      case "accept": {
        const order = this.#orders.get(instruction.taskId);
        const value = this.#values.get(instruction.taskId);
        assert(order !== undefined && value !== undefined, "what is accepted has succeeded");
        this.oracle.accepted(order, instruction.jobIds, instruction.run, value);
        return;
      }
      case "discard":
        return this.#discard(instruction);
      case "jobFinished":
        return this.oracle.finished(instruction.jobId);
      case "jobFailed":
        return this.oracle.failed(instruction.jobId, instruction.failure, this.core.executors().length);
      case "fence":
        return this.#fence(fenceKey(instruction.executorId, instruction.incarnation));
      case "endExecutor": {
        const process = this.#find(instruction.executorId, instruction.incarnation);
        if (this.options.isLocal && process !== undefined) this.#crash(process, true);
        return;
      }
      case "startExecutors":
        for (let index = 0; index < instruction.count; index++) this.#startAnother();
        return;
      case "removeOutput": {
        const process = this.#byExecutorId.get(instruction.executorId);
        const { shuffleId, mapPartition, attempt } = instruction.shuffle;
        const name = outputName(shuffleId, mapPartition, attempt);
        if (process !== undefined)
          this.network.send(DRIVER, process.node, () => process.deliver(() => process.outputs.delete(name)));
        return;
      }
      case "note":
        return this.#noted(instruction.note);
      case "stageFinished":
      case "removeShuffle":
      case "removeRdd":
        return;
      default:
        unreachable(instruction);
    }
  }

  /** Whatever its clock does, the driver gives nobody up whom it has just heard. */
  #noted(note: CoreNote): void {
    if (note.kind !== "executorRemoved" || note.reason !== "silent") return;
    const process = this.#byExecutorId.get(note.executorId);
    // Its incarnation was fenced just before; the process of another one is none of the note's.
    if (process === undefined || fenceKey(process.executorId, process.incarnation) !== this.#fencedLast) return;
    const silentTicks = this.clock.tick - process.heardTick;
    assert(silentTicks >= SILENT_TICKS_MIN, "an executor that is given up as silent was silent");
  }

  /** What it was given and has not been heard to end may be charged with its loss. */
  #fence(key: string): void {
    this.#fenced.add(key);
    this.#fencedLast = key;
    if (!this.#leaving.has(key)) for (const order of this.#unheard.get(key)?.values() ?? []) this.oracle.charge(order);
    this.#unheard.delete(key);
  }

  #launch({ executorId, incarnation, tasks }: Instruction & { type: "launch" }): void {
    const key = fenceKey(executorId, incarnation);
    const unheard = this.#unheard.get(key) ?? new Map<number, TaskOrder>();
    this.#unheard.set(key, unheard);
    const launches: Launch[] = tasks.map((order) => {
      this.#orders.set(order.taskId, order);
      this.oracle.launched(order);
      unheard.set(order.taskId, order);
      const stage = this.oracle.stage(order.stageId);
      return { order, stage, versions: stage.parents.map((parent) => this.core.shuffleVersion(parent.shuffleId)) };
    });
    const process = this.#find(executorId, incarnation);
    // Dead, and the driver does not know it yet.
    if (process === undefined) return;
    const taskIds = tasks.map((order) => order.taskId);
    const refused = () => this.tell({ type: "launchFailed", executorId, incarnation, taskIds, now: this.clock.now });
    const isUndelivered = this.faults.strikes("undelivered", 0.2);
    // A request whose answer is lost may have arrived all the same.
    if (isUndelivered && this.faults.draw("undelivered", 0, 1) === 0)
      this.network.send(DRIVER, process.node, () => process.deliver(() => process.launch(launches)));
    if (isUndelivered) this.clock.after(this.faults.draw("undelivered", 1, 30), refused);
    else if (process.isLeaving) this.clock.after(1, refused);
    else this.network.send(DRIVER, process.node, () => process.deliver(() => process.launch(launches)));
  }

  #discard({ taskId, executorId, shuffle }: Instruction & { type: "discard" }): void {
    const process = this.#byExecutorId.get(executorId);
    if (shuffle === undefined || process === undefined) return;
    assert(this.#orders.has(taskId), "what is discarded was launched");
    const name = outputName(shuffle.shuffleId, shuffle.mapPartition, shuffle.attempt);
    this.network.send(DRIVER, process.node, () => process.deliver(() => process.outputs.delete(name)));
  }

  // --- what executors say --------------------------------------------------------------------------------------------------------

  register(process: VirtualProcess): void {
    this.network.send(process.node, DRIVER, () => {
      const { executorId, incarnation, slots } = process;
      if (this.#refuses(process)) return;
      process.heardTick = this.clock.tick;
      this.tell({ type: "executorRegistered", executorId, incarnation, slots, host: executorId, now: this.clock.now });
      this.network.send(DRIVER, process.node, () => process.deliver(() => process.acknowledgeRegistration()));
    });
  }

  hear(process: VirtualProcess, report: Report): void {
    const { executorId, incarnation } = process;
    const key = fenceKey(executorId, incarnation);
    // A real shell would not tell the core what a fenced incarnation says; the core must not count it in any case.
    const isRefused = this.#refuses(process);
    const last = this.#lastSequence.get(key) ?? -1;
    // Whatever an old report says, a newer one has said again.
    if (report.sequence < last) return;
    this.#lastSequence.set(key, report.sequence);
    process.heardTick = this.clock.tick;
    const now = this.clock.now;
    for (const end of report.ends) this.#unheard.get(key)?.delete(end.taskId);
    const events: CoreEvent[] = [];
    if (report.graceMs !== undefined) {
      events.push({ type: "executorDecommissioning", executorId, incarnation, graceMs: report.graceMs, now });
      this.#leaving.add(key);
    }
    events.push(...report.ends.map((end) => this.#eventOf(process, end)));
    for (const { block, where } of report.blocks)
      events.push({ type: "blockChanged", executorId, incarnation, block, where, bytes: 1 });
    for (const moved of report.moved) events.push({ type: "mapOutputMoved", executorId, incarnation, ...moved });
    events.push({ type: "heartbeat", executorId, incarnation, runningTaskIds: report.runningTaskIds, now });
    if (report.hasLeft)
      events.push({ type: "executorLost", executorId, incarnation, reason: "decommissioned", detail: "", now });
    if (this.options.isBatched) this.tell({ type: "batch", events });
    else for (const event of events) this.tell(event);
    if (isRefused) return;
    const taskIds = report.ends.map((end) => end.taskId);
    const blocks = report.blocks.map(({ block }) => block);
    this.network.send(DRIVER, process.node, () =>
      process.deliver(() => process.acknowledge(taskIds, blocks, report.moved)),
    );
  }

  told(_process: VirtualProcess, order: TaskOrder, failure: Failure): void {
    this.oracle.failureTold(order, failure);
  }

  locations(shuffleId: number) {
    return { version: this.core.shuffleVersion(shuffleId), outputs: this.core.mapOutputs(shuffleId) };
  }

  processOf(executorId: string): VirtualProcess | undefined {
    return this.#byExecutorId.get(executorId);
  }

  peersOf(process: VirtualProcess): VirtualProcess[] {
    return [...this.#byExecutorId.values()].filter((other) => other !== process && other.isUp && other.isRegistered);
  }

  left(process: VirtualProcess): void {
    this.#crash(process, this.options.isLocal);
  }

  isPoisoned(order: TaskOrder): boolean {
    return order.stageId === this.#poisoned && order.partition === 0;
  }

  #eventOf(process: VirtualProcess, end: End): CoreEvent {
    const { executorId, incarnation } = process;
    const { taskId } = end;
    const now = this.clock.now;
    switch (end.outcome) {
      case "succeeded": {
        this.#values.set(taskId, end.value);
        const { content } = end.value;
        const isMap = this.oracle.stage((this.#orders.get(taskId) as TaskOrder).stageId).shuffle !== undefined;
        const mapOutput = isMap ? { offsets: [0, 1], rows: [1], checksums: [content] } : undefined;
        return { type: "taskSucceeded", executorId, incarnation, taskId, mapOutput, runMs: end.runMs, now };
      }
      case "failed":
        return { type: "taskFailed", executorId, incarnation, taskId, failure: end.failure, now };
      default:
        return { type: "taskKilled", executorId, incarnation, taskId, now };
    }
  }

  /** A fenced incarnation is answered 410, and its process exits when it hears that. */
  #refuses(process: VirtualProcess): boolean {
    if (!this.#fenced.has(fenceKey(process.executorId, process.incarnation))) return false;
    this.network.send(DRIVER, process.node, () => process.deliver(() => this.#crash(process, false)));
    return true;
  }

  // --- jobs ----------------------------------------------------------------------------------------------------------------------

  #submit(job: JobWork): void {
    for (const { shuffle } of job.stages) if (shuffle !== undefined) this.#releasable.set(shuffle.shuffleId, shuffle);
    this.tell({ type: "jobSubmitted", job: job.shape });
    if (!this.faults.strikes("cancel", 0.5)) return;
    this.clock.after(this.faults.draw("cancel", 1, 100), () => {
      if (this.oracle.outcomes.has(job.jobId)) return;
      this.oracle.cancelled(job.jobId);
      this.tell({ type: "jobCancelled", jobId: job.jobId, reason: "the user wished it" });
    });
  }

  // --- machines ------------------------------------------------------------------------------------------------------------------

  #startProcess(executorId: string): void {
    const node = this.#nextNode++;
    const slots = 1 + this.random.nextInt(3);
    const process = new VirtualProcess(this, node, executorId, `i${this.#nextIncarnation++}`, slots);
    if (this.faults.strikes("slow", 0.3)) process.slowness = this.faults.draw("slow", 2, 20);
    this.#processes.set(node, process);
    this.#byExecutorId.set(executorId, process);
  }

  #startAnother(): void {
    const delay = 1 + this.random.nextInt(10);
    if (this.faults.strikes("startFailure", 0.5)) {
      this.clock.after(delay, () =>
        this.tell({ type: "executorStartFailed", detail: "no memory", now: this.clock.now }),
      );
    } else this.clock.after(delay, () => this.#startProcess(`e${this.#nextNode}`));
  }

  /** `isSeen`: the driver is its parent, or asked its machine, and knows at once. */
  #crash(process: VirtualProcess, isSeen: boolean, why: LostMemory = { reason: "exited" }): void {
    if (!process.isUp) return;
    process.crash();
    this.#processes.delete(process.node);
    const { executorId, incarnation } = process;
    if (isSeen) {
      this.clock.after(1, () => {
        this.tell({
          type: "executorLost",
          executorId,
          incarnation,
          detail: "killed",
          ...why,
          now: this.clock.now,
        });
      });
    }
    if (this.options.isLocal) return;
    this.clock.after(10 + this.random.nextInt(200), () => {
      if (this.#byExecutorId.get(executorId) === process) this.#startProcess(executorId);
    });
  }

  /** The process takes all memory and dies of it; what it leaves behind names one of its tasks, or says nothing of use. */
  #outgrow(process: VirtualProcess): void {
    const lastWords = drawLastWords(process.taskIds, this.faults);
    this.#crash(process, true, { reason: "outOfMemory", lastWords });
  }

  #breakThings(): void {
    if (this.faults.strikes("clockJump", 0.02)) this.clock.jump(this.faults.draw("clockJump", -1, 1) * HOUR_MS);
    for (const process of [...this.#processes.values()]) {
      if (!process.isUp) continue;
      if (this.faults.strikes("crash", 0.01)) this.#crash(process, this.faults.draw("crash", 0, 1) === 0);
      else if (this.faults.strikes("memory", 0.008)) this.#outgrow(process);
      else if (this.faults.strikes("pause", 0.01)) process.pause(this.faults.draw("pause", 5, 300));
      else if (this.faults.strikes("restart", 0.006)) {
        // The machine's service starts it again under its name before anybody has missed it.
        process.crash();
        this.#processes.delete(process.node);
        this.#startProcess(process.executorId);
      } else if (this.faults.strikes("decommission", 0.01))
        process.decommission(this.faults.draw("decommission", 5, 200));
      else if (this.faults.strikes("blockLoss", 0.02)) process.loseOutput(this.faults.draw("blockLoss", 0, 1000));
      if (this.faults.strikes("partition", 0.01)) this.#cut(process);
    }
  }

  #cut(process: VirtualProcess): void {
    const others = [DRIVER, ...this.#processes.keys()];
    const other = others[this.faults.draw("partition", 0, others.length - 1)] as number;
    if (other !== process.node) this.network.cut(process.node, other, this.faults.draw("partition", 5, 300));
  }

  #find(executorId: string, incarnation: string): VirtualProcess | undefined {
    const process = this.#byExecutorId.get(executorId);
    return process?.incarnation === incarnation ? process : undefined;
  }
}

type LostMemory = Pick<Extract<CoreEvent, { type: "executorLost" }>, "reason" | "lastWords">;

function fenceKey(executorId: string, incarnation: string): string {
  return `${executorId} ${incarnation}`;
}
