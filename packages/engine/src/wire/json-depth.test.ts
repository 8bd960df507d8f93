import { assert, integer, json, property } from "fast-check";
import { describe, expect, it } from "vitest";
import { jsonDepth, parseBoundedJson } from "./json-depth.js";
import { JSON_DEPTH_MAX } from "./limits.js";

/** The depth of a parsed value, by its definition. */
function depthOf(value: unknown): number {
  if (typeof value !== "object" || value === null) return 0;
  return 1 + Math.max(0, ...Object.values(value).map(depthOf));
}

describe("the depth of JSON", () => {
  it("is that of the value", () => {
    expect(() =>
      assert(
        property(json({ maxDepth: 8, stringUnit: "binary" }), (text) => jsonDepth(text) === depthOf(JSON.parse(text))),
        { seed: 1, numRuns: 500 },
      ),
    ).not.toThrow();
  });

  it("counts no bracket in a string", () => {
    for (const text of ["[[", '"', "\\", '\\"[{', "}}]]\\\\"]) expect(jsonDepth(JSON.stringify({ a: text }))).toBe(1);
  });

  it("is bounded before anything is parsed", () => {
    expect(() =>
      assert(
        property(integer({ min: 0, max: 200 }), (depth) => {
          const text = `${"[".repeat(depth)}1${"]".repeat(depth)}`;
          let refused = false;
          try {
            parseBoundedJson(text);
          } catch {
            refused = true;
          }
          return refused === depth > JSON_DEPTH_MAX;
        }),
        { seed: 2 },
      ),
    ).not.toThrow();
  });

  it("of a text that is no JSON ends too", () => {
    for (const text of ["", '"', '"\\', "]]]]", '{"a', "[".repeat(1_000_000)]) {
      expect(() => parseBoundedJson(text)).toThrow(expect.objectContaining({ code: "PROTOCOL" }));
    }
  });
});
