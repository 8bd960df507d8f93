/**
 * Arrow bytes with a right checksum and wrong content, put on an executor under the name of a cached partition: the decoder itself is what stands between them and a slot. Each gives
 * an error at once or rows, the slot lives, and the next job works.
 */

import { crc32 as zlibCrc32 } from "node:zlib";
import { encodeSchema } from "@volley/engine/columnar/arrow-schema.js";
import { encodeRows } from "@volley/engine/columnar/block-writer.js";
import type { ColumnType } from "@volley/engine/columnar/column-type.js";
import type { ClassRegistry } from "@volley/engine/columnar/types.js";
import { Prng } from "@volley/engine/lib/prng.js";
import { CRC_HEADER } from "@volley/engine/wire/limits.js";
import { tableFromArrays, tableToIPC } from "apache-arrow";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type RDD, VolleyContext, VolleyError } from "volley";

const crc32 = zlibCrc32 as (bytes: Uint8Array) => number;
/** `HOSTILE_FLIPS=2000 npm test -- hostile-blocks` takes a minute. */
const FLIPS = Number(process.env.HOSTILE_FLIPS ?? 150);
const PARTITIONS = FLIPS + 20;

let vc: VolleyContext;
let cached: RDD<{ index: number; text: string; list: number[]; any: unknown }>;
let lost = 0;
beforeAll(async () => {
  vc = await VolleyContext.create({ master: "local-cluster[1,1,256]", progress: false, taskAttemptsMax: 1 });
  vc.addListener({ onExecutorRemoved: () => lost++ });
  expect(await vc.range(0, 10, 1, 2).count()).toBe(10);
  cached = vc
    .range(0, PARTITIONS, 1, PARTITIONS)
    .map((index) => ({ index, text: `${index}`, list: [index], any: index % 2 === 0 ? index : `${index}` }))
    .cache();
});
afterAll(() => vc.stop());

const noClasses = { idOf: () => undefined, byId: () => undefined } as unknown as ClassRegistry;
/** As the writer makes it, with columns of most kinds. */
const block = encodeRows(
  Array.from({ length: 60 }, (_, index) => ({
    index,
    text: `row ${index}`,
    list: [index, index / 2],
    any: index % 3 === 0 ? new Map([[index, "x"]]) : `${index}`,
    when: new Date(index),
    bytes: Uint8Array.of(index),
    maybe: index % 5 === 0 ? undefined : { deep: [`${index}`] },
  })),
  noClasses,
);

let partitions = 0;

/** Puts the bytes on the executor as the next partition and has a task read them: "rows" or the error's code, and how long the task took. */
async function read(bytes: Uint8Array): Promise<{ outcome: string; tookMs: number }> {
  const partition = partitions++;
  const [executor] = vc.driver.executors();
  const answer = await fetch(
    `http://127.0.0.1:${executor?.port}/v1/blocks/rdd_${cached.id}_${partition}?level=MEMORY_ONLY`,
    {
      method: "PUT",
      headers: {
        authorization: `Bearer ${vc.driver.secrets.executor}`,
        "content-type": "application/octet-stream",
        [CRC_HEADER]: String(crc32(bytes)),
      },
      body: new Uint8Array(bytes),
    },
  );
  expect(answer.status).toBe(200);
  const startedAt = performance.now();
  const outcome = await vc
    .runJob(
      cached,
      (rows) => JSON.stringify([...rows], (_, value) => (typeof value === "bigint" ? `${value}` : value)).length,
      [partition],
    )
    .then(
      () => "rows",
      (error: unknown) => (VolleyError.is(error) ? error.code : String(error)),
    );
  return { outcome, tookMs: performance.now() - startedAt };
}

async function stillWorks(): Promise<void> {
  const sums = vc.range(0, 100, 1, 4).map((x) => [x % 3, x]);
  expect(await sums.reduceByKey((a, b) => a + b).count()).toBe(3);
  expect(lost).toBe(0);
}

/** Where things lie in a block of one batch: see arrow-message.ts. */
function placesIn(bytes: Uint8Array) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const head = 8 + view.getUint32(4, true);
  const base = head + 8;
  const bodyStart = base + view.getUint32(head + 4, true);
  const nodes = view.getUint32(base + 68, true);
  const buffers = base + 72 + 16 * nodes + 8;
  const count = view.getUint32(buffers - 4, true);
  const bufferAt = (index: number) => bodyStart + Number(view.getBigUint64(buffers + 16 * index, true));
  const bufferBytes = (index: number) => Number(view.getBigUint64(buffers + 16 * index + 8, true));
  return { view, base, buffers, count, bufferAt, bufferBytes };
}

