/** Carries out what the core orders: finds the executor and the stage behind the numbers, and hands on. */

import { unreachable } from "@volley/engine/lib/assert.js";
import { blockName } from "@volley/engine/task/block-id.js";
import { VolleyError } from "@volley/engine/wire/errors.js";
import type { Instruction } from "./core/events.js";
import type { CoreLoop } from "./core-loop.js";
import type { ExecutorLink } from "./executor-link.js";
import type { ExecutorRoster } from "./executor-roster.js";
import { callbackFailed } from "./job-errors.js";
import type { JobTable } from "./job-table.js";
import { eventOfNote, type NoteContext } from "./note-events.js";
import type { EventLog } from "./observe/event-log.js";

export interface PerformerParts {
  readonly loop: CoreLoop;
  readonly jobs: JobTable;
  readonly roster: ExecutorRoster;
  readonly events: EventLog;
  readonly now: () => number;
}

type Removal = Parameters<ExecutorLink["remove"]>[0];
type InstructionOf<T extends Instruction["type"]> = Extract<Instruction, { type: T }>;

export class InstructionPerformer {
  readonly #parts: PerformerParts;
  readonly #noteContext: NoteContext;

  constructor(parts: PerformerParts) {
    this.#parts = parts;
    this.#noteContext = {
      measured: (taskId) => parts.loop.end(taskId),
      stage: (stageId, jobIds) => parts.jobs.stage(stageId, jobIds),
      job: (jobId) => parts.jobs.get(jobId)?.label(),
      executor: (executorId) => parts.roster.get(executorId)?.identity,
    };
  }

  /** One instruction; never waits. */
  perform(instruction: Instruction): void {
    switch (instruction.type) {
      case "launch":
        return this.#launch(instruction);
      case "kill":
        return this.#kill(instruction);
      case "accept":
        return this.#accept(instruction);
      case "discard":
        return this.#discard(instruction);
      case "removeOutput":
        return this.#removeFrom([instruction.executorId], {
          blocks: [blockName({ kind: "shuffle", ...instruction.shuffle })],
        });
      case "jobFinished":
        return this.#parts.jobs.end(this.#parts.jobs.get(instruction.jobId));
      case "jobFailed":
        return this.#parts.jobs.failed(instruction.jobId, instruction.failure);
      case "stageFinished":
        return;
      case "removeShuffle":
        return this.#removeFrom(instruction.executorIds, { shuffleIds: [instruction.shuffleId] });
      case "removeRdd":
        return this.#removeFrom(instruction.executorIds, { rddIds: [instruction.rddId] });
      case "fence":
        return this.#parts.roster.fence(instruction.executorId, instruction.incarnation);
      case "endExecutor":
        return this.#parts.roster.end(instruction.executorId, instruction.incarnation);
      case "startExecutors":
        return this.#parts.roster.startExecutors(instruction.count);
      case "note": {
        const event = eventOfNote(instruction.note, this.#noteContext);
        if (event !== undefined) this.#parts.events.append(event);
        return;
      }
      default:
        unreachable(instruction);
    }
  }

  #launch({ executorId, incarnation, tasks }: InstructionOf<"launch">): void {
    const link = this.#parts.roster.get(executorId, incarnation);
    const lost: number[] = [];
    for (const order of tasks) {
      const stage = this.#parts.jobs.stage(order.stageId, [order.jobId]);
      if (link === undefined || stage === undefined) lost.push(order.taskId);
      else link.launch(order, stage);
    }
    if (lost.length > 0)
      this.#parts.loop.post({ type: "launchFailed", executorId, incarnation, taskIds: lost, now: this.#parts.now() });
  }

  #kill({ executorId, incarnation, taskIds, reason }: InstructionOf<"kill">): void {
    const unsent = this.#parts.roster.get(executorId, incarnation)?.kill(taskIds, reason) ?? [];
    const now = this.#parts.now();
    this.#parts.loop.postAll(
      unsent.map((taskId) => ({ event: { type: "taskKilled", executorId, incarnation, taskId, now } })),
    );
  }

  #accept({ jobIds, stageId, partition, taskId }: InstructionOf<"accept">): void {
    const end = this.#parts.loop.end(taskId);
    if (end === undefined) throw new VolleyError("INTERNAL", `task ${taskId} was accepted without having ended`);
    this.#parts.loop.forgetEnd(taskId);
    const jobs = jobIds.map((jobId) => this.#parts.jobs.get(jobId)).filter((job) => job !== undefined);
    for (const [index, job] of jobs.entries()) {
      try {
        // Accumulators are the context's, whichever job the task ran for: they are added once.
        if (index === 0 && end.accumulators !== undefined) job.options.onAccumulators(end.accumulators);
        if (job.resultStage.stageId === stageId && job.endsWith === undefined)
          job.takeResult(partition, end.result ?? new Uint8Array(0));
      } catch (error) {
        this.#parts.jobs.cancel(job, callbackFailed("a result could not be taken", error));
      }
    }
  }

  #discard({ taskId, executorId, shuffle }: InstructionOf<"discard">): void {
    this.#parts.loop.forgetEnd(taskId);
    const blocks = [blockName({ kind: "result", taskId })];
    if (shuffle !== undefined) blocks.push(blockName({ kind: "shuffle", ...shuffle }));
    this.#removeFrom([executorId], { blocks });
  }

  #removeFrom(executorIds: Iterable<string>, removal: Removal): void {
    for (const executorId of executorIds) {
      const removed = this.#parts.roster.get(executorId)?.remove(removal);
      if (removed !== undefined) this.#parts.loop.sending(removed);
    }
  }
}
