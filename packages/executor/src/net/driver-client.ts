/**
 * The executor's calls to its driver. Reports are numbered, so that all calls are safe to repeat; how long to go on repeating is the
 * caller's to decide, this client makes one attempt (two when a kept socket turned out to be closed).
 */

import { crc32 as zlibCrc32 } from "node:zlib";
import { type ErrorCode, VolleyError } from "@volley/engine/wire/errors.js";
import { encodeFrames, FRAMES_TYPE } from "@volley/engine/wire/frames.js";
import { parseBoundedJson } from "@volley/engine/wire/json-depth.js";
import { CRC_HEADER } from "@volley/engine/wire/limits.js";
import {
  type LocationsReply,
  LocationsReplySchema,
  type LocationsRequest,
  type PiecesReply,
  PiecesReplySchema,
  type PiecesRequest,
  type RegisterReply,
  RegisterReplySchema,
  type RegisterRequest,
  type ReportReply,
  ReportReplySchema,
  type ReportRequest,
} from "@volley/engine/wire/messages.js";
import { clientTls, type Tls, tlsRefusal } from "@volley/engine/wire/tls.js";
import { type Dispatcher, Pool } from "undici";
import { z } from "zod";
import { allocateShared } from "../blocks/shared-memory.js";

const crc32 = zlibCrc32 as (bytes: Uint8Array) => number;

/** The driver shares its thread with the user's script, which may be busy for long. */
const HEADERS_TIMEOUT_MS = 30_000;
const CONNECT_TIMEOUT_MS = 5_000;
/** Below the server's 72 s. */
const KEEP_ALIVE_MS = 30_000;
/** One for reports, the others for blocks and questions. */
const CONNECTIONS_MAX = 6;

/** A code and a sentence. */
const REFUSAL_BYTES_MAX = 16 << 10;
const RefusalSchema = z.object({ code: z.string(), message: z.string().max(4096) });

export class DriverClient {
  readonly #pool: Pool;
  readonly #authorization: string;
  readonly #applicationId: string;

  readonly #hasTls: boolean;

  constructor(url: string, secret: string, applicationId: string, tls?: Tls) {
    this.#hasTls = tls !== undefined;
    this.#authorization = `Bearer ${secret}`;
    this.#applicationId = applicationId;
    this.#pool = new Pool(url, {
      connections: CONNECTIONS_MAX,
      pipelining: 1,
      headersTimeout: HEADERS_TIMEOUT_MS,
      bodyTimeout: HEADERS_TIMEOUT_MS,
      keepAliveTimeout: KEEP_ALIVE_MS,
      connect: { timeout: CONNECT_TIMEOUT_MS, ...(tls === undefined ? {} : clientTls(tls)) },
    });
  }

  register(request: RegisterRequest): Promise<RegisterReply> {
    return this.#postJson("/v1/register", request, RegisterReplySchema);
  }

  /** Was this the way in which a certificate is refused? A driver that has just died looks alike. */
  looksRefused(error: VolleyError): boolean {
    return this.#hasTls && isReset(error.cause);
  }

  report(request: ReportRequest, frames: readonly Uint8Array[]): Promise<ReportReply> {
    const body = Buffer.concat(encodeFrames(JSON.stringify(request), frames));
    return this.#post("/v1/report", body, FRAMES_TYPE, ReportReplySchema);
  }

  locations(request: LocationsRequest): Promise<LocationsReply> {
    return this.#postJson("/v1/locations", request, LocationsReplySchema);
  }

  pieces(request: PiecesRequest): Promise<PiecesReply> {
    return this.#postJson("/v1/pieces", request, PiecesReplySchema);
  }

  /** Fills `target` with a part of a block; throws when it does not arrive as it is. */
  async part(path: string, target: Uint8Array, checksum: number): Promise<void> {
    const response = await this.#request({ method: "GET", path, headers: { authorization: this.#authorization } });
    if (response.statusCode !== 200) {
      await response.body.dump();
      throw refusal(response.statusCode, path);
    }
    await readInto(response, target, path, checksum);
  }

  /** A block whose home is the driver, on shared memory; undefined for one that is to be fetched in pieces. */
  async block(name: string): Promise<Uint8Array | undefined> {
    const response = await this.#request({
      method: "GET",
      path: `/v1/blocks/${name}`,
      headers: { authorization: this.#authorization },
    });
    const length = Number(response.headers["content-length"]);
    if (response.statusCode === 300) {
      await response.body.dump();
      return undefined;
    }
    if (response.statusCode !== 200 || !Number.isSafeInteger(length)) {
      await response.body.dump();
      throw refusal(response.statusCode, `the block ${name}`);
    }
    return readShared(response, length, name);
  }

  async close(): Promise<void> {
    await this.#pool.destroy();
  }

  #postJson<S extends z.ZodType>(path: string, request: unknown, schema: S): Promise<z.infer<S>> {
    return this.#post(path, JSON.stringify(request), "application/json", schema);
  }

  async #post<S extends z.ZodType>(
    path: string,
    body: string | Buffer,
    contentType: string,
    schema: S,
  ): Promise<z.infer<S>> {
    const headers = { authorization: this.#authorization, "content-type": contentType };
    const response = await this.#request({ method: "POST", path, headers, body });
    if (response.statusCode !== 200) throw await refusalOf(response, path);
    const reply = schema.safeParse(parseBoundedJson(await guard(() => response.body.text())));
    if (!reply.success) throw new VolleyError("PROTOCOL", `the driver's answer to ${path} is malformed`);
    const other = (reply.data as { applicationId?: string }).applicationId;
    // The port of a driver that died can be anybody's.
    if (other !== undefined && other !== this.#applicationId) {
      throw new VolleyError("UNAUTHORIZED", "another application answers at the driver's address");
    }
    return reply.data;
  }

  async #request(options: Dispatcher.RequestOptions): Promise<Dispatcher.ResponseData> {
    try {
      return await this.#pool.request(options);
    } catch (error) {
      if (!isReset(error)) throw unreachableDriver(error);
    }
    return guard(() => this.#pool.request(options));
  }
}

