/** One bit of a block on disk that is not what was written: found each time, and computed again. Never a wrong answer. */

import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { crc32 as zlibCrc32 } from "node:zlib";
import { encodeRows } from "@volley/engine/columnar/block-writer.js";
import { Prng } from "@volley/engine/lib/prng.js";
import { VolleyError } from "@volley/engine/wire/errors.js";
import { readBlockFile } from "@volley/executor/io/read-block-file.js";
import { afterEach, beforeEach, expect, it } from "vitest";
import { StorageLevel, VolleyContext } from "volley";

const crc32 = zlibCrc32 as (bytes: Uint8Array) => number;
const FLIPS = 1_000;

let folder: string;
let contexts: VolleyContext[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "damaged-"));
  contexts = [];
});
afterEach(async () => {
  for (const vc of contexts) await vc.stop();
  // The contexts have taken theirs with them.
  expect(readdirSync(folder)).toEqual([]);
  rmSync(folder, { recursive: true });
});

async function start(master: string): Promise<VolleyContext> {
  const vc = await VolleyContext.create({ master, localDir: folder, progress: false });
  contexts.push(vc);
  return vc;
}

/** Blocks on disk of this kind. */
function filesOf(kind: string): readonly string[] {
  const paths = readdirSync(folder, { recursive: true, encoding: "utf8" }).map((path) => join(folder, path));
  return paths.filter((path) => path.includes(`/blocks/`) && path.includes(`${kind}_`) && statSync(path).size > 0);
}

function flipBit(path: string, random: Prng): void {
  const bytes = readFileSync(path);
  const at = Math.floor(random.nextDouble() * bytes.length);
  bytes[at] = (bytes[at] as number) ^ (1 << Math.floor(random.nextDouble() * 8));
  writeFileSync(path, bytes);
}

it("each of a thousand flipped bits is found", () => {
  const rows = Array.from({ length: 500 }, (_, index) => ({ index, text: `row ${index}`, half: index / 2 }));
  const block = encodeRows(rows, { idOf: () => undefined, constructorOf: () => undefined } as never);
  const path = join(folder, "block");
  const place = { at: "disk", path, offset: 0, length: block.byteLength, crc32: crc32(block) } as const;
  const allocate = (length: number) => new Uint8Array(length);
  const random = new Prng(8);
  let found = 0;
  for (let flip = 0; flip < FLIPS; flip++) {
    writeFileSync(path, block);
    flipBit(path, random);
    try {
      readBlockFile(place, allocate);
    } catch (error) {
      if (VolleyError.is(error, "BLOCK_CORRUPT")) found++;
    }
  }
  writeFileSync(path, block);
  expect(Buffer.compare(readBlockFile(place, allocate), block)).toBe(0);
  unlinkSync(path);
  expect(found).toBe(FLIPS);
});

it("cached partitions that are damaged, cut or gone are computed again", async () => {
  const vc = await start("local-cluster[2,1,256]");
  const computed = vc.longAccumulator();
  const cached = vc
    .range(0, 60_000, 1, 6)
    .map((index) => {
      computed.add(1);
      return `${index}`;
    })
    .persist(StorageLevel.DISK_ONLY);
  const expected = Array.from({ length: 60_000 }, (_, index) => `${index}`);
  expect(await cached.collect()).toEqual(expected);
  expect(await cached.collect()).toEqual(expected);
  expect(computed.value).toBe(60_000);
  const random = new Prng(9);
  const files = filesOf("rdd");
  expect(files).toHaveLength(6);
  for (const path of files.slice(0, 4)) flipBit(path, random);
  truncateSync(files[4] as string, 100);
  unlinkSync(files[5] as string);
  expect(await cached.collect()).toEqual(expected);
  expect(computed.value).toBe(120_000);
}, 60_000);

it("map outputs that are damaged are computed again, here and on another executor", async () => {
  const vc = await start("local-cluster[2,1,16]");
  const rows = vc.range(0, 400_000, 1, 8).map((index) => [index % 50_000, `${index}-${"abcdefghij".repeat(6)}`]);
  const groups = rows.groupByKey(4);
  const answer = () => groups.map(([key, values]) => key + values.length).sum();
  const expected = (49_999 * 50_000) / 2 + 400_000;
  expect(await answer()).toBe(expected);
  const random = new Prng(10);
  const files = filesOf("shuffle");
  expect(files.length).toBeGreaterThan(1);
  for (const path of files.slice(0, 2)) flipBit(path, random);
  expect(await answer()).toBe(expected);
  expect(vc.driver.executors().length).toBe(2);
}, 90_000);
