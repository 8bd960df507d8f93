import type { VolleyEvent } from "./events.js";

/** Counts over a run or a part of it. Bytes and rows count accepted attempts only; tasks count all. */
export class RunSummary {
  /** Jobs submitted. */
  jobs = 0;
  /** Jobs that failed or were cancelled. */
  jobsFailed = 0;
  /** Stage runs that were computed. */
  stages = 0;
  /** Stages whose output was there already. */
  stagesSkipped = 0;
  /** Attempts of tasks. */
  tasks = 0;
  /** Attempts that failed. */
  tasksFailed = 0;
  /** Second attempts beside slow ones. */
  tasksSpeculative = 0;
  /** Sum over tasks, in seconds. */
  taskSeconds = 0;
  /** From the first event to the last, in seconds. */
  wallSeconds = 0;
  /** Rows that stages began with. */
  rowsRead = 0;
  /** From files and from blocks of the driver. */
  bytesRead = 0;
  /** Bytes of segments that tasks read. */
  shuffleBytesRead = 0;
  /** Bytes of segments that tasks wrote. */
  shuffleBytesWritten = 0;
  /** Rows in these. */
  shuffleRowsWritten = 0;
  /** Bytes that tasks wrote to disk for want of memory. */
  spilledBytes = 0;
  /** Cached partitions that were there. */
  cacheHits = 0;
  /** Cached partitions that had to be computed. */
  cacheMisses = 0;
  /** Bytes of results that went to the driver. */
  resultBytes = 0;
  /** In caches at the end. */
  cachedBytes = 0;
  /** Blocks in caches at the end. */
  cachedBlocks = 0;
  /** Executors that registered. */
  executors = 0;
  /** Executors that died or were given up. */
  executorsLost = 0;

  /** A few lines for people. */
  toString(): string {
    const lines = [
      `${this.jobs} jobs, ${this.stages} stages (${this.stagesSkipped} skipped), ${this.tasks} tasks in ${this.wallSeconds.toFixed(1)} s (${this.taskSeconds.toFixed(1)} s of task time)`,
      `read ${bytesText(this.bytesRead)}, shuffled ${bytesText(this.shuffleBytesWritten)}, cached ${bytesText(this.cachedBytes)} in ${this.cachedBlocks} blocks (${this.cacheHits} hits, ${this.cacheMisses} misses), spilled ${bytesText(this.spilledBytes)}`,
    ];
    if (this.tasksFailed + this.executorsLost > 0)
      lines.push(`${this.tasksFailed} task attempts failed, ${this.executorsLost} executors lost`);
    return lines.join("\n");
  }
}

/** Metrics of a task's end that are summed under the same name. */
const SUMMED = [
  "rowsRead",
  "bytesRead",
  "shuffleBytesRead",
  "shuffleBytesWritten",
  "shuffleRowsWritten",
  "spilledBytes",
  "cacheHits",
  "cacheMisses",
  "resultBytes",
] as const;

/** Follows a log and keeps its summary: exact however long the run, for it needs no event twice. */
export class SummaryBuilder {
  readonly #summary = new RunSummary();
  /** Bytes of each cached block by executor and name. */
  readonly #cached = new Map<string, Map<string, number>>();
  #firstMs: number | undefined;

  add(event: VolleyEvent): void {
    const summary = this.#summary;
    this.#firstMs ??= event.timeMs;
    summary.wallSeconds = (event.timeMs - this.#firstMs) / 1000;
    switch (event.kind) {
      case "jobStart":
        summary.jobs++;
        break;
      case "jobEnd":
        if (event.outcome !== "succeeded") summary.jobsFailed++;
        break;
      case "stageSubmitted":
        summary.stages++;
        break;
      case "stageSkipped":
        summary.stagesSkipped++;
        break;
      case "taskEnd":
        this.#taskEnded(event);
        break;
      case "executorAdded":
        summary.executors++;
        break;
      case "executorRemoved":
        if (event.reason !== "stopped" && event.reason !== "decommissioned") summary.executorsLost++;
        this.#cached.delete(event.executorId);
        break;
      case "blockUpdated":
        if (event.block.startsWith("rdd_"))
          this.#blockUpdated(event.executorId, event.block, event.where === "gone" ? undefined : event.bytes);
        break;
    }
  }

  /** As things stand now: a copy. */
  summary(): RunSummary {
    const copy = Object.assign(new RunSummary(), this.#summary);
    for (const blocks of this.#cached.values()) {
      copy.cachedBlocks += blocks.size;
      for (const bytes of blocks.values()) copy.cachedBytes += bytes;
    }
    return copy;
  }

  #taskEnded(event: Extract<VolleyEvent, { kind: "taskEnd" }>): void {
    const summary = this.#summary;
    summary.tasks++;
    summary.taskSeconds += event.runMs / 1000;
    if (event.speculative) summary.tasksSpeculative++;
    if (event.outcome === "failed" || event.outcome === "lost") summary.tasksFailed++;
    if (event.outcome !== "succeeded") return;
    for (const name of SUMMED) summary[name] += event.metrics[name] ?? 0;
  }

  #blockUpdated(executorId: string, block: string, bytes: number | undefined): void {
    let blocks = this.#cached.get(executorId);
    if (blocks === undefined) {
      blocks = new Map();
      this.#cached.set(executorId, blocks);
    }
    if (bytes === undefined) blocks.delete(block);
    else blocks.set(block, bytes);
  }
}

/** The summary of a whole log, read from a file or from memory. */
export function summarize(events: Iterable<VolleyEvent>): RunSummary {
  const builder = new SummaryBuilder();
  for (const event of events) builder.add(event);
  return builder.summary();
}

function bytesText(bytes: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let size = bytes;
  let unit = 0;
  while (size >= 1024 && unit < units.length - 1) {
    size /= 1024;
    unit++;
  }
  return unit === 0 ? `${size} B` : `${size.toFixed(1)} ${units[unit]}`;
}
