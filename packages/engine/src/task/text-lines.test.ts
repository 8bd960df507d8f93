import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { FileSplit, TaskIo, TaskMetrics } from "./task-io.js";
import { readLines } from "./text-lines.js";

const PATH = "/in/file.txt";

/** How a reader finds the file: whole lines come out whatever the chunks are. */
interface Reading {
  /** Sizes of chunks, in turn. */
  readonly chunks: readonly number[];
  /** First bytes of splits after the first one. */
  readonly cuts: readonly number[];
}

function ioOf(bytes: Uint8Array, chunks: readonly number[], touched: (bytes: number) => void = () => {}): TaskIo {
  function* readFile({ start }: FileSplit): Generator<Uint8Array> {
    for (let at = start, turn = 0; at < bytes.byteLength; turn++) {
      // Each chunk has memory of its own, as a host gives it.
      const chunk = bytes.slice(at, at + (chunks[turn % chunks.length] as number));
      at += chunk.byteLength;
      touched(chunk.byteLength);
      yield chunk;
    }
  }
  const metrics = { rowsRead: 0, bytesRead: 0 } as TaskMetrics;
  return { readFile, metrics, checkCancelled: () => {} } as unknown as TaskIo;
}

function splitsOf(fileLength: number, cuts: readonly number[]): FileSplit[] {
  const starts = [...new Set([0, ...cuts.filter((cut) => cut < fileLength)])].sort((a, b) => a - b);
  return starts.map((start, index) => ({
    path: PATH,
    start,
    length: (starts[index + 1] ?? fileLength) - start,
    fileLength,
  }));
}

/** The lines of each split. */
function linesBySplit(bytes: Uint8Array, { chunks, cuts }: Reading): string[][] {
  return splitsOf(bytes.byteLength, cuts).map((split) => [...readLines(ioOf(bytes, chunks), [split])].flat());
}

const lines = (bytes: Uint8Array, reading: Reading): string[] => linesBySplit(bytes, reading).flat();

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

/** By array means: what the lines of a text are, and at which byte each begins. */
function oracle(text: string): { readonly line: string; readonly start: number }[] {
  const found: { line: string; start: number }[] = [];
  let [line, start, at] = ["", 0, 0];
  const characters = Array.from(text);
  for (let index = 0; index < characters.length; index++) {
    const character = characters[index] as string;
    at += utf8(character).byteLength;
    if (character !== "\n" && character !== "\r") {
      line += character;
      continue;
    }
    if (character === "\r" && characters[index + 1] === "\n") {
      at++;
      index++;
    }
    found.push({ line, start });
    [line, start] = ["", at];
  }
  if (line !== "") found.push({ line, start });
  return found;
}

const piece = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom("\n", "\r", "\r\n", "\n\r", "\r\r\n", "\n\n") },
  { weight: 4, arbitrary: fc.stringMatching(/^[a-z ]{0,6}$/) },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      "é",
      "日本",
      "😀",
      "\u2028",
      "\u0085",
      "\u000b",
      "\u000c",
      "\u0000",
      "\ufffd",
      "\ufeffx",
    ),
  },
  { weight: 1, arbitrary: fc.string({ unit: "grapheme-composite", maxLength: 4 }) },
);
const texts = fc.array(piece, { maxLength: 24 }).map((pieces) => `x${pieces.join("")}`);
const readings = fc.record({
  chunks: fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 4 }),
  cuts: fc.array(fc.nat(80), { maxLength: 6 }),
});

