import type { CoreNote } from "./core/events.js";
import type { EventBody } from "./observe/events.js";

/** What the shell knows beyond a note. */
export interface NoteContext {
  /** Of a task that has just ended, as its executor measured it. */
  readonly measured: (
    taskId: number,
  ) => { readonly runMs: number; readonly metrics: Readonly<Record<string, number>> } | undefined;
  readonly stage: (
    stageId: number,
    jobIds: readonly number[],
  ) => { readonly name: string; readonly shuffleId?: number | undefined } | undefined;
  readonly job: (jobId: number) =>
    | {
        readonly description: string;
        readonly stageIds: readonly number[];
        readonly group: string | undefined;
        readonly tags: readonly string[];
      }
    | undefined;
  readonly executor: (
    executorId: string,
  ) => { readonly host: string; readonly slots: number; readonly memoryBytes: number } | undefined;
}

/** The member of the union that has `K` among its kinds. */
type NoteOf<K extends CoreNote["kind"], N = CoreNote> = N extends { readonly kind: infer M }
  ? K extends M
    ? N
    : never
  : never;
type JobNote = NoteOf<"jobStarted">;
type StageNote = NoteOf<"stageStarted">;
type TaskEndNote = NoteOf<"taskEnded">;

/** A change in the core as an event of the log; undefined for what the log does not tell. */
export function eventOfNote(note: CoreNote, context: NoteContext): EventBody | undefined {
  switch (note.kind) {
    case "jobStarted":
      return jobStart(note, context);
    case "jobEnded":
      return jobEnd(note);
    case "stageStarted":
      return stageSubmitted(note, context);
    case "stageEnded":
      return stageCompleted(note);
    case "stageSkipped":
      return { kind: "stageSkipped", stageId: note.stageId, tasks: note.tasks, jobIds: [...note.jobIds] };
    case "taskStarted":
      return { kind: "taskStart", ...note.task, executorId: note.executorId };
    case "taskEnded":
      return taskEnd(note, context);
    case "executorAdded":
      return executorAdded(note.executorId, context);
    case "executorExcluded":
      return { kind: "executorExcluded", executorId: note.executorId };
    case "executorDecommissioning":
      return { kind: "executorDecommissioning", executorId: note.executorId };
    case "executorRemoved":
      return { kind: "executorRemoved", executorId: note.executorId, reason: note.reason, detail: note.detail };
    case "mapOutputLost":
      return { kind: "mapOutputLost", shuffleId: note.shuffleId, mapPartitions: [...note.mapPartitions] };
  }
}

function jobStart({ jobId }: JobNote, context: NoteContext): EventBody | undefined {
  const job = context.job(jobId);
  if (job === undefined) return undefined;
  const { description, stageIds, group, tags } = job;
  return {
    kind: "jobStart",
    jobId,
    description,
    stageIds: [...stageIds],
    ...(group === undefined ? {} : { group }),
    tags: [...tags],
  };
}

function jobEnd({ jobId, failure }: JobNote): EventBody {
  if (failure === undefined) return { kind: "jobEnd", jobId, outcome: "succeeded" };
  const { code, message } = failure;
  return { kind: "jobEnd", jobId, outcome: code === "CANCELLED" ? "cancelled" : "failed", code, message };
}

function stageSubmitted({ stageId, run, tasks, jobIds }: StageNote, context: NoteContext): EventBody {
  const { name = "", shuffleId } = context.stage(stageId, jobIds) ?? {};
  return {
    kind: "stageSubmitted",
    stageId,
    run,
    name,
    tasks,
    jobIds: [...jobIds],
    ...(shuffleId === undefined ? {} : { shuffleId }),
  };
}

function stageCompleted({ stageId, run, failure }: StageNote): EventBody {
  const message = failure === undefined ? {} : { message: failure.message };
  return { kind: "stageCompleted", stageId, run, outcome: failure === undefined ? "succeeded" : "failed", ...message };
}

function taskEnd({ task, executorId, outcome, failure }: TaskEndNote, context: NoteContext): EventBody {
  const { runMs = 0, metrics = {} } = context.measured(task.taskId) ?? {};
  const why = failure === undefined ? {} : { code: failure.code, message: failure.message };
  return { kind: "taskEnd", ...task, executorId, outcome, runMs, metrics, ...why };
}

function executorAdded(executorId: string, context: NoteContext): EventBody {
  const { host = "", slots = 0, memoryBytes = 0 } = context.executor(executorId) ?? {};
  return { kind: "executorAdded", executorId, host, slots, memoryBytes };
}
