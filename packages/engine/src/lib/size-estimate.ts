/**
 * About how many bytes of heap a value takes: what decides when a table is spilled. A sample of the value, not a walk through it, so
 * that asking costs little whatever the value's size (the idea of Spark's SizeEstimator).
 */

const ITEMS_MAX = 24;
const DEPTH_MAX = 5;
const POINTER = 8;

export function estimateSize(value: unknown, depth = 0): number {
  switch (typeof value) {
    case "string":
      // Most strings hold one byte a character; a rope or slice holds more for a while.
      return 24 + value.length;
    case "number":
      return Number.isInteger(value) && Math.abs(value) < 2 ** 30 ? POINTER : 24;
    case "bigint":
      return 32;
    case "object":
      return value === null ? POINTER : depth >= DEPTH_MAX ? 64 : objectSize(value, depth);
    default:
      return POINTER;
  }
}

function objectSize(value: object, depth: number): number {
  if (Array.isArray(value)) return 32 + value.length * POINTER + sampled(value, value.length, depth);
  if (ArrayBuffer.isView(value)) return 128 + value.byteLength;
  if (value instanceof ArrayBuffer) return 96 + value.byteLength;
  if (value instanceof Date) return 64;
  if (value instanceof Map || value instanceof Set) {
    const items = [...firstOf(value, ITEMS_MAX)];
    return (
      64 +
      value.size * 40 +
      (items.length === 0 ? 0 : (sampled(items, items.length, depth) * value.size) / items.length)
    );
  }
  const fields = Object.values(value as Record<string, unknown>);
  return 32 + fields.length * POINTER + sampled(fields, fields.length, depth);
}

/** What `length` items refer to, beyond their pointers, from evenly chosen ones. */
function sampled(items: readonly unknown[], length: number, depth: number): number {
  if (length === 0) return 0;
  const step = Math.max(1, Math.floor(length / ITEMS_MAX));
  let total = 0;
  let count = 0;
  for (let index = 0; index < length; index += step) {
    const item = items[index];
    const size = estimateSize(item, depth + 1);
    total += size === POINTER ? 0 : size;
    count++;
  }
  return (total * length) / count;
}

function* firstOf(items: Iterable<unknown>, count: number): Generator<unknown> {
  let left = count;
  for (const item of items) {
    if (left-- === 0) return;
    yield item;
  }
}
