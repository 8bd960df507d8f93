import fc from "fast-check";
import { expect, it } from "vitest";
import { Queue } from "./queue.js";

it("gives what an array gives", () => {
  const command = fc.oneof(
    fc.record({ kind: fc.constant("push" as const), value: fc.integer() }),
    fc.record({ kind: fc.constant("shift" as const) }),
    fc.record({ kind: fc.constant("take" as const), offset: fc.nat(5) }),
  );
  const property = fc.property(fc.array(command, { maxLength: 200 }), (commands) => {
    const queue = new Queue<number>();
    const array: number[] = [];
    for (const one of commands) {
      if (one.kind === "push") {
        queue.push(one.value);
        array.push(one.value);
      } else if (one.kind === "shift") expect(queue.shift()).toBe(array.shift());
      else expect(queue.take(one.offset)).toBe(array.splice(one.offset, 1)[0]);
      expect(queue.size).toBe(array.length);
      expect(queue.peek()).toBe(array[0]);
    }
  });
  fc.assert(property, { seed: 11, numRuns: 200 });
});

it("trims what was taken", () => {
  const queue = new Queue<number>();
  for (let index = 0; index < 10_000; index++) queue.push(index);
  for (let index = 0; index < 9_000; index++) expect(queue.shift()).toBe(index);
  expect(queue.at(0)).toBe(9_000);
  expect(queue.size).toBe(1_000);
});
