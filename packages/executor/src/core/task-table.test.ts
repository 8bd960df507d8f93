import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { taskSpec } from "../testing/executor-process.js";
import { TaskTable } from "./task-table.js";

const task = (taskId: number) => taskSpec({ taskId, stageKey: 1 });

describe("TaskTable", () => {
  test("hands tasks out in the order they came, without those that ended meanwhile", () => {
    const table = new TaskTable();
    for (const id of [1, 2, 3]) expect(table.add(task(id))).toBe(true);
    expect(table.add(task(2))).toBe(false);
    table.move(1, { kind: "ended" });
    expect(table.takeNext()?.taskId).toBe(2);
  });

  test("puts a task that was given back before the others", () => {
    const table = new TaskTable();
    for (const id of [1, 2]) table.add(task(id));
    const first = table.takeNext();
    table.move(1, { kind: "running", slotId: 1, run: 1 });
    table.requeueFirst(1);
    expect([first?.taskId, table.takeNext()?.taskId]).toEqual([1, 1]);
  });

  test("throws the story of an illegal transition", () => {
    const table = new TaskTable();
    table.add(task(1));
    expect(() => table.move(1, { kind: "stopping", slotId: 1, run: 1, reason: "" })).toThrow(
      "task 1 goes queued -> stopping",
    );
    expect(() => table.move(2, { kind: "ended" })).toThrow("task 2 is here");
  });

  test("stays whole whatever comes, and is empty at the end", () => {
    const steps = fc.array(fc.tuple(fc.constantFrom("add", "start", "stop", "end", "giveBack"), fc.nat(9)), {
      maxLength: 80,
    });
    fc.assert(
      fc.property(steps, (all) => {
        const table = new TaskTable();
        let slotId = 0;
        for (const [step, id] of all) {
          const state = table.stateOf(id);
          if (step === "add") table.add(task(id));
          else if (step === "start") {
            const next = table.takeNext();
            if (next !== undefined) table.move(next.taskId, { kind: "running", slotId: ++slotId, run: 1 });
          } else if (state?.kind === "running" && step === "stop")
            table.move(id, { ...state, kind: "stopping", reason: "" });
          else if (state?.kind === "running" && step === "giveBack") table.requeueFirst(id);
          else if (state !== undefined && step === "end") table.move(id, { kind: "ended" });
          table.validate();
        }
        for (const id of table.ids()) table.move(id, { kind: "ended" });
        expect([table.size, table.takeNext()]).toEqual([0, undefined]);
      }),
      { seed: 11 },
    );
  });
});
