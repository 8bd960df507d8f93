import fc from "fast-check";
import { expect, it } from "vitest";
import { firstInvalidUtf8 } from "./utf8.js";

const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** The longest prefix that is UTF-8 ends where the first bad byte stands. */
function byDefinition(bytes: Uint8Array): number {
  for (let length = bytes.byteLength; length >= 0; length--) {
    try {
      strict.decode(bytes.subarray(0, length));
      return length === bytes.byteLength ? -1 : length;
    } catch {
      // Not this prefix.
    }
  }
  return 0;
}

it("agrees with the platform's strict decoder", () => {
  const byte = fc.oneof(
    fc.nat(255),
    fc.constantFrom(0x41, 0x80, 0xbf, 0xc1, 0xc2, 0xe0, 0xed, 0xa0, 0x9f, 0xf0, 0x90, 0xf4, 0x8f, 0xf5),
  );
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 8 }), fc.array(byte, { maxLength: 8 }), (some, hard) => {
      const bytes = Uint8Array.from([...some, ...hard]);
      expect(firstInvalidUtf8(bytes)).toBe(byDefinition(bytes));
    }),
    { seed: 8, numRuns: 5000 },
  );
});

it("takes all that strings encode to", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      expect(firstInvalidUtf8(new TextEncoder().encode(text))).toBe(-1);
    }),
    { seed: 8, numRuns: 500 },
  );
});
