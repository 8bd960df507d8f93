/**
 * Stories of the core as text, in the style of etcd's datadriven tests: a block is a command, a line of dashes, and what the core answered.
 * `replay` runs the commands of such a text through a fresh core and returns the text with the answers that came.
 *
 *   # A comment, kept as it is.
 *   executor a slots=2
 *   ----
 *   executorAdded a
 */

import type { ErrorCode } from "@volley/engine/wire/errors.js";
import type { LastWords } from "@volley/engine/wire/last-words.js";
import { DriverCore } from "./driver-core.js";
import type { CoreEvent, CoreNote, Instruction, JobShape, LossReason, StageShape, TaskOrder } from "./events.js";
import type { CoreLimits } from "./limits.js";

const LINE = "----";

export function replay(text: string): string {
  const teller = new Teller();
  const blocks = text.trim().split(/\n{2,}/);
  return `${blocks.map((block) => teller.block(block)).join("\n\n")}\n`;
}

interface Command {
  readonly name: string;
  readonly words: readonly string[];
  readonly options: Readonly<Record<string, string>>;
}

class Teller {
  #core = new DriverCore();
  #now = 0;
  readonly #incarnations = new Map<string, string>();
  readonly #launched = new Map<
    number,
    { readonly order: TaskOrder; readonly executorId: string; readonly incarnation: string }
  >();

  block(block: string): string {
    const lines = block.split("\n");
    const end = lines.indexOf(LINE);
    const input = lines.slice(0, end < 0 ? lines.length : end);
    const commands = input.filter((line) => !line.startsWith("#"));
    if (commands.length === 0) return input.join("\n");
    const answers = this.#answer(commands);
    return [...input, LINE, ...(answers.length === 0 ? ["nothing"] : answers)].join("\n");
  }

