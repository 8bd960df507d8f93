import { crc32 } from "node:zlib";
import fc from "fast-check";
import { expect, it } from "vitest";
import { isIndexOf, SegmentChecker } from "./segment-checker.js";

const indexOf = (segments: readonly Uint8Array[]) => {
  const offsets = [0];
  for (const { byteLength } of segments) offsets.push((offsets.at(-1) as number) + byteLength);
  return { offsets, checksums: segments.map((segment) => crc32(segment)) };
};
const segmentsOf = fc.array(fc.uint8Array({ maxLength: 12 }), { maxLength: 8 });

function check(index: ReturnType<typeof indexOf>, bytes: Uint8Array, cut: number): void {
  const checker = new SegmentChecker(index);
  for (let at = 0; at < bytes.byteLength; at += cut) checker.take(bytes.subarray(at, at + cut));
  checker.end();
}

it("takes an output in pieces of any size, and finds any byte that is wrong, missing or too many", () => {
  fc.assert(
    fc.property(segmentsOf, fc.integer({ min: 1, max: 9 }), fc.nat(), (segments, cut, place) => {
      const index = indexOf(segments);
      const bytes = new Uint8Array(Buffer.concat(segments));
      expect(isIndexOf(index, bytes.byteLength)).toBe(true);
      check(index, bytes, cut);
      expect(() => check(index, new Uint8Array([...bytes, 0]), cut)).toThrow();
      if (bytes.byteLength === 0) return;
      expect(() => check(index, bytes.subarray(1), cut)).toThrow();
      const wrong = Uint8Array.from(bytes);
      wrong[place % bytes.byteLength] = ((wrong[place % bytes.byteLength] as number) + 1) & 255;
      expect(() => check(index, wrong, cut)).toThrow();
    }),
    { seed: 7, numRuns: 1000 },
  );
});
