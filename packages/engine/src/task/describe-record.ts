/** Characters of a record that an error shows: enough to find it, too few to fill a screen or a log. */
export const RECORD_TEXT_MAX = 200;
const DEPTH_MAX = 4;
const ITEMS_MAX = 10;

/** A record as short text in JavaScript's notation. Never throws, never runs the record's own code. */
export function describeRecord(value: unknown): string {
  let text: string;
  try {
    text = describe(value, 0);
  } catch {
    // A proxy whose traps throw.
    return "(cannot be shown)";
  }
  return text.length > RECORD_TEXT_MAX ? `${text.slice(0, RECORD_TEXT_MAX)}…` : text;
}

function describe(value: unknown, depth: number): string {
  switch (typeof value) {
    case "string":
      return JSON.stringify(value.length > RECORD_TEXT_MAX ? `${value.slice(0, RECORD_TEXT_MAX)}…` : value);
    case "bigint":
      return `${value}n`;
    case "object":
      return value === null ? "null" : describeObject(value, depth);
    case "function":
      return "[function]";
    default:
      return Object.is(value, -0) ? "-0" : String(value);
  }
}

function describeObject(value: object, depth: number): string {
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? "Invalid Date" : value.toISOString();
  if (value instanceof RegExp) return RegExp.prototype.toString.call(value);
  if (depth >= DEPTH_MAX) return Array.isArray(value) ? "[…]" : "{…}";
  if (ArrayBuffer.isView(value))
    return `${Object.prototype.toString.call(value).slice(8, -1)}(${value.byteLength} bytes)`;
  if (value instanceof Map) return `Map(${value.size})`;
  if (value instanceof Set) return `Set(${value.size})`;
  if (Array.isArray(value)) {
    const items = value.slice(0, ITEMS_MAX).map((item) => describe(item, depth + 1));
    return `[${items.join(", ")}${value.length > ITEMS_MAX ? `, … ${value.length} in all` : ""}]`;
  }
  const entries = Object.entries(Object.getOwnPropertyDescriptors(value)).filter(([, property]) => property.enumerable);
  const fields = entries
    .slice(0, ITEMS_MAX)
    .map(([key, property]) => `${key}: ${"value" in property ? describe(property.value, depth + 1) : "(getter)"}`);
  return `{ ${fields.join(", ")}${entries.length > ITEMS_MAX ? ", …" : ""} }`;
}
