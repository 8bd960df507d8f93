import fc from "fast-check";
import { expect, test } from "vitest";
import { SeqWindow } from "./seq-window.js";

test("each number is seen first once, in any order and however often it comes", () => {
  const numbers = fc.array(fc.nat(30), { maxLength: 200 });
  fc.assert(
    fc.property(numbers, (all) => {
      const window = new SeqWindow();
      const seen = new Set<number>();
      for (const seq of all) {
        expect(window.has(seq)).toBe(seen.has(seq));
        expect(window.firstSight(seq)).toBe(!seen.has(seq));
        seen.add(seq);
      }
    }),
    { seed: 12 },
  );
});
