import { appendFileSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { EventLog } from "./event-log.js";
import { EventLogFile } from "./event-log-file.js";
import { type EventBody, EventSchema, type VolleyEvent } from "./events.js";
import { ListenerBus } from "./listener-bus.js";
import { ProgressLine } from "./progress-line.js";
import { readEventLog } from "./read-event-log.js";
import { summarize } from "./run-summary.js";
import { StatusTracker } from "./status-tracker.js";

const unexpected = (error: unknown) => expect.unreachable(String(error));
const folder = mkdtempSync(join(tmpdir(), "observe-"));
afterAll(() => rmSync(folder, { recursive: true }));

const task = (taskId: number) => ({
  taskId,
  jobId: 0,
  stageId: 7,
  partition: taskId,
  attempt: 0,
  speculative: false,
  executorId: "0",
});
const RUN: readonly EventBody[] = [
  { kind: "applicationStart", version: 1, applicationId: "app", appName: "test", master: "local", nodeVersion: "v20" },
  { kind: "executorAdded", executorId: "0", host: "127.0.0.1", slots: 2, memoryBytes: 100 },
  { kind: "jobStart", jobId: 0, description: "collect", stageIds: [7], group: "g", tags: [] },
  { kind: "stageSubmitted", stageId: 7, run: 1, name: "map", tasks: 2, jobIds: [0] },
  { kind: "taskStart", ...task(0) },
  { kind: "taskStart", ...task(1) },
  { kind: "blockUpdated", executorId: "0", block: "rdd_1_0", where: "memory", bytes: 50 },
  { kind: "taskEnd", ...task(0), outcome: "succeeded", runMs: 500, metrics: { rowsRead: 10, cacheMisses: 1 } },
  {
    kind: "taskEnd",
    ...task(1),
    outcome: "failed",
    runMs: 100,
    metrics: { rowsRead: 99 },
    code: "USER_FUNCTION_FAILED",
    message: "no",
  },
  { kind: "stageCompleted", stageId: 7, run: 1, outcome: "failed", message: "no" },
  { kind: "jobEnd", jobId: 0, outcome: "failed", code: "USER_FUNCTION_FAILED", message: "no" },
  { kind: "applicationEnd" },
];

function replay(): { log: EventLog; events: VolleyEvent[] } {
  let now = 0;
  const log = new EventLog(() => (now += 100), unexpected, 100);
  for (const body of RUN) log.append({ ...body });
  return { log, events: [...log.since(0)] };
}

describe("the event log", () => {
  it("numbers events, and they fit their schema", () => {
    const { events } = replay();
    expect(events.map((event) => event.seq)).toEqual(RUN.map((_, index) => index));
    for (const event of events) expect(EventSchema.parse(event)).toEqual(event);
  });

  it("keeps a bounded number", () => {
    const log = new EventLog(() => 0, unexpected, 3);
    for (let index = 0; index < 10; index++) log.append({ kind: "executorExcluded", executorId: String(index) });
    expect(Array.from(log.since(0), (event) => event.seq)).toEqual([7, 8, 9]);
    expect(Array.from(log.since(9), (event) => event.seq)).toEqual([9]);
  });

  it("takes off a subscriber that throws, and tells of it once", () => {
    const defects: unknown[] = [];
    const log = new EventLog(
      () => 0,
      (error) => defects.push(error),
    );
    log.subscribe(() => {
      throw new Error("mine");
    });
    let seen = 0;
    log.subscribe(() => seen++);
    log.append({ kind: "applicationEnd" });
    log.append({ kind: "applicationEnd" });
    expect([defects.length, seen]).toEqual([1, 2]);
  });
});

describe("who follows it", () => {
  it("sums up", () => {
    const summary = summarize(replay().events);
    expect(summary).toMatchObject({
      jobs: 1,
      jobsFailed: 1,
      stages: 1,
      tasks: 2,
      tasksFailed: 1,
      rowsRead: 10,
      cacheMisses: 1,
      cachedBytes: 50,
      cachedBlocks: 1,
      taskSeconds: 0.6,
    });
    expect(String(summary)).toMatch(/^1 jobs, 1 stages/);
  });

  it("tracks status", () => {
    const tracker = new StatusTracker();
    const { events } = replay();
    for (const event of events.slice(0, 7)) tracker.add(event);
    expect([
      tracker.getActiveJobIds(),
      tracker.getActiveStageIds(),
      tracker.getJobIdsForGroup("g"),
      tracker.getJobIdsForGroup(),
    ]).toEqual([[0], [7], [0], []]);
    expect(tracker.getStageInfo(7)).toMatchObject({
      numTasks: 2,
      numActiveTasks: 2,
      currentAttemptId: 0,
      numCompletedTasks: 0,
      name: "map",
    });
    expect(tracker.getExecutorInfos()).toMatchObject([{ executorId: "0", numRunningTasks: 2 }]);
    for (const event of events.slice(7)) tracker.add(event);
    expect(tracker.getStageInfo(7)).toMatchObject({ numActiveTasks: 0, numCompletedTasks: 1, numFailedTasks: 1 });
    expect(tracker.getJobInfo(0)).toEqual({ jobId: 0, stageIds: [7], status: "failed", description: "collect" });
    expect(tracker.getJobInfo(1)).toBeUndefined();
  });

  it("calls listeners by name, after the fact", async () => {
    const bus = new ListenerBus(unexpected);
    const heard: string[] = [];
    bus.addListener({
      onJobStart: (event) => heard.push(event.description),
      onEvent: (event) => heard.push(event.kind),
    });
    for (const event of replay().events.slice(2, 4)) bus.add(event);
    expect(heard).toEqual([]);
    await Promise.resolve();
    expect(heard).toEqual(["collect", "jobStart", "stageSubmitted"]);
  });

  it("draws progress of stages that take long, and clears it", () => {
    const written: string[] = [];
    let now = 0;
    const line = new ProgressLine({ write: (text) => written.push(text), columns: 60 }, () => now);
    for (const event of replay().events.slice(0, 6)) line.add(event);
    line.draw();
    expect(written).toEqual([]);
    now = 10_000;
    line.draw();
    expect(written[0]).toMatch(/^\r\x1b\[K\[Stage 7: map +\(0 \+ 2\) \/ 2\]$/);
    line.close();
    expect(written.at(-1)).toBe("\r\x1b[K");
  });
});

describe("the log's file", () => {
  it("holds every event, for its owner only, and reads back", async () => {
    const file = new EventLogFile(folder, "app-1/../x", unexpected);
    const { events } = replay();
    for (const event of events) file.add(event);
    await file.close();
    expect(file.path).toBe(join(folder, "app-1____x.jsonl"));
    expect(await readEventLog(file.path)).toEqual({ events, skipped: 0 });
  });

  it("skips what it does not understand", async () => {
    const path = join(folder, "hostile.jsonl");
    const { events } = replay();
    const good = JSON.stringify(events[0]);
    writeFileSync(
      path,
      [
        good,
        '{"__proto__":{"kind":"applicationEnd"}}',
        '{"kind":"future","seq":1,"timeMs":1}',
        good.slice(0, 20),
        "x".repeat(2 << 20),
        good,
      ].join("\n"),
    );
    const { events: read, skipped } = await readEventLog(path);
    expect([read.length, skipped]).toEqual([2, 4]);
    expect(readFileSync(path).length).toBeGreaterThan(0);
  });

  it("skips a line longer than any string without reading it into memory", async () => {
    const path = join(folder, "long.jsonl");
    const good = `${JSON.stringify(replay().events[0])}\n`;
    writeFileSync(path, good);
    // Zeros that take no room on the disk.
    truncateSync(path, good.length + 600 * (1 << 20));
    appendFileSync(path, `\n${good}`);
    const before = process.memoryUsage.rss();
    const { events: read, skipped } = await readEventLog(path);
    expect([read.length, skipped]).toEqual([2, 1]);
    expect(process.memoryUsage.rss() - before).toBeLessThan(300 << 20);
  }, 60_000);

  it("loses events, not jobs, when it cannot be written", async () => {
    const defects: unknown[] = [];
    const file = new EventLogFile(folder, "twice", (error) => defects.push(error));
    await file.close();
    const second = new EventLogFile(folder, "twice", (error) => defects.push(error));
    for (const event of replay().events) second.add(event);
    await second.close();
    expect(defects).toHaveLength(1);
  });
});
