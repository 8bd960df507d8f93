import { expect, test } from "vitest";
import type { ClassRegistry } from "../columnar/types.js";
import { KeptRows } from "./kept-rows.js";
import type { SpillFile, TaskIo } from "./task-io.js";

const classes: ClassRegistry = { idOf: () => undefined, classOf: () => undefined } as never;
const MIB = 1 << 20;

/** A host with so much memory; knows what is held, and which blocks lie in files. */
function host(bytes: number) {
  const seen = { held: 0, most: 0, files: 0, blocks: 0 };
  const memory = {
    reserve(wanted: number) {
      if (seen.held + wanted > bytes) return false;
      seen.held += wanted;
      seen.most = Math.max(seen.most, seen.held);
      return true;
    },
    release(given: number) {
      seen.held -= given;
    },
  };
  const createSpill = (): SpillFile => {
    const chunks: Uint8Array[] = [];
    seen.files++;
    return {
      write(block) {
        seen.blocks++;
        chunks.push(block.slice());
      },
      read: () => chunks,
      remove: () => void seen.files--,
    };
  };
  return { io: { memory, createSpill, checkCancelled: () => undefined } as unknown as TaskIo, seen };
}

/** About 12 MB of heap. */
const rows = Array.from({ length: 50_000 }, (_, index) => ({ index, text: `${index} ${"x".repeat(150)}` }));
const read = (kept: KeptRows): unknown[] => [...kept.chunks()].flatMap((chunk) => [...chunk]);

test("rows that fit are there as they are, as often as they are read", () => {
  const { io, seen } = host(100 * MIB);
  const kept = new KeptRows(io, classes, 0, rows);
  for (let time = 0; time < 3; time++) expect(read(kept)[7]).toBe(rows[7]);
  expect(read(kept)).toEqual(rows);
  expect(seen).toMatchObject({ files: 0, blocks: 0 });
  kept.release();
  expect(seen.held).toBe(0);
});

test("rows that do not fit are read from the disk, in their order, as often as they are read", () => {
  const { io, seen } = host(5 * MIB);
  const kept = new KeptRows(io, classes, 0, rows);
  expect(seen.blocks).toBeGreaterThan(10);
  expect(seen.most).toBeLessThanOrEqual(5 * MIB);
  expect(read(kept)).toEqual(rows);
  expect(read(kept)).toEqual(rows);
  kept.release();
  expect(seen).toMatchObject({ held: 0, files: 0 });
});

test("rows that no block can hold stay in memory", () => {
  const { io, seen } = host(5 * MIB);
  const functions = rows.map((row, index) => (index === 45_000 ? () => index : row));
  const kept = new KeptRows(io, classes, 0, functions);
  expect(seen.blocks).toBeGreaterThan(0);
  expect(read(kept)).toEqual(functions);
  kept.release();
  expect(seen).toMatchObject({ held: 0, files: 0 });
});

test("no rows are no rows", () => {
  const kept = new KeptRows(host(0).io, classes, 0, []);
  expect(read(kept)).toEqual([]);
});
