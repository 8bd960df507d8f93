import { expect, it } from "vitest";
import type { BatchView, ClassRegistry } from "../columnar/types.js";
import { LocalStore, localTaskIo } from "../testing/local-task-io.js";
import { JoinTable, type PairChunk } from "./join-table.js";
import type { SpillFile, TaskIo } from "./task-io.js";

const classes: ClassRegistry = { idOf: () => undefined, classOf: () => undefined } as never;
const pairsOf = (batch: BatchView): PairChunk => ({ keys: batch.column(0), values: batch.column(1) });
const KEYS = 700;
/** A table this long is worth spilling. */
const PADDING = "x".repeat(1000);

/** A task that gets memory or does not; counts the files it has open. */
function task(hasMemory: boolean): { io: TaskIo; reserved: () => number; files: () => number } {
  let [reserved, files] = [0, 0];
  const store = new LocalStore();
  const io: TaskIo = {
    ...localTaskIo(store, { jobId: 0, stageId: 0, partition: 0, attempt: 0 } as never, () => []),
    memory: {
      reserve(bytes) {
        if (hasMemory) reserved += bytes;
        return hasMemory;
      },
      release: (bytes) => {
        reserved -= hasMemory ? bytes : 0;
      },
    },
    createSpill(): SpillFile {
      const chunks: Uint8Array[] = [];
      files++;
      return {
        write(bytes) {
          chunks.push(bytes.slice());
          io.metrics.spilledBytes += bytes.byteLength;
        },
        read: (wanted) => (wanted === undefined ? chunks : wanted.map((index) => chunks[index] as Uint8Array)),
        remove: () => void files--,
      };
    },
  };
  return { io, reserved: () => reserved, files: () => files };
}

function filled(io: TaskIo): JoinTable {
  const table = new JoinTable(io, classes, 0, pairsOf);
  for (let row = 0; row < 10 * KEYS; row++) table.add(row % KEYS, `${row} ${PADDING}`);
  return table;
}

/** Every second key is there. */
const chunks = Array.from({ length: 40 }, (_, chunk) => {
  const keys = Array.from({ length: 128 }, (_, index) => ((chunk * 128 + index) % KEYS) * 2);
  return { keys, values: keys.map((key, index) => `${chunk} ${index} ${key}`) };
});

function matchesOf(table: JoinTable, { keys, values }: PairChunk, into: string[]): void {
  for (let index = 0; index < keys.length; index++) {
    for (let row = table.first(keys[index]); row >= 0; row = table.next(row)) {
      into.push(`${keys[index]}: ${values[index]}, ${String(table.valueAt(row)).split(" ")[0]}`);
    }
  }
}

const expected = chunks.flatMap(({ keys, values }) =>
  keys.flatMap((key, index) =>
    key < KEYS ? Array.from({ length: 10 }, (_, round) => `${key}: ${values[index]}, ${round * KEYS + key}`) : [],
  ),
);

it("streams one side past the other in its own order", () => {
  const { io, reserved, files } = task(true);
  const table = filled(io);
  const found: string[] = [];
  for (const chunk of table.probe(chunks)) matchesOf(table, chunk, found);
  expect(found).toEqual(expected);
  expect([reserved(), files(), io.metrics.spilledBytes]).toEqual([0, 0, 0]);
});

it("joins on the disk what has no room in memory", () => {
  const { io, files } = task(false);
  const table = filled(io);
  const found: string[] = [];
  for (const chunk of table.probe(chunks)) matchesOf(table, chunk, found);
  expect(found.toSorted()).toEqual(expected.toSorted());
  expect(io.metrics.spilledBytes).toBeGreaterThan(KEYS * 10 * PADDING.length);
  expect(files()).toBe(0);
});

it.each([true, false])("takes chunks that come asynchronously (with memory: %s)", async (hasMemory) => {
  const { io, files } = task(hasMemory);
  const table = filled(io);
  const found: string[] = [];
  const later = (async function* () {
    yield* chunks;
  })();
  for await (const chunk of table.probeAsync(later)) matchesOf(table, chunk, found);
  expect(found.toSorted()).toEqual(expected.toSorted());
  expect(files()).toBe(0);
});

it.each([true, false])("holds keys alone, and gives each away once (with memory: %s)", (hasMemory) => {
  const { io, files } = task(hasMemory);
  const table = new JoinTable(io, classes, 0, pairsOf);
  // Long keys: the table is worth spilling for them alone.
  for (let row = 0; row < 20 * KEYS; row++) table.addKey(`${row % (10 * KEYS)} ${PADDING}`);
  const keys = Array.from({ length: 15 * KEYS }, (_, index) => `${(index % (5 * KEYS)) * 4} ${PADDING}`);
  const [taken, absent]: [string[], string[]] = [[], []];
  for (const chunk of table.probe([{ keys, values: keys }])) {
    for (let index = 0; index < chunk.keys.length; index++) {
      const key = chunk.keys[index] as string;
      if (table.takeKey(key)) taken.push(key);
      else if (table.first(key) < 0) absent.push(key);
    }
  }
  const isHeld = (key: string) => Number.parseInt(key, 10) < 10 * KEYS;
  expect(taken.toSorted()).toEqual([...new Set(keys)].filter(isHeld).toSorted());
  expect(absent.toSorted()).toEqual(keys.filter((key) => !isHeld(key)).toSorted());
  expect(io.metrics.spilledBytes > 0).toBe(!hasMemory);
  expect(files()).toBe(0);
});