function changed(change: (places: ReturnType<typeof placesIn>) => void, of: Uint8Array = block): Uint8Array {
  const copy = of.slice();
  change(placesIn(copy));
  return copy;
}

/** A block of one text column: its buffers are validity, offsets, bytes. */
const texts = encodeRows(
  Array.from({ length: 20 }, (_, index) => ({ text: `row ${index}`, other: `${index}` })),
  noClasses,
);
const OFFSETS = 1;

function deepSchema(depth: number): Uint8Array {
  let type: ColumnType = { kind: "int32", nulls: "none" } as ColumnType;
  for (let level = 0; level < depth; level++) type = { kind: "list", item: type, nulls: "none" } as ColumnType;
  return encodeSchema({ variants: [type], isFlat: false });
}

const hostile: readonly (readonly [string, () => Uint8Array])[] = [
  ["offsets past the buffer", () => changed((at) => at.view.setInt32(at.bufferAt(OFFSETS) + 8, 1 << 30, true), texts)],
  ["negative offsets", () => changed((at) => at.view.setInt32(at.bufferAt(OFFSETS) + 8, -5, true), texts)],
  [
    "decreasing offsets",
    () =>
      changed(
        (at) => at.view.setInt32(at.bufferAt(OFFSETS) + 8, at.view.getInt32(at.bufferAt(OFFSETS) + 4, true) - 1, true),
        texts,
      ),
  ],
  ["2^53 rows", () => changed((at) => at.view.setBigUint64(at.base + 56, 2n ** 53n, true))],
  ["2^63 rows", () => changed((at) => at.view.setBigUint64(at.base + 56, 2n ** 63n, true))],
  ["a body of 2^53 bytes", () => changed((at) => at.view.setBigUint64(at.base + 24, 2n ** 53n, true))],
  ["a buffer past its body", () => changed((at) => at.view.setBigUint64(at.buffers + 16, 2n ** 40n, true))],
  ["a buffer of 2^63 bytes", () => changed((at) => at.view.setBigUint64(at.buffers + 24, 2n ** 63n, true))],
  ["four thousand million columns", () => changed((at) => at.view.setUint32(at.base + 68, 0xffffffff, true))],
  ["a metadata length of 50 MB", () => changed((at) => at.view.setUint32(4, 50 << 20, true))],
  [
    "metadata of 50 MB",
    () => {
      const bytes = new Uint8Array(8 + (50 << 20) + 8).fill(1);
      bytes.set([255, 255, 255, 255]);
      new DataView(bytes.buffer).setUint32(4, 50 << 20, true);
      return bytes;
    },
  ],
  ["a schema that nests 200 deep", () => new Uint8Array([...deepSchema(200), 255, 255, 255, 255, 0, 0, 0, 0])],
  ["dictionaries", () => tableToIPC(tableFromArrays({ text: ["a", "b", "a"] }), "stream")],
  ["no schema", () => Uint8Array.from([255, 255, 255, 255, 0, 0, 0, 0])],
  ["nothing", () => new Uint8Array(8)],
];

it.each(hostile)("%s: an error within a second, and the slot lives", async (_, make) => {
  const { outcome, tookMs } = await read(make());
  expect(outcome).toBe("BLOCK_CORRUPT");
  // A second by design, more on a busy machine.
  expect(tookMs).toBeLessThan(3_000);
  await stillWorks();
});

it("the block itself is read", async () => {
  expect(await read(block)).toMatchObject({ outcome: "rows" });
  expect(await read(texts)).toMatchObject({ outcome: "rows" });
});

it(`each of ${FLIPS} blocks with flipped bits is an error or rows, soon`, async () => {
  const random = new Prng(32);
  const outcomes = new Map<string, number>();
  let slowestMs = 0;
  let left = FLIPS;
  const work = async () => {
    while (left-- > 0) {
      const bytes = block.slice();
      for (let flips = 1 + random.nextInt(3); flips > 0; flips--) {
        // Half of them in the metadata, where they do the most.
        const at = random.nextInt(random.nextInt(2) === 0 ? Math.min(2_000, bytes.length) : bytes.length);
        bytes[at] = (bytes[at] as number) ^ (1 << random.nextInt(8));
      }
      const { outcome, tookMs } = await read(bytes);
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
      slowestMs = Math.max(slowestMs, tookMs);
    }
  };
  await Promise.all([work(), work(), work(), work()]);
  process.stdout.write(
    `    ${[...outcomes].map(([name, count]) => `${name} ${count}`).join(", ")}; slowest ${Math.round(slowestMs)} ms\n`,
  );
  expect([...outcomes.keys()].sort()).toEqual(["BLOCK_CORRUPT", "rows"]);
  expect(slowestMs).toBeLessThan(3_000);
  await stillWorks();
}, 120_000);
