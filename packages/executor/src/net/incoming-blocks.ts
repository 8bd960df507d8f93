/**
 * Routes by which other executors give blocks to this one: second copies of cached partitions, and what an executor that leaves takes care of.
 *
 * Bytes are read only when there is room for them in flight, straight into shared memory (or to disk, when they are many), and checked before they
 * are kept; until then the sender's socket waits. A body that is not wanted is read and dropped, so that its sender hears the answer.
 */

import type { IncomingMessage } from "node:http";
import { crc32 as zlibCrc32 } from "node:zlib";
import { type BlockId, parseBlockName } from "@volley/engine/task/block-id.js";
import { StorageLevel } from "@volley/engine/task/storage-level.js";
import { VolleyError } from "@volley/engine/wire/errors.js";
import { parseBoundedJson } from "@volley/engine/wire/json-depth.js";
import { CRC_HEADER, MAP_OUTPUT_INDEX_BYTES_MAX, MOVED_BLOCK_BYTES_MAX } from "@volley/engine/wire/limits.js";
import { type MapOutputIndex, MapOutputIndexSchema } from "@volley/engine/wire/messages.js";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { allocateShared } from "../blocks/shared-memory.js";
import type { FetchBudget } from "../shuffle/remote-segments.js";
import { isIndexOf, SegmentChecker } from "./segment-checker.js";

const crc32 = zlibCrc32 as (bytes: Uint8Array, before?: number) => number;

export const BLOCK_TYPE = "application/octet-stream";
/** A map output of more bytes goes to disk as it comes. */
const IN_MEMORY_BYTES_MAX = 64 << 20;

/** What became of a block: `differs`: other bytes are here under its name. */
export type Received = "kept" | "full" | "differs";

export interface IncomingServices {
  /** False once this executor leaves. */
  takesBlocks(): boolean;
  /** Bytes on their way to it, whoever sends them. */
  readonly incoming: FetchBudget;
  /** A larger one than this is not kept here, so it is not read. */
  readonly cachedBytesMax: number;
  cached(id: BlockId & { kind: "rdd" }, bytes: Uint8Array, level: StorageLevel): Promise<Received>;
  hasOutput(id: BlockId & { kind: "shuffle" }): boolean;
  /** `bytes`: whole, or piece by piece; checked either way. */
  output(
    id: BlockId & { kind: "shuffle" },
    index: MapOutputIndex,
    bytes: Uint8Array | AsyncIterable<Uint8Array>,
  ): Promise<Received>;
}

const STATUS: Readonly<Record<Received, number>> = { kept: 200, full: 507, differs: 409 };

export function addIncomingRoutes(app: FastifyInstance, services: IncomingServices): void {
  app.addContentTypeParser(BLOCK_TYPE, (_request, _payload, done) => done(null));
  const config = { config: { contentType: BLOCK_TYPE }, onRequest: refuseUnbounded };
  app.put("/v1/blocks/:name", config, async (request, reply) => {
    const id = parseBlockName((request.params as { name: string }).name);
    const level = levelOf((request.query as { level?: unknown }).level);
    if (id?.kind !== "rdd" || level === undefined) return refuse(request, reply, 400);
    if (lengthOf(request) > services.cachedBytesMax) return refuse(request, reply, 507);
    return receive(request, reply, services, lengthOf(request), async (body, length) => {
      const bytes = allocateShared(length);
      let checksum = 0;
      let at = 0;
      for await (const piece of body) {
        bytes.set(piece, at);
        at += piece.byteLength;
        checksum = crc32(piece, checksum);
      }
      if (String(checksum) !== request.headers[CRC_HEADER]) throw new VolleyError("BLOCK_CORRUPT", "arrived damaged");
      return services.cached(id, bytes, level);
    });
  });
  app.put("/v1/outputs/:name", config, async (request, reply) => {
    const id = parseBlockName((request.params as { name: string }).name);
    const indexBytes = indexBytesOf((request.query as { index?: unknown }).index);
    if (id?.kind !== "shuffle" || indexBytes === undefined) return refuse(request, reply, 400);
    // It has come before, and its sender has not heard.
    if (services.hasOutput(id)) return refuse(request, reply, 200);
    const inMemory = Math.min(lengthOf(request), IN_MEMORY_BYTES_MAX);
    return receive(request, reply, services, inMemory, (body, length) =>
      receiveOutput(body, length, indexBytes, id, services),
    );
  });
}

/** Before anything else is looked at: a body of unknown or absurd length is not read at all. */
function refuseUnbounded(request: FastifyRequest, reply: FastifyReply, done: () => void): void {
  const length = lengthOf(request);
  if (length <= MOVED_BLOCK_BYTES_MAX) return done();
  void reply
    .code(Number.isNaN(length) ? 411 : 413)
    .header("connection", "close")
    .send();
}

