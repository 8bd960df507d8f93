import type { TaskEnd } from "@volley/engine/wire/messages.js";
import { describe, expect, test } from "vitest";
import { script, textOf, useExecutors } from "./testing/executor-fixture.js";
import { taskSpec } from "./testing/executor-process.js";

const executors = useExecutors();

function failure(end: TaskEnd) {
  if (end.outcome !== "failed") throw new Error(`a failed task, not ${end.outcome}`);
  return end.failure;
}

describe("tasks of an executor", () => {
  test("run in its slots and report results", async () => {
    const executor = await executors.start();
    const ids = await executor.run(script("return task.partition * 2"), [{}, {}, {}]);
    const ended = await executor.ends(ids);
    expect(ended.map(({ result }) => textOf(result))).toEqual(["0", "2", "4"]);
  });

  test("may be asynchronous", async () => {
    const executor = await executors.start();
    const ids = await executor.run("async (task) => { await null; return { result: Buffer.from('late') }; }");
    const [ended] = await executor.ends(ids);
    expect(textOf(ended?.result)).toBe("late");
  });

  test("read the envelopes that came with their stage", async () => {
    const executor = await executors.start();
    const stage = {
      stageKey: 500,
      sources: [script("return Buffer.from(envelope(3)).toString()")],
      pipelines: [],
      bindings: [[3, 0]] as [number, number][],
    };
    const task = taskSpec({ taskId: 1, stageKey: 500 });
    await executor.launch({ stages: [stage], envelopes: [{ envelopeId: 3, frame: 0 }], tasks: [task as never] }, [
      Buffer.from("captured"),
    ]);
    const [ended] = await executor.ends([1]);
    expect(textOf(ended?.result)).toBe('"captured"');
  });

  test("of a launch that came twice run once", async () => {
    const executor = await executors.start({ slots: 1 });
    const stage = {
      stageKey: 501,
      sources: [script("return globalThis.runs = (globalThis.runs ?? 0) + 1")],
      pipelines: [],
      bindings: [],
    };
    const launch = { seq: 100, stages: [stage], tasks: [taskSpec({ taskId: 2, stageKey: 501 }) as never] };
    await executor.launch(launch);
    await executor.ends([2]);
    expect(await executor.launch(launch)).toEqual({ executorId: "1", accepted: true });
    const ids = await executor
      .run("unused", [{ taskId: 3 }], { stageKey: 501, sources: [] })
      .then((launched) => launched);
    const [ended] = await executor.ends(ids);
    expect(textOf(ended?.result)).toBe("2");
  });

  test("get as many slots as were asked for, on however few cores", async () => {
    const executor = await executors.start({ slots: 5 });
    const ids = await executor.run(
      "(task, io) => { console.log('task ' + task.partition + ' runs'); for (;;) io.checkCancelled(); }",
      [{}, {}, {}, {}, {}],
    );
    await Promise.all([0, 1, 2, 3, 4].map((partition) => executor.printed(`task ${partition} runs`)));
    await executor.post("/v1/kill", { epoch: 7, taskIds: ids, reason: "all run" });
    expect((await executor.ends(ids)).every(({ end }) => end.outcome === "killed")).toBe(true);
  });

  test("that wait when their program is forgotten do not run", async () => {
    const executor = await executors.start({ slots: 1 });
    const busy = await executor.run("(task, io) => { for (;;) io.checkCancelled(); }");
    const waiting = await executor.run(script("return 1"), [{}], { stageKey: 777 });
    await executor.launch({ forgetStages: [777] });
    await executor.post("/v1/kill", { epoch: 7, taskIds: busy, reason: "over" });
    expect((await executor.ends(waiting))[0]?.end.outcome).toBe("killed");
  });

  test("whose stage never came are not accepted", async () => {
    const executor = await executors.start();
    const reply = await executor.launch({ tasks: [taskSpec({ taskId: 4, stageKey: 77 }) as never] });
    expect(reply).toEqual({ executorId: "1", accepted: false });
  });

  test("that throw are reported with the user's error", async () => {
    const executor = await executors.start();
    const ids = await executor.run(
      "(task) => { throw Object.assign(new RangeError('too much'), { cause: new Error('why') }); }",
      [{ stageId: 9, attempt: 2 }],
    );
    const [ended] = await executor.ends(ids);
    const failed = failure((ended as { end: TaskEnd }).end);
    expect(failed).toMatchObject({
      message: "too much",
      details: { stageId: 9, attempt: 2, partition: 0, executorId: "1" },
    });
    expect(failed.cause).toMatchObject({ name: "RangeError", cause: { message: "why" } });
    expect(failed.cause?.stack).toContain("/user/script.js:1:");
  });

  test("keep a large result on the executor until it is removed", async () => {
    const executor = await executors.start();
    const [id] = (await executor.run("() => ({ result: new Uint8Array(300 << 10).fill(7) })")) as [number];
    const [ended] = await executor.ends([id]);
    expect(ended?.end).toMatchObject({ result: { at: "executor", bytes: 300 << 10 } });
    const response = await executor.call(`/v1/blocks/result_${id}`);
    expect(new Uint8Array(await response.arrayBuffer())).toEqual(new Uint8Array(300 << 10).fill(7));
    const nothing = { epoch: 7, rddIds: [], shuffleIds: [], broadcastIds: [], sourceRddIds: [] };
    await executor.post("/v1/remove", { ...nothing, blocks: [`result_${id}`] });
    expect((await executor.call(`/v1/blocks/result_${id}`)).status).toBe(404);
  });

  test("print at once, also while they run", async () => {
    const executor = await executors.start();
    const [id] = (await executor.run(
      "(task, io) => { console.log('from the task'); for (;;) io.checkCancelled(); }",
    )) as [number];
    await executor.printed("from the task");
    expect(executors.driver.ended.has(id)).toBe(false);
    await executor.post("/v1/kill", { epoch: 7, taskIds: [id], reason: "enough" });
    expect((await executor.ends([id]))[0]?.end.outcome).toBe("killed");
  });
});

