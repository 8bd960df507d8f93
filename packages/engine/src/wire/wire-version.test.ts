import { createHash } from "node:crypto";
import { expect, it } from "vitest";
import { z } from "zod";
import * as executorConfig from "./executor-config.js";
import * as messages from "./messages.js";
import * as stageProcess from "./stage-process.js";

/**
 * What each version of the protocol was, as a hash of its schemas. When a message changes, raise WIRE_VERSION and add a row; never edit one: a driver and
 * an executor that give the same number must speak alike, and those that do not are refused at registration.
 */
const VERSION_TO_HASH: Readonly<Record<number, string>> = {
  1: "204637f06335ac1f",
  2: "5ef324d7a9228acf",
  3: "4ae97c290576a54b",
  4: "8951ffa8c8b00fed",
  5: "5a3d90a5979b1141",
  6: "965a04d802bcd49f",
  7: "56df2c4d70f59541",
};

/** Every exported schema as JSON Schema, under its name: what passes on the wire, whatever the code around it is called. */
function wireHash(): string {
  const schemas = Object.entries({ ...messages, ...executorConfig, ...stageProcess })
    .filter(([, value]) => value instanceof z.ZodType)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, schema]) => [name, z.toJSONSchema(schema as z.ZodType, { io: "input" })]);
  expect(schemas.length).toBeGreaterThan(20);
  return createHash("sha256").update(JSON.stringify(schemas)).digest("hex").slice(0, 16);
}

it("a message changes only together with WIRE_VERSION", () => {
  const hash = wireHash();
  const told = `the messages have changed: set WIRE_VERSION in messages.ts to ${messages.WIRE_VERSION + 1} and add the row ${messages.WIRE_VERSION + 1}: "${hash}"`;
  expect(VERSION_TO_HASH[messages.WIRE_VERSION], told).toBe(hash);
});

it("no two versions are one", () => {
  const hashes = Object.values(VERSION_TO_HASH);
  expect(new Set(hashes).size).toBe(hashes.length);
  expect(Math.max(...Object.keys(VERSION_TO_HASH).map(Number))).toBe(messages.WIRE_VERSION);
});