describe("any text, cut into any splits, read in any chunks", () => {
  it("has the lines of the whole", () => {
    fc.assert(
      fc.property(texts, readings, (text, reading) => {
        expect(lines(utf8(text), reading)).toEqual(oracle(text).map(({ line }) => line));
      }),
      { seed: 8, numRuns: 4000 },
    );
  });

  it("each split owns the lines that begin behind its first byte, up to the first byte behind it", () => {
    fc.assert(
      fc.property(texts, readings, (text, reading) => {
        const bytes = utf8(text);
        const expected = splitsOf(bytes.byteLength, reading.cuts).map(({ start, length }) =>
          oracle(text)
            .filter((each) => each.start >= (start === 0 ? 0 : start + 1) && each.start <= start + length)
            .map(({ line }) => line),
        );
        expect(linesBySplit(bytes, reading)).toEqual(expected);
      }),
      { seed: 8, numRuns: 4000 },
    );
  });

  it("every split and chunk boundary of short texts of terminators alone", () => {
    const alphabet = ["\r", "\n", "a"];
    let checked = 0;
    for (let code = 0; code < 3 ** 6; code++) {
      const text = Array.from({ length: 6 }, (_, digit) => alphabet[Math.floor(code / 3 ** digit) % 3]).join("");
      const expected = oracle(text).map(({ line }) => line);
      for (let cut = 0; cut <= 6; cut++) {
        for (let chunk = 1; chunk <= 6; chunk++) {
          if (lines(utf8(text), { chunks: [chunk], cuts: [cut] }).join("|") !== expected.join("|"))
            expect([text, cut, chunk]).toEqual([]);
          checked++;
        }
      }
    }
    expect(checked).toBe(729 * 42);
  });
});

describe("lines", () => {
  it.each<[string, string, string[]]>([
    ["an empty file has none", "", []],
    ["one terminator is one empty line", "\n", [""]],
    ["so is a lone \\r at the end of the file", "\r", [""]],
    ["the last line needs no end", "a\nb", ["a", "b"]],
    ["an end at the end begins no line", "a\nb\n", ["a", "b"]],
    ["a lone \\r at the end", "a\r", ["a"]],
    ["\\r\\r\\n is an empty line more", "a\r\r\nb", ["a", "", "b"]],
    ["\\n\\r too", "a\n\rb", ["a", "", "b"]],
    ["U+2028, U+0085 and their like end nothing", "a\u2028b\u0085c\u000bd\u000ce", ["a\u2028b\u0085c\u000bd\u000ce"]],
    ["a byte order mark at the start is dropped", "\ufeffa\n\ufeffb", ["a", "\ufeffb"]],
    ["one alone is no line", "\ufeff", []],
    ["one before an empty line", "\ufeff\r\n", [""]],
    ["two: the second stays", "\ufeff\ufeffa", ["\ufeffa"]],
    ["a replacement character of the file's own", "\ufffd\n", ["\ufffd"]],
  ])("%s", (_, text, expected) => {
    const bytes = utf8(text);
    for (const chunks of [[1], [2], [3], [100]]) {
      for (let cut = 0; cut <= bytes.byteLength; cut++) expect(lines(bytes, { chunks, cuts: [cut] })).toEqual(expected);
    }
  });

  it("\\r\\n on the boundary of a split and of a chunk", () => {
    const bytes = utf8("one\r\ntwo\r\nthree\r\n");
    for (const cut of [3, 4, 5, 8, 9, 10]) {
      for (const chunk of [3, 4, 5, 9, 10, 17]) {
        expect(lines(bytes, { chunks: [chunk], cuts: [cut] })).toEqual(["one", "two", "three"]);
      }
    }
    expect(linesBySplit(bytes, { chunks: [100], cuts: [4] })).toEqual([["one"], ["two", "three"]]);
    expect(linesBySplit(bytes, { chunks: [100], cuts: [5, 6] })).toEqual([["one", "two"], [], ["three"]]);
  });

  it("of many splits in one partition, and rows are counted", () => {
    const bytes = utf8("a\nb\nc\nd");
    const io = ioOf(bytes, [2]);
    expect([...readLines(io, splitsOf(7, [2, 3, 5]))].flat()).toEqual(["a", "b", "c", "d"]);
    expect(io.metrics.rowsRead).toBe(4);
  });

  it("of a packed file are read to its end, whatever its size on the disk", () => {
    const split: FileSplit = { path: "/in/a.gz", start: 0, length: 3, codec: "gzip", fileLength: 3 };
    expect([...readLines(ioOf(utf8("first\nsecond\nthird"), [4]), [split])].flat()).toEqual([
      "first",
      "second",
      "third",
    ]);
  });
});

