/** A slot as the main thread sees it: the worker, what it has been sent, and what it waits for. */

import { once } from "node:events";
import { MessageChannel, type MessagePort, Worker } from "node:worker_threads";
import { assert } from "@volley/engine/lib/assert.js";
import type { StageSpec, TaskSpec } from "@volley/engine/task/task-spec.js";
import { type Failure, VolleyError } from "@volley/engine/wire/errors.js";
import { failureOf } from "./failure.js";
import { type HeapSample, readSample } from "./heap-sample.js";
import { giveBack } from "./slot-memory.js";
import {
  CONTROL,
  CONTROL_BYTES,
  type FromSlot,
  type SlotAnswer,
  type SlotData,
  type SlotRequest,
  type ToSlot,
} from "./slot-messages.js";

export interface SlotOptions {
  /** The bundled entry of a slot. */
  readonly entry: URL;
  readonly executorId: string;
  readonly localDir: string;
  readonly memory: Int32Array;
  /** V8's limit for the slot's own heap; blocks do not count to it. */
  readonly heapMiB: number;
  /** Of it, the young generation. */
  readonly youngMiB: number;
}

export interface SlotEvents {
  message(slot: SlotThread, message: Exclude<FromSlot, { type: "call" }>): void;
  call(slot: SlotThread, request: SlotRequest): SlotAnswer | Promise<SlotAnswer>;
  /** The thread is gone; `failure` is why. */
  gone(slot: SlotThread, failure: Failure): void;
}

const STACK_MIB = 4;
/** `import.meta.resolve` from another file than the slot's own; and no warnings about that, or about what seek-bzip does in old style. */
const EXEC_ARGV = [
  "--experimental-import-meta-resolve",
  "--disable-warning=ExperimentalWarning",
  "--disable-warning=DEP0005",
];
/** The executor's own flags to be profiled hold for its slots too. */
const PROFILE_ARGV = process.execArgv.filter((flag) => flag.startsWith("--cpu-prof"));

let slots = 0;

export class SlotThread {
  readonly id = ++slots;
  readonly #worker: Worker;
  readonly #answers: MessagePort;
  readonly #control = new Int32Array(new SharedArrayBuffer(CONTROL_BYTES));
  readonly #memory: Int32Array;
  readonly #events: SlotEvents;
  readonly #stagesSent = new Set<number>();
  readonly #envelopesSent = new Set<number>();
  #run = 0;
  #seenSample = -1;
  #seenAt = 0;
  /** The call that the slot sleeps in. */
  #openCall: number | undefined;
  #lastWords: Failure | undefined;
  #ended = false;