  #answer(lines: readonly string[]): string[] {
    const command = parse(lines[0] as string);
    if (command.name === "limits") {
      const limits = Object.fromEntries(Object.entries(command.options).map(([name, value]) => [name, valueOf(value)]));
      this.#core = new DriverCore(limits as Partial<CoreLimits>);
      return Object.keys(limits);
    }
    if (command.name === "outputs") {
      return this.#core.mapOutputs(Number(command.words[0])).map((output) => {
        return `map ${output.mapPartition} attempt ${output.attempt} on ${output.executorId}`;
      });
    }
    if (command.name === "left") return [JSON.stringify(this.#core.snapshot())];
    const events = this.#events(command, lines.slice(1).map(parse));
    const instructions = this.#core.step(events.length === 1 ? (events[0] as CoreEvent) : { type: "batch", events });
    this.#core.validate();
    return instructions.flatMap((instruction) => this.#show(instruction));
  }

  #events(command: Command, more: readonly Command[]): CoreEvent[] {
    const { name, words, options } = command;
    const first = words[0] ?? "";
    switch (name) {
      case "job":
        return [{ type: "jobSubmitted", job: jobOf(Number(first), options, more) }];
      case "cancel":
        return [{ type: "jobCancelled", jobId: Number(first), reason: "cancelled by the user" }];
      case "release":
        return [
          options["rdd"] === undefined
            ? { type: "shuffleReleased", shuffleId: Number(options["shuffle"]) }
            : { type: "rddReleased", rddId: Number(options["rdd"]) },
        ];
      case "tick":
        this.#now += Number(first);
        return [{ type: "tick", now: this.#now }];
      case "start-failed":
        return [{ type: "executorStartFailed", detail: "no memory", now: this.#now }];
      case "executor":
      case "lost":
      case "leaving":
      case "moved":
      case "heartbeat":
      case "block":
        return [this.#executorEvent(command)];
      default:
        return words.map((word) => this.#taskEvent(name, this.#task(word, options), options));
    }
  }

  /** What an executor does, or what becomes of it. */
  #executorEvent({ name, words, options }: Command): CoreEvent {
    const [executorId = "", second = "", third = ""] = words;
    if (name === "executor") this.#incarnations.set(executorId, options["incarnation"] ?? "1");
    const incarnation = options["incarnation"] ?? this.#incarnations.get(executorId) ?? "1";
    const told = { executorId, incarnation, now: this.#now };
    switch (name) {
      case "executor":
        return {
          ...told,
          type: "executorRegistered",
          slots: Number(options["slots"] ?? 1),
          host: options["host"] ?? executorId,
        };
      case "lost":
        return {
          ...told,
          type: "executorLost",
          reason: (second || "exited") as LossReason,
          detail: "signal 9",
          lastWords: options["task"] === undefined ? undefined : wordsOf(Number(options["task"])),
        };
      case "leaving":
        return { ...told, type: "executorDecommissioning", graceMs: Number(options["grace"] ?? 1000) };
      case "moved": {
        const [shuffleId, mapPartition, attempt] = ["shuffle", "map", "attempt"].map((name) =>
          Number(options[name] ?? 0),
        ) as [number, number, number];
        const output = { shuffleId, mapPartition, attempt, toExecutorId: options["to"] ?? "" };
        return { type: "mapOutputMoved", executorId, incarnation, ...output };
      }
      case "heartbeat":
        return { ...told, type: "heartbeat", runningTaskIds: words.slice(1).map(Number) };
      default: {
        const where = third === "gone" ? "gone" : "memory";
        return { type: "blockChanged", executorId, incarnation, block: second, where, bytes: 1 };
      }
    }
  }

  /** How a task ended. */
  #taskEvent(
    name: string,
    told: { executorId: string; incarnation: string; taskId: number; now: number },
    options: Readonly<Record<string, string>>,
  ): CoreEvent {
    switch (name) {
      case "ok":
        return { ...told, type: "taskSucceeded", mapOutput: outputOf(options), runMs: Number(options["ms"] ?? 1) };
      case "fail": {
        const code = (options["code"] ?? "USER_FUNCTION_FAILED") as ErrorCode;
        return { ...told, type: "taskFailed", failure: { code, message: "boom", details: {} } };
      }
      case "unreadable": {
        const shuffleId = Number(options["shuffle"]);
        const fetch = { shuffleId, mapPartition: Number(options["map"]), executorId: options["from"] ?? "" };
        const failure = { code: "FETCH_FAILED", message: "connection refused", details: {}, fetch } as const;
        return { ...told, type: "taskFailed", failure };
      }
      case "killed":
        return { ...told, type: "taskKilled" };
      case "undelivered": {
        const { taskId, ...to } = told;
        return { ...to, type: "launchFailed", taskIds: [taskId] };
      }
      default:
        throw new Error(`no such command: ${name}`);
    }
  }

  /** A task's id, and who says so: the executor it was launched on, or whoever the options name. */
  #task(word: string, options: Readonly<Record<string, string>>) {
    const taskId = Number(word);
    const launched = this.#launched.get(taskId);
    const executorId = options["by"] ?? launched?.executorId ?? "nobody";
    const incarnation = options["incarnation"] ?? launched?.incarnation ?? "1";
    return { executorId, incarnation, taskId, now: this.#now };
  }

  #show(instruction: Instruction): string[] {
    switch (instruction.type) {
      case "launch": {
        const { executorId, incarnation } = instruction;
        for (const order of instruction.tasks) this.#launched.set(order.taskId, { order, executorId, incarnation });
        return [`launch on ${executorId}: ${instruction.tasks.map(showOrder).join(", ")}`];
      }
      case "kill":
        return [`kill on ${instruction.executorId}: ${instruction.taskIds.join(", ")} (${instruction.reason})`];
      case "accept":
        return [
          `accept ${instruction.taskId}: stage ${instruction.stageId} partition ${instruction.partition} for jobs ${instruction.jobIds.join(", ")}`,
        ];
      case "discard": {
        const { shuffle } = instruction;
        const output =
          shuffle === undefined
            ? ""
            : `: shuffle ${shuffle.shuffleId} map ${shuffle.mapPartition} attempt ${shuffle.attempt}`;
        return [`discard ${instruction.taskId} on ${instruction.executorId}${output}`];
      }
      case "jobFinished":
        return [`job ${instruction.jobId} finished`];
      case "jobFailed":
        return [`job ${instruction.jobId} failed: ${instruction.failure.code} ${instruction.failure.message}`];
      case "note":
        return showNote(instruction.note);
      default: {
        const { type, ...rest } = instruction;
        return [`${type} ${JSON.stringify(rest)}`];
      }
    }
  }
}

function showOrder({ taskId, stageId, partition, attempt, speculative }: TaskOrder): string {
  return `${taskId} (stage ${stageId} partition ${partition} attempt ${attempt}${speculative ? ", speculative" : ""})`;
}

/** Notes that say no more than the instruction beside them are left out. */
function showNote(note: CoreNote): string[] {
  switch (note.kind) {
    case "stageStarted":
    case "stageSkipped":
      return [`${note.kind} ${note.stageId}: ${note.tasks} tasks`];
    case "executorAdded":
    case "executorExcluded":
    case "executorIncluded":
    case "executorDecommissioning":
      return [`${note.kind} ${note.executorId}`];
    case "executorRemoved":
      return [`${note.kind} ${note.executorId}: ${note.reason}, ${note.detail}`];
    case "mapOutputLost":
      return [`${note.kind} shuffle ${note.shuffleId}: map ${note.mapPartitions.join(", ")}`];
    case "taskEnded":
      return note.outcome === "succeeded" ? [] : [`task ${note.task.taskId} ${note.outcome}`];
    default:
      return [];
  }
}

function parse(line: string): Command {
  const [name, ...rest] = line.trim().split(/\s+/) as [string, ...string[]];
  const options: Record<string, string> = {};
  const words: string[] = [];
  for (const word of rest) {
    const equals = word.indexOf("=");
    if (equals < 0) words.push(word);
    else options[word.slice(0, equals)] = word.slice(equals + 1);
  }
  return { name, words, options };
}

function jobOf(jobId: number, options: Readonly<Record<string, string>>, stages: readonly Command[]): JobShape {
  return { jobId, pool: options["pool"] ?? "default", tags: [], stages: stages.map(stageOf) };
}

function stageOf({ words, options }: Command): StageShape {
  const partitions = Array.from({ length: Number(options["tasks"] ?? 1) }, (_, index) => index);
  return {
    stageId: Number(words[0]),
    ...(options["writes"] === undefined ? {} : { shuffleId: Number(options["writes"]) }),
    parentShuffleIds: options["reads"] === undefined ? [] : options["reads"].split(",").map(Number),
    partitions: options["only"] === undefined ? partitions : options["only"].split(",").map(Number),
    cachedBlocks: (partition) => (options["cached"] === undefined ? [] : [`rdd_${options["cached"]}_${partition}`]),
    ...(options["hosts"] === undefined ? {} : { hosts: () => (options["hosts"] as string).split(",") }),
    barrier: words.includes("barrier"),
  };
}

function outputOf(options: Readonly<Record<string, string>>) {
  return { offsets: [0, 1], rows: [1], checksums: [Number(options["checksum"] ?? 7)] };
}

function valueOf(text: string): unknown {
  return text.startsWith("{") || /^[0-9.]+$/.test(text) ? JSON.parse(text) : text;
}

/** What an executor leaves behind whose memory that task used up. */
function wordsOf(taskId: number): LastWords {
  const [budgetBytes, heapLimitBytes] = [1 << 30, 1 << 30];
  const slot = { taskId, heapUsedBytes: 1000 << 20, heapBytes: 1 << 30, externalBytes: 0, ageMs: 0 };
  return { rssBytes: 1100 << 20, budgetBytes, storageBytes: 0, executionBytes: 0, heapLimitBytes, slots: [slot] };
}
