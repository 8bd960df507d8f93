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

/** A change in the core as an event of the log; undefined for what the log does not tell. */
export function eventOfNote(note: CoreNote, context: NoteContext): EventBody | undefined {
  switch (note.kind) {
    case "jobStarted": {
      const job = context.job(note.jobId);
      if (job === undefined) return undefined;
      return {
        kind: "jobStart",
        jobId: note.jobId,
        description: job.description,
        stageIds: [...job.stageIds],
        ...(job.group === undefined ? {} : { group: job.group }),
        tags: [...job.tags],
      };
    }
    case "jobEnded": {
      const { failure } = note;
      if (failure === undefined) return { kind: "jobEnd", jobId: note.jobId, outcome: "succeeded" };
      return {
        kind: "jobEnd",
        jobId: note.jobId,
        outcome: failure.code === "CANCELLED" ? "cancelled" : "failed",
        code: failure.code,
        message: failure.message,
      };
    }
    case "stageStarted": {
      const stage = context.stage(note.stageId, note.jobIds);
      return {
        kind: "stageSubmitted",
        stageId: note.stageId,
        run: note.run,
        name: stage?.name ?? "",
        tasks: note.tasks,
        jobIds: [...note.jobIds],
        ...(stage?.shuffleId === undefined ? {} : { shuffleId: stage.shuffleId }),
      };
    }
    case "stageEnded":
      return {
        kind: "stageCompleted",
        stageId: note.stageId,
        run: note.run,
        outcome: note.failure === undefined ? "succeeded" : "failed",
        ...(note.failure === undefined ? {} : { message: note.failure.message }),
      };
    case "stageSkipped":
      return { kind: "stageSkipped", stageId: note.stageId, tasks: note.tasks, jobIds: [...note.jobIds] };
    case "taskStarted":
      return { kind: "taskStart", ...note.task, executorId: note.executorId };
    case "taskEnded": {
      const measured = context.measured(note.task.taskId);
      return {
        kind: "taskEnd",
        ...note.task,
        executorId: note.executorId,
        outcome: note.outcome,
        runMs: measured?.runMs ?? 0,
        metrics: measured?.metrics ?? {},
        ...(note.failure === undefined ? {} : { code: note.failure.code, message: note.failure.message }),
      };
    }
    case "executorAdded": {
      const executor = context.executor(note.executorId);
      return {
        kind: "executorAdded",
        executorId: note.executorId,
        host: executor?.host ?? "",
        slots: executor?.slots ?? 0,
        memoryBytes: executor?.memoryBytes ?? 0,
      };
    }
    case "executorExcluded":
      return { kind: "executorExcluded", executorId: note.executorId };
    case "executorRemoved":
      return { kind: "executorRemoved", executorId: note.executorId, reason: note.reason, detail: note.detail };
    case "mapOutputLost":
      return { kind: "mapOutputLost", shuffleId: note.shuffleId, mapPartitions: [...note.mapPartitions] };
  }
}