  constructor(options: SlotOptions, events: SlotEvents) {
    const { port1, port2 } = new MessageChannel();
    const data: SlotData = {
      slotId: this.id,
      executorId: options.executorId,
      localDir: options.localDir,
      answers: port2,
      control: this.#control,
      memory: options.memory,
    };
    this.#answers = port1;
    this.#memory = options.memory;
    this.#events = events;
    port1.unref();
    this.#worker = new Worker(options.entry, {
      workerData: data,
      transferList: [port2],
      name: `slot ${this.id}`,
      execArgv: [...EXEC_ARGV, ...PROFILE_ARGV],
      resourceLimits: {
        maxOldGenerationSizeMb: options.heapMiB,
        maxYoungGenerationSizeMb: options.youngMiB,
        stackSizeMb: STACK_MIB,
      },
    });
    this.#worker.on("message", (message: FromSlot) => this.#receive(message));
    this.#worker.on("messageerror", (error) => this.#remember(error));
    this.#worker.on("error", (error) => this.#remember(error));
    this.#worker.on("exit", (code) => this.#exited(code));
  }

  /** Sends a task with what of its program the slot lacks. Returns the number of this run. */
  start(task: TaskSpec, stage: StageSpec, envelopeOf: (id: number) => Uint8Array): number {
    const run = ++this.#run;
    const envelopes: [number, Uint8Array][] = [];
    const stageIsNew = !this.#stagesSent.has(stage.stageKey);
    if (stageIsNew) {
      this.#stagesSent.add(stage.stageKey);
      for (const [id] of stage.bindings) {
        if (this.#envelopesSent.has(id)) continue;
        this.#envelopesSent.add(id);
        envelopes.push([id, envelopeOf(id)]);
      }
    }
    this.#post({ type: "task", run, task, stage: stageIsNew ? stage : undefined, envelopes });
    return run;
  }

  forget(stages: readonly number[], envelopes: readonly number[]): void {
    const known = {
      stages: stages.filter((key) => this.#stagesSent.delete(key)),
      envelopes: envelopes.filter((id) => this.#envelopesSent.delete(id)),
    };
    if (known.stages.length + known.envelopes.length > 0) this.#post({ type: "forget", ...known });
  }

  forgetOutputs(): void {
    this.#post({ type: "forgetOutputs" });
  }

  /** What the thread last saw of its heap, and how long that is ago as far as has been looked. */
  sample(): HeapSample & { readonly ageMs: number } {
    const sample = readSample(this.#control);
    const now = performance.now();
    if (sample.samples !== this.#seenSample) [this.#seenSample, this.#seenAt] = [sample.samples, now];
    return { ...sample, ageMs: now - this.#seenAt };
  }

  /** Raises the flag that the task looks at, and ends the wait it may be in. */
  cancel(run: number): void {
    Atomics.store(this.#control, CONTROL.cancelledRun, run);
    if (this.#openCall === undefined) return;
    const failure = failureOf(new VolleyError("CANCELLED", "the task was told to stop"));
    this.#answer(this.#openCall, { failure });
  }

  /** Resolves when the thread is gone, which V8 may delay while native code runs in it. */
  async terminate(why: Failure): Promise<void> {
    this.#lastWords ??= why;
    await this.#worker.terminate();
  }

  /** The end of a slot that nothing is wrong with. One that is profiled ends by itself, after its task: else its profile would not be written. */
  async leave(why: Failure): Promise<void> {
    if (PROFILE_ARGV.length === 0) return this.terminate(why);
    this.#lastWords ??= why;
    const gone = once(this.#worker, "exit");
    this.#post({ type: "leave" });
    await gone;
  }

  #post(message: ToSlot): void {
    this.#worker.postMessage(message);
  }

  #receive(message: FromSlot): void {
    if (message.type === "call") return this.#serve(message.call, message.request);
    if (message.type === "exiting" || message.type === "lateError") this.#lastWords ??= message.failure;
    this.#events.message(this, message);
  }

  #serve(call: number, request: SlotRequest): void {
    assert(this.#openCall === undefined, "a slot waits for one answer at a time");
    this.#openCall = call;
    const fail = (error: unknown) => this.#answer(call, { failure: failureOf(error) });
    try {
      const answer = this.#events.call(this, request);
      if (answer instanceof Promise) answer.then((value) => this.#answer(call, { value }), fail);
      else this.#answer(call, { value: answer });
    } catch (error) {
      fail(error);
    }
  }

  #answer(call: number, content: { value: SlotAnswer } | { failure: Failure }): void {
    // Cancelled while it waited: the slot has had its answer.
    if (this.#openCall !== call) return;
    this.#openCall = undefined;
    this.#answers.postMessage({ call, ...content });
    Atomics.add(this.#control, CONTROL.answers, 1);
    Atomics.notify(this.#control, CONTROL.answers);
  }

  #remember(error: unknown): void {
    const outOfMemory = (error as NodeJS.ErrnoException | null)?.code === "ERR_WORKER_OUT_OF_MEMORY";
    const message = error instanceof Error ? error.message : String(error);
    this.#lastWords ??= failureOf(
      outOfMemory
        ? new VolleyError("OUT_OF_MEMORY", "the task ran out of memory", { cause: error })
        : new VolleyError("SLOT_LOST", `a worker thread ended: ${message}`, { cause: error }),
    );
  }

  #exited(code: number): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#answers.close();
    giveBack(this.#control, this.#memory);
    const silent = new VolleyError("SLOT_LOST", `a worker thread ended with status ${code}`);
    this.#events.gone(this, this.#lastWords ?? failureOf(silent));
  }
}
