import { expect, test } from "vitest";
import { LargeValues } from "./large-values.js";

const MIB = 1 << 20;

function fixture() {
  const blocks = new Map<number, Uint8Array>();
  let ids = 10;
  const values = new LargeValues(
    {
      putBlock: (id, bytes) => {
        if (id.kind === "broadcast") blocks.set(id.broadcastId, bytes as Uint8Array);
      },
      removeBroadcast: async (id) => {
        blocks.delete(id);
      },
    },
    () => ids++,
    4 * MIB,
  );
  return { blocks, values };
}

const filled = (bytes: number, fill: number) => new Uint8Array(bytes).fill(fill);

test("equal bytes are one block, whoever holds them; small ones are none", () => {
  const { blocks, values } = fixture();
  expect(values.hold(filled(MIB - 1, 1))).toBe(undefined);
  expect(values.hold(filled(MIB, 1))).toBe(10);
  expect(values.hold(filled(MIB, 2))).toBe(11);
  expect(values.hold(filled(MIB, 1))).toBe(10);
  values.release([10, 10]);
  expect(values.hold(filled(MIB, 1))).toBe(10);
  expect([...blocks.keys()]).toEqual([10, 11]);
});

test("the block is what the bytes were, whatever becomes of them", () => {
  const { blocks, values } = fixture();
  const bytes = filled(MIB, 1);
  values.hold(bytes);
  bytes.fill(9);
  expect(blocks.get(10)?.[0]).toBe(1);
  expect(values.hold(bytes)).toBe(11);
});

test("blocks that nobody holds stay while there is room, and the last one always", () => {
  const { blocks, values } = fixture();
  for (const fill of [1, 2, 3]) values.release([values.hold(filled(2 * MIB, fill)) as number]);
  expect([...blocks.keys()]).toEqual([11, 12]);
  values.release([values.hold(filled(5 * MIB, 4)) as number]);
  expect([...blocks.keys()]).toEqual([13]);
  const held = values.hold(filled(5 * MIB, 4)) as number;
  values.release([values.hold(filled(MIB, 5)) as number]);
  expect([...blocks.keys()]).toEqual([held, 14]);
});
