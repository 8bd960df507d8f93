import { crc32 as zlibCrc32 } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodeRows } from "../columnar/block-reader.js";
import { LocalStore, localTaskIo } from "../testing/local-task-io.js";
import { CHUNK_BYTES, SegmentWriter } from "./segment-writer.js";
import type { MapOutput, SpillFile, TaskIo } from "./task-io.js";

const crc32 = zlibCrc32 as (bytes: Uint8Array, before?: number) => number;
const CLASSES = { idOf: () => undefined, byId: () => fail("no classes") };
const MIB = 1 << 20;

function fail(why: string): never {
  throw new Error(`should not be reached: ${why}`);
}

/** Files that are arrays; `bytes` of memory. */
function io(bytes: number): TaskIo & { readonly held: () => number; readonly spills: SpillFile[] } {
  let held = 0;
  const spills: SpillFile[] = [];
  const ids = { taskId: 1, jobId: 1, stageId: 1, partition: 0, attempt: 0 };
  const joined = (chunks: Uint8Array[]) => new Uint8Array(Buffer.concat(chunks));
  return {
    ...localTaskIo(new LocalStore(), ids, () => []),
    held: () => held,
    spills,
    crc32,
    memory: {
      reserve(wanted) {
        if (held + wanted > bytes) return false;
        held += wanted;
        return true;
      },
      release(given) {
        held -= given;
      },
    },
    createSpill() {
      const chunks: (Uint8Array | undefined)[] = [];
      const spill: SpillFile = {
        write: (chunk) => void chunks.push(chunk.slice()),
        read: (numbers) => (numbers ?? [...chunks.keys()]).map((number) => chunks[number] ?? fail("it was removed")),
        remove: () => void chunks.splice(0),
      };
      spills.push(spill);
      return spill;
    },
    createMapOutput() {
      const chunks: Uint8Array[] = [];
      return {
        write: (chunk) => void chunks.push(chunk.slice()),
        close: () => Object.assign(joined(chunks), { path: "file", crc32: crc32(joined(chunks)) }),
      };
    },
  };
}

function written(task: TaskIo, partitions: number, rows: Iterable<readonly [number, unknown, unknown]>): MapOutput {
  const writer = new SegmentWriter(task, CLASSES, partitions);
  for (const [partition, key, value] of rows) writer.pushPair(partition, key, value);
  return writer.finish();
}

function segment({ bytes, offsets }: MapOutput, partition: number): Uint8Array {
  return (bytes as Uint8Array).subarray(offsets[partition], offsets[partition + 1]);
}

const bytesOf = ({ bytes }: MapOutput) => Buffer.from(bytes as Uint8Array);

function* wide(count: number, partitions: number): Generator<[number, unknown, unknown]> {
  for (let index = 0; index < count; index++) yield [index % partitions, index, `${index}-${"x".repeat(200)}`];
}

describe("a map output", () => {
  test("has the same bytes whether it was spilled or not", () => {
    const [roomy, tight] = [io(Number.POSITIVE_INFINITY), io(2 * MIB)];
    const [inMemory, onDisk] = [written(roomy, 3, wide(100_000, 3)), written(tight, 3, wide(100_000, 3))];
    expect(roomy.spills).toHaveLength(0);
    expect(tight.spills).toHaveLength(1);
    expect("path" in onDisk.bytes).toBe(true);
    expect("path" in inMemory.bytes).toBe(false);
    expect(bytesOf(onDisk).equals(bytesOf(inMemory))).toBe(true);
    expect({ ...onDisk, bytes: 0 }).toEqual({ ...inMemory, bytes: 0 });
    // The spill is gone.
    expect(() => tight.spills[0]?.read([0])).toThrow("removed");
  });

  test("of a large segment is made of chunks, each a block with its checksum", () => {
    const output = written(io(4 * MIB), 2, wide(150_000, 2));
    const { chunks, checksums, offsets } = output;
    expect(chunks?.checksums.length).toBe(4);
    const ends = [...(chunks?.offsets ?? [])];
    expect(ends.filter((end) => offsets.includes(end))).toEqual([...offsets]);
    let rows: unknown[] = [];
    for (const [index, checksum] of [...(chunks?.checksums ?? [])].entries()) {
      const chunk = (output.bytes as Uint8Array).subarray(ends[index], ends[index + 1]);
      expect(chunk.byteLength).toBeLessThan(CHUNK_BYTES + 2 * MIB);
      expect(crc32(chunk)).toBe(checksum);
      rows = rows.concat(decodeRows(chunk, CLASSES));
    }
    expect(rows).toEqual([...decodeRows(segment(output, 0), CLASSES), ...decodeRows(segment(output, 1), CLASSES)]);
    expect(rows).toHaveLength(150_000);
    expect(checksums).toEqual(
      Uint32Array.from([0, 2], (first) =>
        crc32(new Uint8Array(Uint32Array.from(chunks?.checksums.subarray(first, first + 2) ?? []).buffer)),
      ),
    );
  });

  test("has every row in its segment, whatever rows there are and however little memory", () => {
    const value = fc.oneof(
      fc.integer(),
      fc.string(),
      fc.constant(null),
      fc.record({ a: fc.double() }),
      fc.array(fc.nat()),
    );
    const row = fc.tuple(fc.nat(4), fc.oneof(fc.nat(), fc.string()), value);
    fc.assert(
      fc.property(fc.array(row, { maxLength: 60 }), fc.integer({ min: 1, max: 40 }), (rows, times) => {
        const pad = "p".repeat(4000);
        function* many(): Generator<[number, unknown, unknown]> {
          for (let time = 0; time < times; time++) for (const [p, k, v] of rows) yield [p, k, [v, pad]];
        }
        const [roomy, tight] = [written(io(Number.POSITIVE_INFINITY), 5, many()), written(io(0), 5, many())];
        expect(bytesOf(tight).equals(bytesOf(roomy))).toBe(true);
        expect(tight.checksums).toEqual(roomy.checksums);
        for (let partition = 0; partition < 5; partition++) {
          const own = [...many()].filter(([p]) => p === partition).map(([, k, v]) => [k, v]);
          expect(tight.rows[partition]).toBe(own.length);
          const bytes = segment(tight, partition);
          expect(own.length === 0 ? [] : decodeRows(bytes, CLASSES)).toEqual(own);
        }
      }),
      { seed: 20, numRuns: 30 },
    );
  });

  test("holds no more than it may, and knows what it holds", () => {
    const task = io(8 * MIB);
    const writer = new SegmentWriter(task, CLASSES, 4);
    let most = 0;
    for (const [partition, key, value] of wide(300_000, 4)) {
      writer.pushPair(partition, key, value);
      most = Math.max(most, task.held());
    }
    expect(most).toBeGreaterThan(4 * MIB);
    expect(most).toBeLessThanOrEqual(8 * MIB);
    expect(writer.finish().rows).toEqual(Float64Array.of(75_000, 75_000, 75_000, 75_000));
  });
});
