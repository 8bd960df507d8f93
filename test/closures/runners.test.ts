import { join } from "node:path";
import { captureEnvelope } from "@volley/driver/closure/capture.js";
import { beforeAll, describe, expect, it } from "vitest";
import { captureAll } from "./fixtures/capture-all.js";
import { cases } from "./fixtures/cases.js";
import { buildTools, out, RUNNERS, revive, runCases } from "./runners.js";

describe("a revived function answers as in place", () => {
  beforeAll(buildTools);
  for (const runner of RUNNERS) {
    it.skipIf(runner.isSkipped === true)(
      `captured under: ${runner.name}`,
      async () => {
        const outcomes = await runCases(runner);
        expect(outcomes.length).toBeGreaterThanOrEqual(runner.isPlain === true ? 20 : Object.keys(cases).length);
        expect(outcomes.filter(({ ok }) => !ok)).toEqual([]);
      },
      60_000,
    );
  }
  it("captured under: vitest", async () => {
    const file = join(out, "vitest.bin");
    await captureAll(cases, captureEnvelope, file);
    expect(revive(file).filter(({ ok }) => !ok)).toEqual([]);
  }, 60_000);
});
