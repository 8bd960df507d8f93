import { expect, it } from "vitest";
import type { Attempt } from "./attempt.js";
import { type Executor, Executors } from "./executors.js";

function attempt(executor: Executor, taskId: number): Attempt {
  return { order: { taskId }, executor, startedAt: -1, state: "launched" } as unknown as Attempt;
}

it("knows which tasks hold a slot", () => {
  const executors = new Executors();
  const executor = executors.add("a", "1", 1, "host", 0);
  executor.state = "alive";
  const [first, second, third] = [0, 1, 2].map((taskId) => attempt(executor, taskId)) as [Attempt, Attempt, Attempt];
  for (const one of [first, second, third]) executors.give(executor, one, 10);
  executors.validate();
  expect([first.startedAt, second.startedAt, third.startedAt]).toEqual([10, -1, -1]);
  executors.takeBack(executor, second, 15);
  executors.takeBack(executor, first, 20);
  executors.validate();
  expect(third.startedAt).toBe(20);
});

it("fences incarnations off and keeps hosts as long as one of their executors lives", () => {
  const executors = new Executors();
  const a = executors.add("a", "1", 1, "host", 0);
  const b = executors.add("b", "1", 1, "host", 0);
  executors.remove(a);
  expect(executors.isFenced("a", "1")).toBe(true);
  expect(executors.isFenced("a", "2")).toBe(false);
  expect(executors.hasHost("host")).toBe(true);
  expect(executors.at(a.index)).toBeUndefined();
  expect(executors.at(b.index)).toBe(b);
  executors.remove(b);
  expect(executors.hasHost("host")).toBe(false);
});
