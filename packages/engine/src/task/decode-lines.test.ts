import { expect, it } from "vitest";
import { decodeLines } from "./decode-lines.js";

it("finds the one character that is not ASCII wherever it stands and however the bytes lie", () => {
  for (let offset = 0; offset < 5; offset++) {
    for (let length = 0; length < 70; length++) {
      for (let at = 0; at <= length; at++) {
        const text = `${"a".repeat(at)}é${"b".repeat(length - at)}`;
        const bytes = new TextEncoder().encode(" ".repeat(offset) + text).subarray(offset);
        const [line] = decodeLines(bytes, "/f", 1);
        if (line !== text) expect([offset, length, at, line]).toEqual([]);
      }
    }
  }
  expect(decodeLines(new TextEncoder().encode("abc"), "/f", 1)).toEqual(["abc"]);
});

it("takes lines that end in \\r\\n, \\r and \\n together", () => {
  expect(decodeLines(new TextEncoder().encode("a\r\nb\r\n\r\n"), "/f", 1)).toEqual(["a", "b", ""]);
  expect(decodeLines(new TextEncoder().encode("a\r\nb\rc\nd\r\r\n"), "/f", 1)).toEqual(["a", "b", "c", "d", ""]);
});
