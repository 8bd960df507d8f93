/** Envelopes without capture: plain data is written, so that each task gets its own copy; functions and all else are handed over as they are. */

import { rememberStrict } from "../closure/captured-values.js";
import { NODE } from "../closure/envelope-format.js";
import { EnvelopeWriter, HOLE_MARK, type NodeDescription } from "../closure/envelope-writer.js";
import { defineKnown, knownName } from "../closure/known.js";
import { isPlainObject } from "../lib/plain-object.js";

let handed = 0;

export function directEnvelope(roots: readonly unknown[]): Uint8Array {
  const numbers = new Map<object | symbol, number>();
  const writer = new EnvelopeWriter((value) => numbers.get(value) as number);
  for (const root of roots) write(root, numbers, writer);
  return writer.finish(roots);
}

/** Writes what a value is made of, then the value: smaller numbers first. */
function write(value: unknown, numbers: Map<object | symbol, number>, writer: EnvelopeWriter): void {
  if ((typeof value !== "object" && typeof value !== "function") || value === null || numbers.has(value)) return;
  const { description, parts } = describe(value);
  for (const part of parts) write(part, numbers, writer);
  numbers.set(value, numbers.size);
  writer.node(description);
}

function describe(value: object): { readonly description: NodeDescription; readonly parts: readonly unknown[] } {
  if (Array.isArray(value)) {
    const slots = Array.from(value, (item: unknown, index) => (index in value ? item : HOLE_MARK));
    return { description: { kind: NODE.array, slots }, parts: value };
  }
  if (isPlainObject(value)) {
    const values = Object.values(value);
    return { description: { kind: NODE.object, keys: Object.keys(value), values }, parts: values };
  }
  if (Object.getPrototypeOf(value) === Set.prototype) {
    const slots = [...(value as Set<unknown>)];
    return { description: { kind: NODE.set, slots }, parts: slots };
  }
  let name = knownName(value);
  if (name === undefined) {
    name = `handed-over-${handed++}`;
    // Tests are modules.
    if (typeof value === "function") rememberStrict(value);
    defineKnown(name, value);
  }
  return { description: { kind: NODE.known, texts: [name] }, parts: [] };
}
