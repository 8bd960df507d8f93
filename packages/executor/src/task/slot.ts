/**
 * A slot: the thread that runs tasks, one at a time. What it is told comes as messages of the worker; while a task runs, the thread
 * belongs to the task, and everything it needs of the main thread goes through SlotChannel.
 *
 * When changing this: a task's result is posted from a macrotask after the task, so that a promise which the task left rejected is
 * charged to it and not to the next one.
 */

import { parentPort, threadId, workerData } from "node:worker_threads";
import { assert } from "@volley/engine/lib/assert.js";
import type { CreateStageRunner, StageRunner, TaskOutcome } from "@volley/engine/task/stage-runner.js";
import type { MapOutput } from "@volley/engine/task/task-io.js";
import type { StageSpec } from "@volley/engine/task/task-spec.js";
import { VolleyError } from "@volley/engine/wire/errors.js";
import { KnownGarbage } from "../blocks/known-garbage.js";
import { ProcessMemory } from "../blocks/process-memory.js";
import { collectFreed, noteWork, watchSharedMemory } from "../blocks/shared-memory.js";
import { RememberedOutputs } from "../shuffle/remembered-outputs.js";
import { createCodeHost } from "./code-host.js";
import { writeThrough } from "./console-output.js";
import { failureOf } from "./failure.js";
import { watchIntrinsics } from "./intrinsics.js";
import { SlotChannel } from "./slot-channel.js";
import { SlotIo } from "./slot-io.js";
import type { FromSlot, RunTask, SlotData, TaskSuccess, ToSlot } from "./slot-messages.js";

export function startSlot(createStageRunner: CreateStageRunner): void {
  const port = parentPort;
  assert(port !== null, `a slot is a worker thread (this is thread ${threadId})`);
  const post = port.postMessage.bind(port) as (message: FromSlot) => void;
  const data = workerData as SlotData;
  const slot = new Slot(data, post, createStageRunner);
  writeThrough();
  watchExits(post, slot);
  port.on("message", (message: ToSlot) => slot.receive(message));
  post({ type: "ready" });
}

class Slot {
  readonly #data: SlotData;
  readonly #channel: SlotChannel;
  readonly #outputs: RememberedOutputs;
  readonly #garbage: KnownGarbage;
  readonly #createStageRunner: CreateStageRunner;
  readonly #codeHost = createCodeHost();
  readonly #stages = new Map<number, StageSpec>();
  readonly #runners = new Map<number, StageRunner>();
  readonly #envelopes = new Map<number, Uint8Array>();
  readonly #intrinsicsChange = watchIntrinsics();
  readonly #now = performance.now.bind(performance);
  readonly #later = setImmediate;
  /** Node's own: user code's process.exit is told to the main thread. */
  readonly #exit = process.exit.bind(process);
  #jobId = -1;
  /** The attempt that runs, for errors that nobody catches. */
  running: RunTask | undefined;

