import { describe, expect, it } from "vitest";
import { VolleyError } from "../wire/errors.js";
import { CallSite } from "./call-site.js";
import { checkedAt, refusedAt } from "./refused-at.js";

describe("refusedAt", () => {
  it("names the user's call in message, details and stack", () => {
    const site = new CallSite("first");
    const error = refusedAt(new VolleyError("EMPTY_COLLECTION", "nothing"), site) as VolleyError;
    const { line } = site.place;
    expect(error.code).toBe("EMPTY_COLLECTION");
    expect(error.message).toMatch(new RegExp(`^nothing\\n  at .*refused-at\\.test\\.ts:${line}:\\d+$`));
    expect(error.details).toEqual({ operator: "first", place: site.place });
    expect(error.stack).toMatch(/at first \(.*refused-at\.test\.ts/);
  });

  it("leaves errors that name a place, and those that are not Volley's", () => {
    const site = new CallSite("first");
    const placed = new VolleyError("NOT_A_PAIR", "no pair", {
      details: { place: { file: "a.ts", line: 1, column: 1 } },
    });
    expect(refusedAt(placed, site)).toBe(placed);
    const other = new TypeError("other");
    expect(refusedAt(other, site)).toBe(other);
  });

  it("keeps the cause", () => {
    const cause = new Error("why");
    const error = refusedAt(new VolleyError("OUTPUT_FAILED", "no", { cause }), new CallSite("saveAsTextFile"));
    expect((error as Error).cause).toBe(cause);
  });

  it("passes on what a check gives", () => {
    expect(checkedAt(new CallSite("take"), () => 3)).toBe(3);
  });
});
