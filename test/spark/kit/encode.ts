/**
 * Values as JSON that keeps what JSON loses: `{ "$": tag, v }` for undefined, NaN, the infinities, -0, bigint, Date, Map and Set (whose entries are
 * sorted: they have no order here). `kit/Answers.scala` writes the same.
 */

export type Encoded = string | number | boolean | null | readonly Encoded[] | { readonly [name: string]: Encoded };

const NEAR = 1e-9;

export function encode(value: unknown): Encoded {
  if (value === null || typeof value === "string" || typeof value === "boolean") return value;
  if (value === undefined) return { $: "undefined" };
  if (typeof value === "bigint") return { $: "bigint", v: String(value) };
  if (typeof value === "number") return encodeNumber(value);
  if (Array.isArray(value)) return Array.from(value, encode);
  if (value instanceof Date) return { $: "Date", v: value.toISOString() };
  if (ArrayBuffer.isView(value)) {
    return { $: "bytes", v: Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString("base64") };
  }
  if (value instanceof Map) return { $: "Map", v: inOneOrder([...value].map(encode)) };
  if (value instanceof Set) return { $: "Set", v: inOneOrder([...value].map(encode)) };
  if (typeof value === "object") {
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, encode(item)]));
  }
  throw new Error(`a ${typeof value} is no answer`);
}

function encodeNumber(value: number): Encoded {
  if (Number.isNaN(value)) return { $: "NaN" };
  if (Object.is(value, -0)) return { $: "-0" };
  return Number.isFinite(value) ? value : { $: value > 0 ? "Infinity" : "-Infinity" };
}

/** Sorted by their text. */
export function inOneOrder(items: readonly Encoded[]): readonly Encoded[] {
  return items
    .map((item) => [JSON.stringify(item), item] as const)
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    .map(([, item]) => item);
}

/** Spark's maps and sets come in its order: into the one of their texts. */
export function settled(encoded: Encoded): Encoded {
  if (Array.isArray(encoded)) return encoded.map(settled);
  if (encoded === null || typeof encoded !== "object") return encoded;
  const object = encoded as { readonly [name: string]: Encoded };
  const fields = Object.fromEntries(Object.entries(object).map(([name, item]) => [name, settled(item)]));
  return object.$ === "Map" || object.$ === "Set" ? { ...fields, v: inOneOrder(fields.v as Encoded[]) } : fields;
}

/** Numbers within 1e-9 of the expected ones become these; all else stays. */
export function broughtNear(got: Encoded, expected: Encoded): Encoded {
  if (typeof got === "number" && typeof expected === "number") {
    return Math.abs(got - expected) <= NEAR * Math.max(1, Math.abs(expected)) ? expected : got;
  }
  if (Array.isArray(got) && Array.isArray(expected))
    return got.map((item, i) => broughtNear(item, expected[i] ?? null));
  return got;
}