  constructor(data: SlotData, post: (message: FromSlot) => void, createStageRunner: CreateStageRunner) {
    this.#data = data;
    this.#channel = new SlotChannel(post, data.answers, data.control);
    watchSharedMemory(new ProcessMemory(data.memory));
    this.#outputs = new RememberedOutputs(data.memory);
    this.#garbage = new KnownGarbage(data.memory, () => {
      this.#outputs.forgetIfChanged();
      collectFreed();
    });
    this.#createStageRunner = createStageRunner;
  }

  receive(message: ToSlot): void {
    if (message.type === "leave") return this.#exit();
    if (message.type === "forgetOutputs") {
      this.#outputs.forgetIfChanged();
      return this.#garbage.pass();
    }
    if (message.type === "forget") {
      for (const key of message.stages) {
        this.#stages.delete(key);
        this.#runners.delete(key);
      }
      for (const id of message.envelopes) this.#envelopes.delete(id);
      return;
    }
    // First of all: what comes after it may no longer work.
    if (message.task.jobId !== this.#jobId) {
      const what = this.#jobId === -1 ? undefined : this.#intrinsicsChange();
      if (what !== undefined) return this.#channel.post({ type: "tainted", run: message.run, what });
      this.#jobId = message.task.jobId;
    }
    for (const [id, bytes] of message.envelopes) this.#envelopes.set(id, bytes);
    if (message.stage !== undefined) this.#stages.set(message.stage.stageKey, message.stage);
    this.#start(message);
  }

  #start(message: RunTask): void {
    this.running = message;
    this.#channel.begin(message.run);
    const io = new SlotIo(this.#data, this.#channel, { outputs: this.#outputs, garbage: this.#garbage }, message.task);
    const startedAt = this.#now();
    const succeed = (outcome: TaskOutcome) =>
      this.#end(message, io, () => ({
        type: "succeeded",
        run: message.run,
        outcome: shareable(outcome, io, this.#stages.get(message.task.stageKey)?.shuffleId),
        metrics: io.metrics,
        runMs: this.#now() - startedAt,
      }));
    const fail = (error: unknown) =>
      this.#end(message, io, () =>
        this.#channel.cancelled
          ? { type: "cancelled", run: message.run }
          : {
              type: "failed",
              run: message.run,
              failure: failureOf(this.#blamed(error)),
              metrics: io.metrics,
              runMs: this.#now() - startedAt,
            },
      );
    try {
      const outcome = this.#runnerOf(message.task.stageKey).run(message.task, io);
      if (outcome instanceof Promise) outcome.then(succeed, fail);
      else succeed(outcome);
    } catch (error) {
      fail(error);
    }
  }

  /** What looks like a defect of Volley's is none when user code has changed what Volley, too, is made of. */
  #blamed(error: unknown): unknown {
    if (VolleyError.is(error) && error.code !== "INTERNAL") return error;
    const what = this.#intrinsicsChange();
    if (what === undefined) return error;
    return new VolleyError("SLOT_LOST", `the task failed after user code had changed ${what}`, { cause: error });
  }

  #end(message: RunTask, io: SlotIo, last: () => FromSlot): void {
    noteWork();
    let said: FromSlot;
    try {
      said = last();
      if (said.type === "succeeded") io.keepMapOutput();
      io.end();
    } catch (error) {
      said = {
        type: "failed",
        run: message.run,
        failure: failureOf(this.#blamed(error)),
        metrics: io.metrics,
        runMs: 0,
      };
    }
    this.#later(() => {
      // A late error has spoken for this run already.
      if (this.running !== message) return;
      this.running = undefined;
      this.#channel.post(said);
    });
  }

  #runnerOf(stageKey: number): StageRunner {
    let runner = this.#runners.get(stageKey);
    if (runner === undefined) {
      const spec = this.#stages.get(stageKey);
      assert(spec !== undefined, `stage ${stageKey} came before its first task`);
      runner = this.#createStageRunner(spec, (id) => this.#envelopeOf(id), this.#codeHost);
      this.#runners.set(stageKey, runner);
    }
    return runner;
  }

  #envelopeOf(id: number): Uint8Array {
    const bytes = this.#envelopes.get(id);
    assert(bytes !== undefined, `envelope ${id} came before its first task`);
    return bytes;
  }
}

/** Bytes that go to the main thread lie on shared memory; what the engine made elsewhere is copied once. */
function shareable(outcome: TaskOutcome, io: SlotIo, shuffleId: number | undefined): TaskSuccess {
  const { result, mapOutput, accumulators } = outcome;
  assert((mapOutput === undefined) === (shuffleId === undefined), "map stages, and no others, have a map output");
  return {
    result: result === undefined ? undefined : io.shared(result),
    mapOutput:
      mapOutput === undefined || shuffleId === undefined
        ? undefined
        : { ...mapOutput, bytes: isBytes(mapOutput.bytes) ? io.shared(mapOutput.bytes) : mapOutput.bytes, shuffleId },
    accumulators: accumulators === undefined ? undefined : io.shared(accumulators),
  };
}

function isBytes(output: MapOutput["bytes"]): output is Uint8Array {
  return output instanceof Uint8Array;
}

/** Errors that no task caught, and process.exit in user code, are told to the main thread before the slot goes. */
function watchExits(post: (message: FromSlot) => void, slot: Slot): void {
  const late = (error: unknown) => {
    slot.running = undefined;
    const message = `an error that nothing caught: ${error instanceof Error ? error.message : String(error)}`;
    post({ type: "lateError", failure: failureOf(new VolleyError("SLOT_LOST", message, { cause: error })) });
  };
  process.on("uncaughtException", late);
  process.on("unhandledRejection", late);
  const exit = process.exit.bind(process);
  process.exit = ((code?: number) => {
    const asked = new Error("process.exit was called here");
    const status = Number(code ?? process.exitCode ?? 0);
    const lost = new VolleyError("SLOT_LOST", `user code called process.exit(${status})`, { cause: asked });
    post({ type: "exiting", code: status, failure: failureOf(lost) });
    exit(code);
  }) as typeof process.exit;
}