describe("a long line", () => {
  it("over many splits belongs to the first; the others read no further than their end", () => {
    const bytes = utf8(`${"x".repeat(10_000)}\nlast`);
    const cuts = Array.from({ length: 99 }, (_, index) => (index + 1) * 100);
    expect(linesBySplit(bytes, { chunks: [64], cuts })).toEqual([
      ["x".repeat(10_000)],
      ...Array.from({ length: 98 }, () => []),
      ["last"],
    ]);
    let read = 0;
    const io = ioOf(bytes, [64], (count) => {
      read += count;
    });
    for (const split of splitsOf(bytes.byteLength, cuts).slice(1)) [...readLines(io, [split])];
    expect(read).toBeLessThan(2 * bytes.byteLength);
  });

  it("in many chunks takes time in proportion", () => {
    const bytes = utf8(`${"é".repeat(2_000_000)}\nend`);
    const [line, end] = lines(bytes, { chunks: [64], cuts: [] });
    expect(line).toHaveLength(2_000_000);
    expect(end).toBe("end");
  });

  it("longer than a string can be is refused, with its file and place", () => {
    const chunk = new Uint8Array(1 << 20).fill(120);
    function* readFile(): Generator<Uint8Array> {
      yield utf8("short\n");
      for (let count = 0; count < 600; count++) yield chunk;
    }
    const io = { ...ioOf(chunk, [1]), readFile } as unknown as TaskIo;
    const split: FileSplit = {
      path: PATH,
      start: 0,
      length: 6 + 600 * chunk.byteLength,
      fileLength: 6 + 600 * chunk.byteLength,
    };
    const reading = readLines(io, [split]);
    expect(reading.next().value).toEqual(["short"]);
    expect(() => reading.next()).toThrowError(
      expect.objectContaining({ code: "RECORD_TOO_LARGE", message: expect.stringMatching(/file\.txt.*byte 6 /) }),
    );
  });
});

describe("bytes that are no text", () => {
  it.each<[string, number[], number]>([
    ["latin-1", [0x61, 0x0a, 0x67, 0x72, 0xfc, 0xdf, 0x65, 0x0a], 4],
    ["a character cut off at the end", [0x61, 0x0a, 0xe6, 0x97], 2],
    ["a character cut by an end of line", [0xe6, 0x97, 0x0a, 0xa5], 0],
    ["a surrogate", [0x61, 0xed, 0xa0, 0x80, 0x0a], 1],
    ["an overlong slash", [0x61, 0x0a, 0x62, 0x0a, 0xc0, 0xaf], 4],
  ])("%s: an error that names the byte", (_, values, at) => {
    for (const chunks of [[1], [2], [100]]) {
      expect(() => lines(Uint8Array.from(values), { chunks, cuts: [] })).toThrowError(
        expect.objectContaining({
          code: "FILE_NOT_TEXT",
          message: expect.stringContaining(`${PATH} is no UTF-8 text at byte ${at} `),
        }),
      );
    }
  });

  it("UTF-16 is called by its name", () => {
    expect(() => lines(Uint8Array.from([0xff, 0xfe, 0x61, 0, 0x0a, 0]), { chunks: [9], cuts: [] })).toThrow("UTF-16");
  });

  it("or that are gone since the file was listed", () => {
    const split: FileSplit = { path: PATH, start: 4, length: 6, fileLength: 10 };
    expect(() => [...readLines(ioOf(utf8("abc\nde\n"), [3]), [split])]).toThrowError(
      expect.objectContaining({ code: "FILE_UNREADABLE" }),
    );
  });
});