/** Reads a body whose length is known straight into shared memory, and checks it. */
export async function readShared(response: Dispatcher.ResponseData, length: number, name: string): Promise<Uint8Array> {
  const bytes = allocateShared(length);
  const expected = response.headers[CRC_HEADER];
  await readInto(response, bytes, name, expected === undefined ? undefined : Number(expected));
  return bytes;
}

/** The same into a place that is there, which it must fill. */
export async function readInto(
  response: Dispatcher.ResponseData,
  bytes: Uint8Array,
  name: string,
  checksum: number | undefined,
): Promise<void> {
  const length = bytes.byteLength;
  let at = 0;
  await guard(async () => {
    for await (const chunk of response.body as AsyncIterable<Uint8Array>) {
      if (at + chunk.byteLength > length) throw new VolleyError("BLOCK_CORRUPT", `${name} is longer than announced`);
      bytes.set(chunk, at);
      at += chunk.byteLength;
    }
  });
  if (at !== length || (checksum !== undefined && checksum !== crc32(bytes)))
    throw new VolleyError("BLOCK_CORRUPT", `${name} arrived damaged`);
}

/** The driver's own words, if it says which code: an executor of another version must be told so. */
async function refusalOf(response: Dispatcher.ResponseData, path: string): Promise<VolleyError> {
  const length = Number(response.headers["content-length"]);
  if (!(length <= REFUSAL_BYTES_MAX)) {
    await response.body.dump();
    return refusal(response.statusCode, path);
  }
  const said = RefusalSchema.safeParse(jsonOf(await guard(() => response.body.text())));
  if (said.success && said.data.code === "VERSION_MISMATCH")
    return new VolleyError("VERSION_MISMATCH", said.data.message);
  return refusal(response.statusCode, path);
}

/** Undefined for what is no JSON. */
function jsonOf(text: string): unknown {
  try {
    return parseBoundedJson(text);
  } catch (error) {
    if (!VolleyError.is(error, "PROTOCOL")) throw error;
    return undefined;
  }
}

function refusal(status: number, what: string): VolleyError {
  const code: ErrorCode =
    status === 401 || status === 403
      ? "UNAUTHORIZED"
      : status === 404
        ? "BLOCK_LOST"
        : // The driver has given this executor up: another incarnation, or fenced.
          status === 409 || status === 410
          ? "EXECUTOR_LOST"
          : "PROTOCOL";
  return new VolleyError(code, `the driver answered ${what} with status ${status}`);
}

async function guard<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw VolleyError.is(error) ? error : unreachableDriver(error);
  }
}

/** FETCH_FAILED stands for "no answer": the only failure of these calls that another attempt may mend. */
function unreachableDriver(cause: unknown): VolleyError {
  const refusal = tlsRefusal(cause);
  if (refusal !== undefined)
    return new VolleyError("TLS_REFUSED", `this executor does not accept its driver: ${refusal}`, { cause });
  return new VolleyError("FETCH_FAILED", `the driver does not answer: ${(cause as Error).message}`, { cause });
}

/** A socket that was closed while a request was on its way. */
export function isReset(error: unknown): boolean {
  const code = (error as { code?: string } | null)?.code;
  return code === "UND_ERR_SOCKET" || code === "ECONNRESET" || code === "EPIPE";
}
