/**
 * A small model of an executor process: takes launches, runs tasks in its slots, reads parents' outputs from other processes, keeps its
 * own, reports ends until they are acknowledged, and can crash, stop for a while, or be slow.
 */

import type { MapOutputLocation } from "@volley/driver/core/driver-core.js";
import type { TaskOrder } from "@volley/driver/core/events.js";
import type { Prng } from "@volley/engine/lib/prng.js";
import type { Failure } from "@volley/engine/wire/errors.js";
import type { Clock } from "./clock.js";
import type { Faults } from "./faults.js";
import { DRIVER, type Network } from "./network.js";
import { RESULT_TAG, type ShuffleWork, type StageWork, type Value, valueOf } from "./workload.js";

/** Ticks between heartbeats. */
const HEARTBEAT_TICKS = 30;

export interface Launch {
  readonly order: TaskOrder;
  readonly stage: StageWork;
  /** Of each parent: locations older than this are stale. */
  readonly versions: readonly number[];
}

export type End =
  | { readonly taskId: number; readonly outcome: "succeeded"; readonly value: Value; readonly runMs: number }
  | { readonly taskId: number; readonly outcome: "failed"; readonly failure: Failure }
  | { readonly taskId: number; readonly outcome: "killed" };

export interface Report {
  readonly sequence: number;
  readonly ends: readonly End[];
  readonly blocks: readonly { readonly block: string; readonly where: "memory" | "gone" }[];
  readonly runningTaskIds: readonly number[];
  /** Once it leaves, in every report. */
  readonly graceMs: number | undefined;
  readonly moved: readonly Move[];
  readonly hasLeft: boolean;
}

export interface Move {
  readonly shuffleId: number;
  readonly mapPartition: number;
  readonly attempt: number;
  readonly toExecutorId: string;
}

/** What a process needs of the world. */
export interface ProcessWorld {
  readonly clock: Clock;
  readonly network: Network;
  readonly faults: Faults;
  readonly random: Prng;
  processOf(executorId: string): VirtualProcess | undefined;
  locations(shuffleId: number): { readonly version: number; readonly outputs: readonly MapOutputLocation[] };
  hear(process: VirtualProcess, report: Report): void;
  register(process: VirtualProcess): void;
  /** Of tasks that will fail however often they are tried. */
  isPoisoned(order: TaskOrder): boolean;
  told(process: VirtualProcess, order: TaskOrder, failure: Failure): void;
  peersOf(process: VirtualProcess): readonly VirtualProcess[];
  /** It has left by itself. */
  left(process: VirtualProcess): void;
}

interface Task {
  readonly launch: Launch;
  state: "queued" | "running" | "ended";
  isKilled: boolean;
  isDeaf: boolean;
}

export class VirtualProcess {
  readonly node: number;
  readonly executorId: string;
  readonly incarnation: string;
  readonly slots: number;
  readonly #world: ProcessWorld;
  isUp = true;
  isPaused = false;
  isRegistered = false;
  slowness = 1;
  /** When the driver last heard of it. */
  heardTick = 0;
  readonly #inbox: (() => void)[] = [];
  /** All it was ever given, so that a doubled launch runs once. */
  readonly #tasks = new Map<number, Task>();
  readonly #unended = new Set<number>();
  readonly #killedEarly = new Set<number>();
  readonly #waiting: Task[] = [];
  #runningCount = 0;
  readonly #unacknowledged = new Map<number, End>();
  readonly #blockChanges = new Map<string, "memory" | "gone">();
  readonly outputs = new Map<string, Value>();
  readonly #cached = new Set<string>();
  readonly #locations = new Map<number, { readonly version: number; readonly outputs: readonly MapOutputLocation[] }>();
  #sequence = 0;
  /** Tick at which it will be gone. */
  #leavesAt = Number.POSITIVE_INFINITY;
  readonly #moves = new Map<string, Move>();

