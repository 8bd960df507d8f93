import { describe, expect, it } from "vitest";
import { Prng } from "../lib/prng.js";
import { PART_BYTES, splitParts } from "./split-parts.js";
import type { FileSplit, TaskIo } from "./task-io.js";
import { readLines } from "./text-lines.js";

const MIB = 1 << 20;
const split = (path: string, start: number, length: number, more?: Partial<FileSplit>): FileSplit => ({
  path,
  start,
  length,
  fileLength: start + length,
  ...more,
});

describe("parts of splits", () => {
  it("lie apart, all over the splits, and say their share", () => {
    const splits = [split("a", 5 * MIB, 30 * MIB), split("b", 0, 10 * MIB)];
    const { splits: parts, share } = splitParts(splits, new Prng(1));
    expect(share).toBeCloseTo((parts.length * PART_BYTES) / (40 * MIB), 10);
    expect(parts.filter(({ path }) => path === "a").length).toBe(48);
    for (const { path, start, length } of splits) {
      const own = parts.filter((part) => part.path === path);
      const step = length / own.length;
      own.forEach((part, index) => {
        expect(part.start).toBeGreaterThanOrEqual(start + Math.floor(index * step) - own.length);
        expect(part.start + part.length).toBeLessThanOrEqual(start + Math.ceil((index + 1) * step));
      });
    }
  });

  it("are the splits themselves where these are small or cannot be cut", () => {
    for (const splits of [[split("a", 0, MIB)], [split("a.gz", 0, 40 * MIB, { codec: "gzip" })], []])
      expect(splitParts(splits, new Prng(1))).toEqual({ splits, share: 1 });
  });

  it("give lines of the file, each at most once, about as many as the share says", () => {
    const lines = Array.from({ length: 200_000 }, (_, i) => `line ${i} ${"x".repeat(i % 60)}`);
    const bytes = Buffer.from(`${lines.join("\n")}\n`);
    const io = {
      metrics: { rowsRead: 0, bytesRead: 0 },
      checkCancelled: () => undefined,
      *readFile({ start, chunkBytes = MIB }: FileSplit) {
        for (let at = start; at < bytes.length; at += chunkBytes) yield bytes.subarray(at, at + chunkBytes);
      },
    } as unknown as TaskIo;
    const { splits, share } = splitParts([split("a", 0, bytes.length)], new Prng(2));
    const some = [...readLines(io, splits)].flat();
    expect(share).toBeLessThan(0.2);
    expect(new Set(some).size).toBe(some.length);
    expect(some.every((line) => lines[Number(line.split(" ")[1])] === line)).toBe(true);
    expect(some.length / share / lines.length).toBeCloseTo(1, 1);
    expect(io.metrics.bytesRead).toBeLessThan(bytes.length / 4);
  });
});
