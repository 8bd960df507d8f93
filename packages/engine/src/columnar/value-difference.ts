/**
 * Test kit: where two values differ, or undefined when one is a faithful copy of the other. Stricter than deepStrictEqual: order of
 * properties, holes, -0, invalid Dates, and the same sharing (two places hold one object in both values, or in neither).
 */
export function valueDifference(a: unknown, b: unknown): string | undefined {
  const aToB = new Map<object, object>();
  const bToA = new Map<object, object>();
  const work: [unknown, unknown, string][] = [[a, b, "value"]];
  for (let next = work.pop(); next !== undefined; next = work.pop()) {
    const [left, right, path] = next;
    if (typeof left !== "object" || left === null || typeof right !== "object" || right === null) {
      if (!Object.is(left, right)) return `${path}: ${String(left)} and ${String(right)}`;
      continue;
    }
    if (aToB.has(left) || bToA.has(right)) {
      if (aToB.get(left) !== right || bToA.get(right) !== left) return `${path}: shared in one, not in the other`;
      continue;
    }
    aToB.set(left, right);
    bToA.set(right, left);
    if (Object.getPrototypeOf(left) !== Object.getPrototypeOf(right)) return `${path}: of different classes`;
    if (internals(left) !== internals(right)) return `${path}: ${internals(left)} and ${internals(right)}`;
    const names = ownNames(left);
    if (names.join("\0") !== ownNames(right).join("\0"))
      return `${path}: properties ${names.join()} and ${ownNames(right).join()}`;
    for (const name of names)
      work.push([(left as Record<string, unknown>)[name], (right as Record<string, unknown>)[name], `${path}.${name}`]);
    if (left instanceof Map || left instanceof Set)
      work.push([contents(left), contents(right as never), `${path} contents`]);
  }
  return undefined;
}

function contents(value: Map<unknown, unknown> | Set<unknown>): unknown[] {
  return value instanceof Map ? [...Map.prototype.entries.call(value)].flat(1) : [...Set.prototype.values.call(value)];
}

function ownNames(value: object): string[] {
  if (ArrayBuffer.isView(value)) return [];
  if (value instanceof Error) return Object.getOwnPropertyNames(value).sort();
  return Object.keys(value);
}

/** What is not in properties, as text. */
function internals(value: object): string {
  if (Array.isArray(value)) return `array of ${value.length}`;
  if (value instanceof Date) return `date ${Date.prototype.getTime.call(value)}`;
  if (value instanceof RegExp) return `${RegExp.prototype.toString.call(value)} at ${value.lastIndex}`;
  if (value instanceof URL) return value.href;
  if (value instanceof Number || value instanceof String || value instanceof Boolean || value instanceof BigInt)
    return `boxed ${typeof value.valueOf()} ${Object.is(value.valueOf(), -0) ? "-0" : value.valueOf()}`;
  if (ArrayBuffer.isView(value))
    return `bytes ${new Uint8Array(value.buffer, value.byteOffset, value.byteLength).join()}`;
  if (value instanceof ArrayBuffer) return `bytes ${new Uint8Array(value).join()}`;
  return "";
}