describe("killing a task", () => {
  const kill = (taskIds: number[]) => ({ epoch: 7, taskIds, reason: "the test says so" });

  test("takes it out of the queue", async () => {
    const executor = await executors.start({ slots: 1 });
    const ids = await executor.run("(task, io) => { for (;;) io.checkCancelled(); }", [{}, {}]);
    await executor.post("/v1/kill", kill([ids[1] as number]));
    const [second] = await executor.ends([ids[1] as number]);
    expect(second?.end.outcome).toBe("killed");
    await executor.post("/v1/kill", kill(ids));
    expect((await executor.ends(ids)).map(({ end }) => end.outcome)).toEqual(["killed", "killed"]);
  });

  test("ends one that never looks at the flag, and the slot goes on with another thread", async () => {
    const executor = await executors.start({ slots: 1 });
    const [id] = (await executor.run("() => { for (;;); }")) as [number];
    await executor.post("/v1/kill", kill([id]));
    expect((await executor.ends([id]))[0]?.end.outcome).toBe("killed");
    const [ended] = await executor.ends(await executor.run(script("return 'alive'")));
    expect(textOf(ended?.result)).toBe('"alive"');
  });

  test("ends one that waits for an answer", async () => {
    const executor = await executors.start({ slots: 1 });
    executors.driver.locations = () => ({ shuffles: [{ shuffleId: 1, outputs: [], complete: true }], blocks: [] });
    const [id] = (await executor.run(
      "(task, io) => { for (const _ of io.runProcess(['sleep', '1000'], {}, [])); return {}; }",
    )) as [number];
    await executor.post("/v1/kill", kill([id]));
    expect((await executor.ends([id]))[0]?.end.outcome).toBe("killed");
  });
});

describe("a slot that is lost", () => {
  const survives = async (code: string, executor: Awaited<ReturnType<typeof executors.start>>) => {
    const [id] = (await executor.run(code)) as [number];
    const [ended] = await executor.ends([id]);
    const next = await executor.ends(await executor.run(script("return 1")));
    expect(textOf(next[0]?.result)).toBe("1");
    return failure((ended as { end: TaskEnd }).end);
  };

  test("by process.exit fails its task and names the line", async () => {
    const executor = await executors.start({ slots: 1 });
    const failed = await survives("() => { process.exit(3); }", executor);
    expect(failed).toMatchObject({ code: "SLOT_LOST", message: "user code called process.exit(3)" });
    expect(failed.cause?.stack).toContain("/user/script.js:1:");
  });

  test("by a promise that nobody caught fails the task that left it", async () => {
    const executor = await executors.start({ slots: 1 });
    const failed = await survives("() => { Promise.reject(new Error('left alone')); return {}; }", executor);
    expect(failed).toMatchObject({ code: "SLOT_LOST", cause: { message: "left alone" } });
  });

  test("by an error in a timer fails the task that waits", async () => {
    const executor = await executors.start({ slots: 1 });
    const failed = await survives(
      "() => new Promise(() => setTimeout(() => { throw new Error('in a timer'); }, 1))",
      executor,
    );
    expect(failed).toMatchObject({ code: "SLOT_LOST", cause: { message: "in a timer" } });
  });

  test("by a change of the intrinsics is replaced before the next job", async () => {
    const executor = await executors.start({ slots: 1 });
    const spoil = await executor.run(
      script("Array.prototype.last = function () { return this.at(-1); }; return [1].last()"),
      [{ jobId: 1 }],
    );
    expect(textOf((await executor.ends(spoil))[0]?.result)).toBe("1");
    const same = await executor.run(script("return typeof [].last"), [{ jobId: 1 }]);
    expect(textOf((await executor.ends(same))[0]?.result)).toBe('"function"');
    const other = await executor.run(script("return typeof [].last"), [{ jobId: 2 }]);
    expect(textOf((await executor.ends(other))[0]?.result)).toBe('"undefined"');
  });

  test("is not lost by ordinary jobs", async () => {
    const executor = await executors.start({ slots: 1 });
    const count = script(
      "console.error; new Intl.NumberFormat().format(1); /a/.exec('a'); structuredClone({}); return globalThis.jobs = (globalThis.jobs ?? 0) + 1",
    );
    for (const jobId of [1, 2, 3]) {
      const [ended] = await executor.ends(await executor.run(count, [{ jobId }]));
      expect(textOf(ended?.result)).toBe(String(jobId));
    }
  });

  test("by running out of heap fails as OUT_OF_MEMORY, and other slots go on", { timeout: 60_000 }, async () => {
    const executor = await executors.start({ slots: 2, slotHeapMiB: 64 });
    const other = await executor.run("(task, io) => { for (;;) io.checkCancelled(); }");
    const [id] = (await executor.run("() => { let all; for (;;) all = { all, here: [1, 2, 3] }; }")) as [number];
    const [ended] = await executor.ends([id]);
    expect(failure((ended as { end: TaskEnd }).end).code).toBe("OUT_OF_MEMORY");
    expect(executors.driver.ended.has(other[0] as number)).toBe(false);
    await executor.post("/v1/kill", { epoch: 7, taskIds: other, reason: "over" });
    expect((await executor.ends(other))[0]?.end.outcome).toBe("killed");
  });
});