  constructor(world: ProcessWorld, node: number, executorId: string, incarnation: string, slots: number) {
    this.#world = world;
    this.node = node;
    this.executorId = executorId;
    this.incarnation = incarnation;
    this.slots = slots;
    this.#register();
  }

  /** Runs when the process does: at once, when it goes on after a pause, or never. */
  deliver(action: () => void): void {
    if (!this.isUp) return;
    if (this.isPaused) this.#inbox.push(action);
    else action();
  }

  crash(): void {
    this.isUp = false;
    this.#inbox.length = 0;
  }

  pause(ticks: number): void {
    if (!this.isUp || this.isPaused) return;
    this.isPaused = true;
    this.#world.clock.after(ticks, () => this.resume());
  }

  resume(): void {
    if (!this.isPaused) return;
    this.isPaused = false;
    for (const action of this.#inbox.splice(0)) if (this.isUp) action();
  }

  get isLeaving(): boolean {
    return this.#leavesAt !== Number.POSITIVE_INFINITY;
  }

  /** Gives back what it has not begun, ends what runs, gives away what it holds; then, or when the time is over, it goes. */
  decommission(graceTicks: number): void {
    if (this.isLeaving || !this.isRegistered) return;
    this.#leavesAt = this.#world.clock.tick + graceTicks;
    for (const task of this.#waiting.splice(0))
      this.#end(task, { taskId: task.launch.order.taskId, outcome: "killed" });
    this.#leave();
  }

  #leave(): void {
    this.deliver(() => {
      const { clock, network, faults } = this.#world;
      const peers = this.#world.peersOf(this);
      for (const [name, value] of this.outputs) {
        if (this.#moves.has(name) || peers.length === 0) continue;
        const peer = peers[faults.draw("decommission", 0, peers.length - 1)] as VirtualProcess;
        network.send(this.node, peer.node, () =>
          peer.deliver(() => {
            if (peer.isLeaving) return;
            peer.outputs.set(name, value);
            network.send(peer.node, this.node, () => this.deliver(() => this.#moved(name, peer)));
          }),
        );
      }
      const isEmpty = [...this.outputs.keys()].every((name) => this.#moves.has(name));
      const isOver = clock.tick >= this.#leavesAt;
      const isDone = isEmpty && this.#unended.size === 0 && this.#unacknowledged.size === 0;
      this.#report(isDone || isOver);
      if (isDone || isOver) this.#world.left(this);
      else clock.after(5, () => this.#leave());
    });
  }

  #moved(name: string, peer: VirtualProcess): void {
    if (this.#moves.has(name) || !this.outputs.has(name)) return;
    const [shuffleId, mapPartition, attempt] = name.split("/").map(Number) as [number, number, number];
    this.#moves.set(name, { shuffleId, mapPartition, attempt, toExecutorId: peer.executorId });
  }

  launch(launches: readonly Launch[]): void {
    if (this.isLeaving) return;
    for (const launch of launches) {
      const { taskId } = launch.order;
      if (this.#tasks.has(taskId) || this.#killedEarly.has(taskId)) continue;
      const isDeaf = this.#world.faults.strikes("deafTask", 0.1);
      const task: Task = { launch, state: "queued", isKilled: false, isDeaf };
      this.#tasks.set(taskId, task);
      this.#unended.add(taskId);
      this.#waiting.push(task);
    }
    this.#fillSlots();
  }

  kill(taskIds: readonly number[]): void {
    let hasEnded = false;
    for (const taskId of taskIds) {
      const task = this.#tasks.get(taskId);
      if (task === undefined) this.#killedEarly.add(taskId);
      else if (task.state === "queued") {
        this.#waiting.splice(this.#waiting.indexOf(task), 1);
        this.#end(task, { taskId, outcome: "killed" });
        hasEnded = true;
      } else if (task.state === "running") task.isKilled = true;
    }
    // Not otherwise: an answer to each order, doubled on the way, would be a storm.
    if (hasEnded) this.#report();
  }

  acknowledge(taskIds: readonly number[], blocks: readonly string[], moved: readonly Move[]): void {
    for (const { shuffleId, mapPartition, attempt } of moved)
      this.outputs.delete(outputName(shuffleId, mapPartition, attempt));
    for (const taskId of taskIds) this.#unacknowledged.delete(taskId);
    for (const block of blocks) this.#blockChanges.delete(block);
  }

  acknowledgeRegistration(): void {
    if (this.isRegistered) return;
    this.isRegistered = true;
    this.#heartbeat();
  }

  /** A block is damaged or dropped while the process lives. */
  loseOutput(index: number): boolean {
    const names = [...this.outputs.keys()];
    const name = names[index % Math.max(1, names.length)];
    return name !== undefined && this.outputs.delete(name);
  }

  #register(): void {
    this.deliver(() => {
      if (this.isRegistered) return;
      this.#world.register(this);
      this.#world.clock.after(10, () => this.#register());
    });
  }

  #heartbeat(): void {
    this.deliver(() => {
      this.#report();
      this.#world.clock.after(HEARTBEAT_TICKS, () => this.#heartbeat());
    });
  }

  #report(hasLeft = false): void {
    if (!this.isRegistered) return;
    const runningTaskIds = [...this.#unended];
    const report: Report = {
      sequence: this.#sequence++,
      ends: [...this.#unacknowledged.values()],
      blocks: [...this.#blockChanges].map(([block, where]) => ({ block, where })),
      runningTaskIds,
      graceMs: this.isLeaving ? Math.max(0, this.#leavesAt - this.#world.clock.tick) * 100 : undefined,
      moved: [...this.#moves.values()],
      hasLeft,
    };
    this.#world.network.send(this.node, DRIVER, () => this.#world.hear(this, report));
  }

  #fillSlots(): void {
    while (this.#runningCount < this.slots && this.#waiting.length > 0) this.#start(this.#waiting.shift() as Task);
  }

  #start(task: Task): void {
    const { random, clock, faults } = this.#world;
    task.state = "running";
    this.#runningCount++;
    const slow = faults.strikes("slow", 0.1) ? faults.draw("slow", 20, 200) : 0;
    const ticks = (1 + random.nextInt(5) + slow) * this.slowness;
    // Half of the inputs are read at the beginning, half at the end: much can happen in between.
    const read: Value[] = [];
    const failure = this.#read(task.launch, read, 0);
    const started = clock.tick;
    clock.after(failure === undefined ? ticks : 1, () =>
      this.deliver(() => this.#finish(task, read, failure, started)),
    );
  }

  #finish(task: Task, read: Value[], early: Failure | undefined, started: number): void {
    const { clock, faults } = this.#world;
    const { order } = task.launch;
    const { taskId } = order;
    if (task.isDeaf && task.isKilled && !faults.isHealed) {
      clock.after(20, () => this.deliver(() => this.#finish(task, read, early, started)));
      return;
    }
    this.#runningCount--;
    if (task.isKilled) this.#end(task, { taskId, outcome: "killed" });
    else {
      const failure = early ?? this.#read(task.launch, read, 1) ?? this.#ownFailure(order);
      if (failure === undefined) this.#succeed(task, read, (clock.tick - started) * 100);
      else {
        this.#world.told(this, order, failure);
        this.#end(task, { taskId, outcome: "failed", failure });
      }
    }
    this.#fillSlots();
    this.#report();
  }

  #succeed({ launch: { order, stage } }: Task, inputs: readonly Value[], runMs: number): void {
    const { shuffle } = stage;
    const nonce = stage.isDeterministic ? 0 : 1 + order.taskId;
    const tag = shuffle?.shuffleId ?? RESULT_TAG;
    const content = valueOf(tag, order.partition, inputs, nonce);
    const value: Value = { shuffleId: tag, mapPartition: order.partition, content, inputs };
    if (shuffle !== undefined) this.outputs.set(outputName(shuffle.shuffleId, order.partition, order.attempt), value);
    if (stage.rddId !== undefined) this.#cache(`rdd_${stage.rddId}_${order.partition}`);
    this.#end(this.#tasks.get(order.taskId) as Task, { taskId: order.taskId, outcome: "succeeded", value, runMs });
  }

  #end(task: Task, end: End): void {
    task.state = "ended";
    this.#unended.delete(end.taskId);
    this.#unacknowledged.set(end.taskId, end);
  }

  /** Room for two blocks, the oldest goes. */
  #cache(block: string): void {
    this.#cached.add(block);
    this.#blockChanges.set(block, "memory");
    if (this.#cached.size <= 2) return;
    const oldest = this.#cached.values().next().value as string;
    this.#cached.delete(oldest);
    this.#blockChanges.set(oldest, "gone");
  }

  /** What it has been given and has not told the end of. */
  get taskIds(): readonly number[] {
    return [...this.#unended];
  }

  #ownFailure(order: TaskOrder): Failure | undefined {
    const { faults } = this.#world;
    if (this.#world.isPoisoned(order)) return { code: "USER_FUNCTION_FAILED", message: "poison", details: {} };
    if (faults.strikes("misuse", 0.01)) return { code: "NOT_A_PAIR", message: "not a pair", details: {} };
    // The thread alone: its process lives.
    if (faults.strikes("memory", 0.1)) return { code: "OUT_OF_MEMORY", message: "no heap", details: {} };
    if (faults.strikes("taskFailure", 0.25)) return { code: "USER_FUNCTION_FAILED", message: "bad luck", details: {} };
    return undefined;
  }

  /** Reads every other map output of each parent, from `first` on, into its place. */
  #read({ stage, versions }: Launch, into: Value[], first: 0 | 1): Failure | undefined {
    let base = 0;
    for (const [place, parent] of stage.parents.entries()) {
      for (let mapPartition = first; mapPartition < parent.size; mapPartition += 2) {
        const value =
          this.#fetch(parent, mapPartition, versions[place] as number, false) ??
          this.#fetch(parent, mapPartition, versions[place] as number, true);
        if (value === undefined) {
          const executorId = this.#located(parent, mapPartition)?.executorId ?? "";
          const { shuffleId } = parent;
          return {
            code: "FETCH_FAILED",
            message: "unreachable",
            details: {},
            fetch: { shuffleId, mapPartition, executorId },
          };
        }
        into[base + mapPartition] = value;
      }
      base += parent.size;
    }
    return undefined;
  }

  #located(parent: ShuffleWork, mapPartition: number): MapOutputLocation | undefined {
    return this.#locations.get(parent.shuffleId)?.outputs.find((output) => output.mapPartition === mapPartition);
  }

  #fetch(parent: ShuffleWork, mapPartition: number, version: number, isRefresh: boolean): Value | undefined {
    const { shuffleId } = parent;
    const known = this.#locations.get(shuffleId);
    if (known === undefined || known.version < version || isRefresh) {
      if (!this.#world.network.reaches(this.node, DRIVER)) return undefined;
      this.#locations.set(shuffleId, this.#world.locations(shuffleId));
    }
    const location = this.#located(parent, mapPartition);
    if (location === undefined) return undefined;
    const holder = this.#world.processOf(location.executorId);
    if (holder === undefined || !holder.isUp || holder.isPaused || !this.#world.network.reaches(this.node, holder.node))
      return undefined;
    return holder.outputs.get(outputName(shuffleId, mapPartition, location.attempt));
  }
}

export function outputName(shuffleId: number, mapPartition: number, attempt: number): string {
  return `${shuffleId}/${mapPartition}/${attempt}`;
}
