/** Blocks and segments from other executors. */

import type { Readable } from "node:stream";
import { crc32 as zlibCrc32 } from "node:zlib";
import { VolleyError } from "@volley/engine/wire/errors.js";
import { decodeFrames } from "@volley/engine/wire/frames.js";
import { parseBoundedJson } from "@volley/engine/wire/json-depth.js";
import { CRC_HEADER } from "@volley/engine/wire/limits.js";
import { type LocationsReply, SegmentsReplySchema, type SegmentsRequest } from "@volley/engine/wire/messages.js";
import { clientTls, type Tls } from "@volley/engine/wire/tls.js";
import { type Dispatcher, Pool } from "undici";
import { isReset, readInto, readShared } from "./driver-client.js";

const crc32 = zlibCrc32 as (bytes: Uint8Array) => number;

export type ExecutorAddress = LocationsReply["executors"][number];

const HEADERS_TIMEOUT_MS = 15_000;
/** Between two pieces of a body. */
const BODY_TIMEOUT_MS = 15_000;
const CONNECT_TIMEOUT_MS = 5_000;
const KEEP_ALIVE_MS = 30_000;
const CONNECTIONS_PER_EXECUTOR = 4;

export interface GivenBlock {
  readonly length: number;
  /** Of all bytes; left out where the body says more about its parts. */
  readonly crc32?: number | undefined;
  /** The bytes, from the beginning: called again when the first try found a closed socket. */
  open(): Readable;
}

export class BlockClient {
  readonly #authorization: string;
  readonly #originToPool = new Map<string, Pool>();

  readonly #tls: Tls | undefined;

  constructor(secret: string, tls?: Tls) {
    this.#tls = tls;
    this.#authorization = `Bearer ${secret}`;
  }

  /** The segments asked for, in that order, on shared memory; undefined for one that is not there or arrived damaged. Throws when there is no answer. */
  async segments(address: ExecutorAddress, request: SegmentsRequest): Promise<(Uint8Array | undefined)[]> {
    const response = await this.#request(address, {
      method: "POST",
      path: "/v1/segments",
      headers: { authorization: this.#authorization, "content-type": "application/json" },
      body: JSON.stringify(request),
    });
    const body = await readShared(response, lengthOf(response), "a reply with segments");
    const { json, frames } = decodeFrames(body);
    const reply = SegmentsReplySchema.safeParse(parseBoundedJson(json));
    if (
      !reply.success ||
      reply.data.checksums.length !== request.outputs.length ||
      frames.length !== request.outputs.length
    ) {
      throw new VolleyError("PROTOCOL", `executor ${address.executorId} sent a malformed reply with segments`);
    }
    return reply.data.checksums.map((checksum, index) => {
      const segment = frames[index] as Uint8Array;
      return checksum === null || crc32(segment) !== checksum ? undefined : segment;
    });
  }

  /** A block's bytes on shared memory; undefined when it is not there. */
  async block(address: ExecutorAddress, name: string): Promise<Uint8Array | undefined> {
    const response = await this.#request(
      address,
      { method: "GET", path: `/v1/blocks/${name}`, headers: { authorization: this.#authorization } },
      [404],
    );
    if (response.statusCode === 404) {
      await response.body.dump();
      return undefined;
    }
    return readShared(response, lengthOf(response), name);
  }

  /** Fills `target` with a part of a block; throws when it is not there, or does not arrive as it is. */
  async part(address: ExecutorAddress, path: string, target: Uint8Array, checksum: number): Promise<void> {
    const headers = { authorization: this.#authorization };
    await readInto(await this.#request(address, { method: "GET", path, headers }), target, path, checksum);
  }

  /** Gives another executor a copy. */
  async put(address: ExecutorAddress, name: string, bytes: Uint8Array, level: string): Promise<void> {
    const response = await this.#request(address, {
      method: "PUT",
      path: `/v1/blocks/${name}?level=${level}`,
      headers: {
        authorization: this.#authorization,
        "content-type": "application/octet-stream",
        [CRC_HEADER]: String(crc32(bytes)),
      },
      body: bytes,
    });
    await response.body.dump();
  }

  /** Gives another executor a block as it lies here; the status of its answer. Throws when there is none. */
  async give(address: ExecutorAddress, path: string, body: GivenBlock): Promise<number> {
    const pool = this.#poolOf(address);
    const headers = {
      authorization: this.#authorization,
      "content-type": "application/octet-stream",
      "content-length": String(body.length),
      ...(body.crc32 === undefined ? {} : { [CRC_HEADER]: String(body.crc32) }),
    };
    const response = await this.#twice(address, () =>
      pool.request({ method: "PUT", path, headers, body: body.open() }),
    );
    await response.body.dump();
    return response.statusCode;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#originToPool.values()].map((pool) => pool.destroy()));
  }

  async #request(
    address: ExecutorAddress,
    options: Dispatcher.RequestOptions,
    alsoGood: readonly number[] = [],
  ): Promise<Dispatcher.ResponseData> {
    const pool = this.#poolOf(address);
    const response = await this.#twice(address, () => pool.request(options));
    if (response.statusCode === 200 || alsoGood.includes(response.statusCode)) return response;
    await response.body.dump();
    throw new VolleyError("FETCH_FAILED", `executor ${address.executorId} answered with status ${response.statusCode}`);
  }

  async #twice<T>(address: ExecutorAddress, call: () => Promise<T>): Promise<T> {
    try {
      try {
        return await call();
      } catch (error) {
        if (!isReset(error)) throw error;
        return await call();
      }
    } catch (cause) {
      throw new VolleyError(
        "FETCH_FAILED",
        `executor ${address.executorId} does not answer: ${(cause as Error).message}`,
        { cause },
      );
    }
  }

  #poolOf(address: ExecutorAddress): Pool {
    const host = address.host.includes(":") ? `[${address.host}]` : address.host;
    const origin = `${this.#tls === undefined ? "http" : "https"}://${host}:${address.port}`;
    let pool = this.#originToPool.get(origin);
    if (pool === undefined) {
      pool = new Pool(origin, {
        connections: CONNECTIONS_PER_EXECUTOR,
        pipelining: 1,
        headersTimeout: HEADERS_TIMEOUT_MS,
        bodyTimeout: BODY_TIMEOUT_MS,
        keepAliveTimeout: KEEP_ALIVE_MS,
        connect: { timeout: CONNECT_TIMEOUT_MS, ...(this.#tls === undefined ? {} : clientTls(this.#tls)) },
      });
      this.#originToPool.set(origin, pool);
    }
    return pool;
  }
}

function lengthOf(response: Dispatcher.ResponseData): number {
  const length = Number(response.headers["content-length"]);
  if (!Number.isSafeInteger(length)) throw new VolleyError("PROTOCOL", "a reply has no length");
  return length;
}
