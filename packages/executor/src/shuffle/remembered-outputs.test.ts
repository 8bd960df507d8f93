import { describe, expect, test } from "vitest";
import { type LocalOutput, MEMORY, MEMORY_BYTES } from "../task/slot-messages.js";
import { RememberedOutputs } from "./remembered-outputs.js";

const outputs: readonly LocalOutput[] = [];

describe("RememberedOutputs", () => {
  test("holds what was said of the present generation only", () => {
    const cells = new Int32Array(new SharedArrayBuffer(MEMORY_BYTES));
    const remembered = new RememberedOutputs(cells);
    expect(remembered.get(1)).toBeUndefined();
    remembered.set(1, outputs, 0);
    expect(remembered.get(1)).toBe(outputs);
    Atomics.add(cells, MEMORY.outputsGeneration, 1);
    expect(remembered.get(1)).toBeUndefined();
    // An answer that was on its way when something changed.
    remembered.set(1, outputs, 0);
    expect(remembered.get(1)).toBeUndefined();
  });
});