function lengthOf(request: FastifyRequest): number {
  return Number(request.headers["content-length"] ?? Number.NaN);
}

/** Waits for room (`inFlight`: bytes that it takes in memory until they are kept), reads the body, and answers with what became of it. */
async function receive(
  request: FastifyRequest,
  reply: FastifyReply,
  services: IncomingServices,
  inFlight: number,
  read: (body: AsyncIterable<Uint8Array>, length: number) => Promise<Received>,
): Promise<void> {
  if (!services.takesBlocks()) return refuse(request, reply, 503);
  const { incoming } = services;
  const length = lengthOf(request);
  await incoming.whenFits(inFlight);
  try {
    const received = await read(exactly(request.raw, length), length);
    return refuse(request, reply, STATUS[received]);
  } catch (error) {
    if (VolleyError.is(error, "BLOCK_CORRUPT")) return refuse(request, reply, 422);
    // No memory and no disk for it.
    if (VolleyError.is(error, "OUT_OF_MEMORY") || VolleyError.is(error, "OUTPUT_FAILED"))
      return refuse(request, reply, 507);
    throw error;
  } finally {
    incoming.give(inFlight);
  }
}

async function receiveOutput(
  body: AsyncIterable<Uint8Array>,
  length: number,
  indexBytes: number,
  id: BlockId & { kind: "shuffle" },
  services: IncomingServices,
): Promise<Received> {
  const pieces = body[Symbol.asyncIterator]();
  const { index, rest } = await readIndex(pieces, indexBytes, length);
  const checker = new SegmentChecker(index);
  const checked = checkedPieces(rest, pieces, checker);
  const bytesLength = length - indexBytes;
  if (bytesLength > IN_MEMORY_BYTES_MAX) return services.output(id, index, checked);
  const bytes = allocateShared(bytesLength);
  let at = 0;
  for await (const piece of checked) {
    bytes.set(piece, at);
    at += piece.byteLength;
  }
  return services.output(id, index, bytes);
}

async function readIndex(
  pieces: AsyncIterator<Uint8Array>,
  indexBytes: number,
  length: number,
): Promise<{ index: MapOutputIndex; rest: Uint8Array }> {
  const parts: Uint8Array[] = [];
  let have = 0;
  while (have < indexBytes) {
    const { value, done } = await pieces.next();
    if (done === true) throw damagedIndex();
    parts.push(value);
    have += value.byteLength;
  }
  const all = Buffer.concat(parts);
  let parsed: unknown;
  try {
    parsed = parseBoundedJson(all.toString("utf8", 0, indexBytes));
  } catch (error) {
    if (VolleyError.is(error, "PROTOCOL")) throw damagedIndex();
    throw error;
  }
  const index = MapOutputIndexSchema.safeParse(parsed);
  if (!index.success || !isIndexOf(index.data, length - indexBytes)) throw damagedIndex();
  return { index: index.data, rest: all.subarray(indexBytes) };
}

async function* checkedPieces(
  first: Uint8Array,
  more: AsyncIterator<Uint8Array>,
  checker: SegmentChecker,
): AsyncGenerator<Uint8Array> {
  for (let piece = first; ; ) {
    checker.take(piece);
    yield piece;
    const { value, done } = await more.next();
    if (done === true) break;
    piece = value;
  }
  checker.end();
}

/** The body, if it is as long as announced. */
async function* exactly(raw: IncomingMessage, length: number): AsyncGenerator<Uint8Array> {
  let left = length;
  try {
    // Whoever stops reading still answers: the connection stays.
    for await (const piece of raw.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>) {
      if (piece.byteLength > left) break;
      left -= piece.byteLength;
      yield piece;
    }
  } catch (cause) {
    throw new VolleyError("BLOCK_CORRUPT", "the connection ended within a block", { cause });
  }
  if (left !== 0) throw new VolleyError("BLOCK_CORRUPT", "a block is not as long as announced");
}

/** An answer without a body; what is left of the request's is dropped. */
function refuse(request: FastifyRequest, reply: FastifyReply, status: number): void {
  request.raw.resume();
  void reply.code(status).header("content-type", "application/json").send("{}");
}

/** Of the names that a request may give only the levels' own: StorageLevel has other properties, `__proto__` among them. */
function levelOf(name: unknown): StorageLevel | undefined {
  if (typeof name !== "string" || !Object.hasOwn(StorageLevel, name)) return undefined;
  return StorageLevel[name as keyof typeof StorageLevel];
}

function indexBytesOf(text: unknown): number | undefined {
  if (typeof text !== "string" || !/^[1-9]\d{0,8}$/.test(text)) return undefined;
  const bytes = Number(text);
  return bytes <= MAP_OUTPUT_INDEX_BYTES_MAX ? bytes : undefined;
}

function damagedIndex(): VolleyError {
  return new VolleyError("BLOCK_CORRUPT", "the index of a map output is none");
}
