import { expect, it } from "vitest";
import { HISTORY_SIZE } from "./limits.js";
import { allTransitions, Transitions } from "./transitions.js";

it("refuses what stands in no table, with the story of the thing", () => {
  const transitions = new Transitions();
  transitions.move("job", 3, "new", "active", 1);
  transitions.move("job", 4, "new", "active", 1);
  transitions.move("job", 3, "active", "finished", 2);
  expect(() => transitions.move("job", 3, "finished", "failed", 9)).toThrow(
    "job 3 cannot go from finished to failed (step 9)\n  step 1: new -> active\n  step 2: active -> finished",
  );
});

it("tells a probe of each", () => {
  const seen: string[] = [];
  const transitions = new Transitions((machine, from, to) => seen.push(`${machine}: ${from} -> ${to}`));
  transitions.move("executor", 0, "new", "alive", 1);
  expect(seen).toEqual(["executor: new -> alive"]);
  expect(allTransitions()).toContain("executor: new -> alive");
});

it("remembers the last ones only", () => {
  const transitions = new Transitions();
  transitions.move("job", -1, "new", "active", 0);
  for (let id = 0; id < HISTORY_SIZE; id++) transitions.move("job", id, "new", "active", 1);
  expect(transitions.story("job", -1)).toBe("  nothing is remembered of it");
  expect(transitions.story("job", 0)).toBe("  step 1: new -> active");
});
