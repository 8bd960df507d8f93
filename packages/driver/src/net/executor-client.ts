/**
 * The driver's calls to one executor. Every call is safe to repeat ((epoch, seq) tells a repetition), so that one whose socket was reset is tried
 * once more on a fresh one. An executor answers at once: a call that has no answer after HEADERS_TIMEOUT_MS has failed.
 */
import { crc32 } from "node:zlib";
import { VolleyError } from "@volley/engine/wire/errors.js";
import { encodeFrames, FRAMES_TYPE } from "@volley/engine/wire/frames.js";
import { parseBoundedJson } from "@volley/engine/wire/json-depth.js";
import { CONTROL_BYTES_MAX, CRC_HEADER } from "@volley/engine/wire/limits.js";
import {
  type KillRequest,
  type LaunchReply,
  LaunchReplySchema,
  type LaunchRequest,
  type RemoveRequest,
  type StopRequest,
} from "@volley/engine/wire/messages.js";
import { CLOSED_HINT, clientTls, type Tls, tlsRefusal } from "@volley/engine/wire/tls.js";
import { type Dispatcher, Pool } from "undici";

const HEADERS_TIMEOUT_MS = 15_000;
/** Between two pieces of a body, not for the whole. */
const BODY_TIMEOUT_MS = 15_000;
const CONNECT_TIMEOUT_MS = 5_000;
/** Below the server's 72 s, so that no request goes out on a socket that the server is closing. */
const KEEP_ALIVE_MS = 30_000;
/** One for control messages, which go one after the other, the rest for results. */
const CONNECTIONS_MAX = 5;

export interface ExecutorAddress {
  readonly executorId: string;
  readonly host: string;
  readonly port: number;
}

export class ExecutorClient {
  readonly address: ExecutorAddress;
  readonly #pool: Pool;
  readonly #authorization: string;

  readonly #hasTls: boolean;

  constructor(address: ExecutorAddress, secret: string, tls?: Tls) {
    this.address = address;
    this.#hasTls = tls !== undefined;
    this.#authorization = `Bearer ${secret}`;
    const host = address.host.includes(":") ? `[${address.host}]` : address.host;
    this.#pool = new Pool(`${tls === undefined ? "http" : "https"}://${host}:${address.port}`, {
      connections: CONNECTIONS_MAX,
      pipelining: 1,
      headersTimeout: HEADERS_TIMEOUT_MS,
      bodyTimeout: BODY_TIMEOUT_MS,
      connect: { timeout: CONNECT_TIMEOUT_MS, ...(tls === undefined ? {} : clientTls(tls)) },
      keepAliveTimeout: KEEP_ALIVE_MS,
    });
  }

  /** Resolves once the executor has the tasks, not when they are done. */
  async launch(request: LaunchRequest, frames: readonly Uint8Array[]): Promise<LaunchReply> {
    const body = Buffer.concat(encodeFrames(JSON.stringify(request), frames));
    const answer = await this.#post("/v1/launch", body, FRAMES_TYPE);
    const reply = LaunchReplySchema.safeParse(parseBoundedJson(answer));
    if (!reply.success) throw this.#error("PROTOCOL", "answered a launch with something else");
    // A port can be anybody's after its owner died.
    if (reply.data.executorId !== this.address.executorId)
      throw this.#error("EXECUTOR_LOST", `is another executor now (${reply.data.executorId})`);
    return reply.data;
  }

  async kill(request: KillRequest): Promise<void> {
    await this.#post("/v1/kill", JSON.stringify(request), "application/json");
  }

  async remove(request: RemoveRequest): Promise<void> {
    await this.#post("/v1/remove", JSON.stringify(request), "application/json");
  }

  async stop(request: StopRequest): Promise<void> {
    await this.#post("/v1/stop", JSON.stringify(request), "application/json");
  }

  /** A block's bytes, checked. Throws BLOCK_LOST, BLOCK_CORRUPT or EXECUTOR_LOST. */
  async fetchBlock(name: string, bytesMax: number): Promise<Uint8Array> {
    const response = await this.#request({
      method: "GET",
      path: `/v1/blocks/${name}`,
      headers: { authorization: this.#authorization },
    });
    const length = Number(response.headers["content-length"] ?? Number.NaN);
    if (response.statusCode !== 200 || !(length <= bytesMax)) {
      await response.body.dump();
      if (response.statusCode === 200)
        throw this.#error("BLOCK_CORRUPT", `sends ${length} bytes for ${name}, which was to have at most ${bytesMax}`);
      throw this.#error("BLOCK_LOST", `has no block ${name} (status ${response.statusCode})`);
    }
    const bytes = await this.#guard(() => response.body.bytes());
    const expected = response.headers[CRC_HEADER];
    if (bytes.byteLength !== length || (expected !== undefined && Number(expected) !== crc32(bytes)))
      throw this.#error("BLOCK_CORRUPT", `sent ${name} with a wrong checksum`);
    return bytes;
  }

  /** Drops every connection; calls under way fail. */
  async close(): Promise<void> {
    await this.#pool.destroy();
  }

  async #post(path: string, body: Buffer | string, contentType: string): Promise<string> {
    const response = await this.#request({
      method: "POST",
      path,
      headers: { authorization: this.#authorization, "content-type": contentType },
      body,
    });
    const length = Number(response.headers["content-length"] ?? 0);
    if (response.statusCode === 200 && length <= CONTROL_BYTES_MAX) return this.#guard(() => response.body.text());
    await response.body.dump();
    if (response.statusCode === 401 || response.statusCode === 403)
      throw this.#error("UNAUTHORIZED", `refused the secret at ${path}`);
    throw this.#error(
      response.statusCode === 410 ? "EXECUTOR_LOST" : "PROTOCOL",
      `answered ${path} with status ${response.statusCode}`,
    );
  }

  async #request(options: Dispatcher.RequestOptions): Promise<Dispatcher.ResponseData> {
    try {
      return await this.#pool.request(options);
    } catch (error) {
      if (!isReset(error)) throw this.#lost(error);
    }
    return this.#guard(() => this.#pool.request(options));
  }

  async #guard<T>(call: () => Promise<T>): Promise<T> {
    try {
      return await call();
    } catch (error) {
      throw this.#lost(error);
    }
  }

  #lost(error: unknown): VolleyError {
    const refusal = tlsRefusal(error);
    if (refusal !== undefined) return this.#error("TLS_REFUSED", `is not accepted: ${refusal}`, error);
    if (this.#hasTls && isReset(error)) return this.#error("EXECUTOR_LOST", `cannot be reached: ${CLOSED_HINT}`, error);
    return this.#error(
      "EXECUTOR_LOST",
      `cannot be reached: ${error instanceof Error ? error.message : String(error)}`,
      error,
    );
  }

  #error(
    code: "PROTOCOL" | "TLS_REFUSED" | "EXECUTOR_LOST" | "BLOCK_LOST" | "BLOCK_CORRUPT" | "UNAUTHORIZED",
    what: string,
    cause?: unknown,
  ): VolleyError {
    return new VolleyError(code, `executor ${this.address.executorId} ${what}`, {
      ...(cause === undefined ? {} : { cause }),
      details: { executorId: this.address.executorId },
    });
  }
}

/** A socket that was closed while a request was on its way: nothing is known of what the server did. */
function isReset(error: unknown): boolean {
  const code = (error as { code?: string }).code;
  return code === "UND_ERR_SOCKET" || code === "ECONNRESET" || code === "EPIPE";
}
