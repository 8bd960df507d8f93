import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Failure, UserPlace } from "@volley/engine/wire/errors.js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { failureReport, REPORT_LINES_MAX } from "./failure-report.js";

let folder: string;
let file: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "report-"));
  file = join(folder, "words.ts");
  writeFileSync(
    file,
    "const rdd = words\n  .map((word) => word.length)\n  .map((n) => n.toFixed(200))\n  .collect();\n",
  );
});
afterAll(() => rmSync(folder, { recursive: true }));

function failure(): Failure {
  return {
    code: "USER_FUNCTION_FAILED",
    message: "toFixed() digits argument must be between 0 and 100",
    details: { site: 1, stageId: 3, partition: 2, attempt: 3, executorId: "0", record: "5" },
    cause: {
      name: "RangeError",
      message: "toFixed() digits argument must be between 0 and 100",
      stack: `RangeError: toFixed() digits argument must be between 0 and 100\n    at Number.toFixed (<anonymous>)\n    at ${file}:3:18\n    at stage (volley:stage:1:1)\n    at MessagePort.<anonymous> (node:internal/per_context/messageport:23:28)`,
      cause: { name: "CustomError", message: "inner", code: "E_INNER" },
    },
  };
}

const context = {
  action: "collect at words.ts:4",
  stage: {
    name: "map at words.ts:3",
    site: (index: number) => ({ operator: index === 1 ? "map" : "other", place: { file, line: 3, column: 4 } }),
  },
};

describe("a failure's report", () => {
  it("says what failed where, with the line", () => {
    const error = failureReport(failure(), context);
    expect(error.message.replaceAll(folder, "")).toMatchInlineSnapshot(`
      "the function given to map threw RangeError: toFixed() digits argument must be between 0 and 100
        in stage 3 (map at words.ts:3), partition 2, attempt 4, executor 0
        during collect at words.ts:4
        at /words.ts:3:18
        record: 5
          2 |   .map((word) => word.length)
        > 3 |   .map((n) => n.toFixed(200))
            |                  ^
          4 |   .collect();"
    `);
    expect(error.details).toMatchObject({ operator: "map", place: { file, line: 3, column: 18 }, partition: 2 });
  });

  it("gives the user's own error as cause, of its class, and its causes", () => {
    const { cause } = failureReport(failure(), context);
    expect(cause).toBeInstanceOf(RangeError);
    const inner = (cause as Error).cause as Error & { code: string };
    expect([inner.name, inner.message, inner.code]).toEqual(["CustomError", "inner", "E_INNER"]);
    // The stage program's own frame is nobody's business.
    expect((cause as Error).stack?.split("\n").slice(1)).toEqual([
      "    at Number.toFixed (<anonymous>)",
      `    at ${file}:3:18`,
    ]);
  });

  it("maps compiled places", () => {
    const error = failureReport(failure(), { ...context, mapPlace: (place) => ({ ...place, line: place.line + 100 }) });
    expect(error.message).toContain("words.ts:103:18");
    expect((error.cause as Error).stack).toContain(`at ${file}:103:18`);
  });

  it("maps call sites only where the driver's own stacks are not mapped", () => {
    const own = failure();
    const silent = { ...own, cause: { name: "Error", message: "thrown text" } };
    const mapPlace = (place: UserPlace) => ({ ...place, line: place.line + 100 });
    const { prepareStackTrace } = Error;
    const enabled = process.sourceMapsEnabled;
    try {
      Object.assign(Error, { prepareStackTrace: undefined });
      process.setSourceMapsEnabled(false);
      expect(failureReport(silent, { ...context, mapPlace }).message).toContain("words.ts:103:4");
      process.setSourceMapsEnabled(true);
      expect(failureReport(silent, { ...context, mapPlace }).message).toContain("words.ts:3:4");
      expect(failureReport(own, { ...context, mapPlace }).message).toContain("words.ts:103:18");
    } finally {
      process.setSourceMapsEnabled(enabled);
      Object.assign(Error, { prepareStackTrace });
    }
  });

  it("stays within its lines whatever the message", () => {
    const wild = failure();
    const image = { ...(wild.cause as NonNullable<Failure["cause"]>), message: `${"x".repeat(5000)}\n`.repeat(50) };
    const error = failureReport(
      { ...wild, details: { ...wild.details, record: "a\nb\n".repeat(1000) }, cause: image },
      context,
    );
    expect(error.message.split("\n").length).toBeLessThanOrEqual(REPORT_LINES_MAX);
    expect(error.message.length).toBeLessThan(3000);
    expect((error.cause as Error).message).toBe(image.message);
  });

  it("falls back on the operator's call site, and on nothing", () => {
    const { cause: _cause, ...plain } = failure();
    expect(failureReport(plain, context).details.place).toEqual({ file, line: 3, column: 4 });
    expect(
      failureReport({ code: "STAGE_ABORTED", message: "gave up", details: {} }, { action: "count at a.ts:1" }).message,
    ).toBe("gave up\n  during count at a.ts:1");
  });
});
