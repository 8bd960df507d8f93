import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { codecOf, combineFiles, cutFiles, type InputFile } from "./splits.js";

const MIB = 1024 * 1024;

const sized = (...sizes: number[]): InputFile[] => sizes.map((size, index) => ({ path: `/f${index}`, size }));
const lengths = (files: readonly InputFile[], minPartitions: number): number[] =>
  cutFiles(files, minPartitions).map((group) => group[0]?.length as number);
const names = (groups: ReturnType<typeof combineFiles>): string =>
  groups.map((g) => g.map((s) => s.path).join(" ")).join(" | ");

describe("cutFiles: worked out by hand from FileInputFormat.getSplits", () => {
  it.each<[string, number[], number, number[]]>([
    ["an empty file has no split, as Spark has it", [0], 2, []],
    ["one byte, two partitions: goal 0, size 1", [1], 2, [1]],
    ["six bytes, six partitions", [6], 6, [1, 1, 1, 1, 1, 1]],
    ["three bytes, two partitions: goal 1, three splits", [3], 2, [1, 1, 1]],
    ["ten bytes, two partitions", [10], 2, [5, 5]],
    ["eleven bytes, two partitions: goal 5, one byte left over is 1.2 of a split", [11], 2, [5, 5, 1]],
    ["the slop: 21 bytes, two partitions, 11 left of 10 is 1.1, not more", [21], 2, [10, 11]],
    ["23 bytes: goal 11, 12 left of 11 is 1.09", [23], 2, [11, 12]],
    ["two files of unequal size share one goal", [100, 10], 2, [55, 45, 10]],
    ["an empty file among others", [4, 0, 4], 2, [4, 4]],
    ["an empty file that is not to be cut is one split", [0], 0, [0]],
    [
      "a block of 32 MiB is the most, however few are asked for",
      [100 * MIB],
      1,
      [32 * MIB, 32 * MIB, 32 * MIB, 4 * MIB],
    ],
    ["slop on blocks: 35 MiB are one split", [35 * MIB], 1, [35 * MIB]],
    ["36 MiB are two", [36 * MIB], 1, [32 * MIB, 4 * MIB]],
    ["0 does not cut", [100 * MIB], 0, [100 * MIB]],
  ])("%s", (_, sizes, minPartitions, expected) => {
    expect(lengths(sized(...sizes), minPartitions)).toEqual(expected);
  });

  it("does not cut what is packed, but counts its bytes", () => {
    const files: InputFile[] = [
      { path: "/a.gz", size: 60, codec: "gzip" },
      { path: "/b", size: 40 },
    ];
    expect(lengths(files, 10)).toEqual([60, 10, 10, 10, 10]);
    expect(cutFiles(files, 10)[0]).toEqual([{ path: "/a.gz", start: 0, length: 60, codec: "gzip", fileLength: 60 }]);
  });

  it("covers each file once, in order", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(1000), { maxLength: 8 }), fc.integer({ min: 1, max: 40 }), (sizes, minPartitions) => {
        const files = sized(...sizes);
        const splits = cutFiles(files, minPartitions).map((group) => group[0]);
        for (const { path, size } of files) {
          const own = splits.filter((split) => split?.path === path);
          let at = 0;
          for (const split of own) {
            expect(split?.start).toBe(at);
            expect(split?.fileLength).toBe(size);
            at += split?.length ?? Number.NaN;
          }
          expect(at).toBe(size);
          expect(own.length > 0).toBe(size > 0);
        }
      }),
      { seed: 8, numRuns: 200 },
    );
  });
});

describe("combineFiles: worked out by hand from CombineFileInputFormat.createSplits", () => {
  it.each<[string, number[], number, string]>([
    ["a partition is closed when it holds the limit", [10, 10, 10, 10], 2, "/f0 /f1 | /f2 /f3"],
    ["the limit is rounded up", [10, 10, 10], 2, "/f0 /f1 | /f2"],
    ["a large file takes its partition alone", [100, 1, 1], 2, "/f0 | /f1 /f2"],
    ["empty files only are one partition", [0, 0, 0], 2, "/f0 /f1 /f2"],
    ["empty files join the rest", [10, 0, 4], 2, "/f0 | /f1 /f2"],
    ["a full partition leaves no rest to join", [4, 0, 10], 2, "/f0 /f1 | /f2"],
    ["empty files without a rest count as one more", [10, 0, 10], 2, "/f0 | /f1 | /f2"],
    ["empty files at the end do too", [10, 10, 0], 2, "/f0 | /f1 | /f2"],
    ["0 partitions means 1", [5, 5], 0, "/f0 /f1"],
    ["no files, no partitions", [], 2, ""],
  ])("%s", (_, sizes, minPartitions, expected) => {
    expect(names(combineFiles(sized(...sizes), minPartitions))).toBe(expected);
  });

  it("counts as binaryFiles does with an open cost of 4 MiB", () => {
    expect(names(combineFiles(sized(1, 2, 3), 2, 4 * MIB))).toBe("/f0 /f1 /f2");
    expect(combineFiles(sized(...Array<number>(8).fill(40 * MIB)), 2, 4 * MIB).map((g) => g.length)).toEqual([4, 4]);
  });

  it("keeps the order of names and Hadoop's count", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(6), { maxLength: 12 }), fc.integer({ min: 1, max: 6 }), (sizes, minPartitions) => {
        const files = sized(...sizes);
        const groups = combineFiles(files, minPartitions);
        expect(groups.flat().map((split) => split.path)).toEqual(files.map((file) => file.path));
        expect(groups).toHaveLength(hadoopCount(sizes, minPartitions));
        expect(groups.every((group) => group.length > 0)).toBe(true);
      }),
      { seed: 8, numRuns: 500 },
    );
  });
});

/** First full groups of what lies on a host, then one of all that is left. */
function hadoopCount(sizes: readonly number[], minPartitions: number): number {
  const limit = Math.ceil(sizes.reduce((a, b) => a + b, 0) / minPartitions);
  let [full, bytes, rest] = [0, 0, sizes.filter((size) => size === 0).length];
  let pending = 0;
  for (const size of sizes.filter((each) => each > 0)) {
    bytes += size;
    pending++;
    if (bytes >= limit) [full, bytes, pending] = [full + 1, 0, 0];
  }
  rest += pending;
  return full + (rest > 0 ? 1 : 0);
}

it("tells the codec by the name", () => {
  expect(["a.gz", "a.GZ", "a.zst", "a.bz2", "a.txt", "gz", "a.gz.txt"].map(codecOf)).toEqual([
    "gzip",
    "gzip",
    "zstd",
    "bzip2",
    undefined,
    undefined,
    undefined,
  ]);
});
