import { expect, it } from "vitest";
import type { ClassRegistry } from "../columnar/types.js";
import { valueDifference } from "../columnar/value-difference.js";
import { valueCopier } from "./value-copier.js";

const classes = { idOf: () => undefined, byId: () => Object } as unknown as ClassRegistry;
const shared = { a: 1 };

/** All objects that can be reached from a value. */
function objectsOf(value: unknown, into = new Set<object>()): Set<object> {
  if (typeof value !== "object" || value === null || into.has(value)) return into;
  into.add(value);
  const parts = value instanceof Map || value instanceof Set ? [...value].flat() : Object.values(value);
  for (const part of parts) objectsOf(part, into);
  return into;
}

it.each<[string, unknown]>([
  ["an array", [0, "a", null, undefined, -0, Number.NaN]],
  ["an object", { sum: 0, count: 0 }],
  ["an object with a field named __proto__", JSON.parse('{"__proto__": {"a": [1]}, "b": 2}')],
  ["nested parts", { list: [[1], { at: new Date(5) }], none: null, sums: Float64Array.of(1, 2) }],
  ["a Map and a Set", [new Map([["k", [1]]]), new Set([[2]])]],
  ["an array with holes", [1, , 3]],
  ["one part in two places", [shared, shared]],
])("copies %s at each call, and shares nothing", (_, value) => {
  const copy = valueCopier(value, classes);
  const copies = [copy(), copy()];
  for (const made of copies) expect(valueDifference(made, value)).toBe(undefined);
  const objects = [value, ...copies].map((one) => objectsOf(one));
  expect(new Set(objects.flatMap((set) => [...set])).size).toBe(objects.reduce((sum, { size }) => sum + size, 0));
});
