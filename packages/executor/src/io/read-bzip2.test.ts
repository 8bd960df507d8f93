import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Prng } from "@volley/engine/lib/prng.js";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { readBzip2File } from "./read-bzip2.js";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "volley-bzip2-test-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const compress = (bytes: Uint8Array, level = 9) =>
  execFileSync("bzip2", [`-${level}`, "-c"], { input: bytes, maxBuffer: 1 << 28 });

function read(bytes: Uint8Array): Buffer {
  const path = join(folder, "file.bz2");
  writeFileSync(path, bytes);
  return Buffer.concat([...readBzip2File(path)]);
}

function noise(length: number, values: number): Buffer {
  const random = new Prng(length + values);
  const bytes = Buffer.alloc(length);
  for (let index = 0; index < length; index++) bytes[index] = random.nextInt(values);
  return bytes;
}

describe.runIf(hasBzip2())("bzip2 files", () => {
  test.each([
    ["one byte", noise(1, 256), 9],
    ["one block", noise(100_000, 4), 9],
    ["many small blocks", noise(1_500_000, 256), 1],
    ["several blocks over several chunks", noise(3_000_000, 256), 9],
    ["a long run", Buffer.alloc(30_000_000, 7), 9],
  ])("of %s", (_, bytes, level) => {
    expect(read(compress(bytes, level)).equals(bytes)).toBe(true);
  });

  test("of several streams, some of them empty", () => {
    const parts = [noise(10, 3), Buffer.alloc(0), noise(1_200_000, 256), noise(5, 9)];
    expect(read(Buffer.concat(parts.map((part) => compress(part)))).equals(Buffer.concat(parts))).toBe(true);
  });

  test("that are damaged or cut short are errors", () => {
    const whole = compress(noise(300_000, 16), 1);
    expect(() => read(whole.subarray(0, -20))).toThrow("is no whole bzip2 file");
    expect(() => read(whole.subarray(0, whole.length >> 1))).toThrow("is no whole bzip2 file");
    const flipped = Buffer.from(whole);
    flipped[whole.length >> 1] = (flipped[whole.length >> 1] as number) ^ 4;
    expect(() => read(flipped)).toThrow("is no whole bzip2 file");
    expect(() => read(Buffer.from("plain text"))).toThrow("does not begin as one");
  });
});

function hasBzip2(): boolean {
  try {
    execFileSync("bzip2", ["--help"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}
