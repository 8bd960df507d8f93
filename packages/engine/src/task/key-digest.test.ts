import { expect, it } from "vitest";
import { hashKey } from "../lib/hash.js";
import { KeyDigest } from "./key-digest.js";

function digestOf(keys: readonly unknown[]): KeyDigest {
  const digest = new KeyDigest();
  for (const key of keys) digest.add(hashKey(key));
  return digest;
}

it("is the same for the same keys in any order, a safe integer, and another when a key came, went or is another", () => {
  const keys = [...Array.from({ length: 1_000 }, (_, x) => x), "a", "b", "a key"];
  const { value, count } = digestOf(keys);
  expect(count).toBe(keys.length);
  expect(Number.isSafeInteger(value)).toBe(true);
  expect(digestOf(keys.toReversed()).value).toBe(value);
  const seen = new Set([value, digestOf([...keys, 1_000]).value]);
  for (let at = 0; at < keys.length; at++) seen.add(digestOf(keys.toSpliced(at, 1)).value);
  for (let at = 0; at < keys.length; at++) seen.add(digestOf(keys.with(at, `another ${at}`)).value);
  expect(seen.size).toBe(2 + 2 * keys.length);
});
