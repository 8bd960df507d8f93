/**
 * An executor for tests of the driver: a real HTTP server in this process that records what it is sent. What a task answers is the test's to say.
 */
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { crc32 } from "node:zlib";
import { decodeFrames, encodeFrames, FRAMES_TYPE } from "@volley/engine/wire/frames.js";
import { CRC_HEADER } from "@volley/engine/wire/limits.js";
import {
  type KillRequest,
  KillRequestSchema,
  type LaunchRequest,
  LaunchRequestSchema,
  type LocationsReply,
  LocationsReplySchema,
  type RegisterReply,
  RegisterReplySchema,
  type RemoveRequest,
  RemoveRequestSchema,
  type ReportRequest,
  type TaskEnd,
  WIRE_VERSION,
} from "@volley/engine/wire/messages.js";
import { Client } from "undici";

export interface FakeExecutorOptions {
  readonly driverUrl: string;
  readonly secret: string;
  readonly executorId: string;
  readonly incarnation?: string;
  readonly slots?: number;
  /** Called with each task; what it returns is reported. Undefined: the test reports it itself. */
  readonly run?: (
    task: LaunchRequest["tasks"][number],
    executor: FakeExecutor,
  ) => { end: TaskEnd; frames?: readonly Uint8Array[] } | undefined;
}

export class FakeExecutor {
  readonly launches: LaunchRequest[] = [];
  readonly launchFrames: (readonly Uint8Array[])[] = [];
  readonly kills: KillRequest[] = [];
  readonly removals: RemoveRequest[] = [];
  readonly blocks = new Map<string, Uint8Array>();
  readonly options: FakeExecutorOptions;
  readonly incarnation: string;
  epoch = 0;
  #server: Server;
  #client: Client;
  #seq = 0;
  #closed = false;
  #waiters: { readonly test: () => boolean; readonly resolve: () => void }[] = [];

  private constructor(options: FakeExecutorOptions) {
    this.options = options;
    this.incarnation = options.incarnation ?? `incarnation-${options.executorId}`;
    this.#client = new Client(options.driverUrl);
    this.#server = createServer((request, response) => {
      this.#serve(request).then(
        ({ status, body, headers }) => {
          response.writeHead(status, headers);
          response.end(body);
        },
        (error: unknown) => {
          response.writeHead(500);
          response.end(String(error));
        },
      );
    });
  }

  static async start(options: FakeExecutorOptions): Promise<FakeExecutor> {
    const executor = new FakeExecutor(options);
    await new Promise<void>((resolve) => executor.#server.listen(0, "127.0.0.1", resolve));
    return executor;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async register(): Promise<RegisterReply> {
    const reply = await this.call("/v1/register", {
      wireVersion: WIRE_VERSION,
      executorId: this.options.executorId,
      incarnation: this.incarnation,
      host: "127.0.0.1",
      port: this.port,
      slots: this.options.slots ?? 2,
      memoryBytes: 1 << 28,
      pid: process.pid,
    });
    const parsed = RegisterReplySchema.parse(JSON.parse(reply.text));
    this.epoch = parsed.epoch;
    return parsed;
  }

  async report(body: Partial<ReportRequest>, frames: readonly Uint8Array[] = []): Promise<number> {
    const json = JSON.stringify({
      executorId: this.options.executorId,
      incarnation: this.incarnation,
      epoch: this.epoch,
      seq: this.#seq++,
      tasks: [],
      blocks: [],
      ...body,
    });
    const response = await this.#client.request({
      method: "POST",
      path: "/v1/report",
      headers: { authorization: `Bearer ${this.options.secret}`, "content-type": FRAMES_TYPE },
      body: Buffer.concat(encodeFrames(json, frames)),
    });
    await response.body.dump();
    return response.statusCode;
  }

  async locations(shuffleIds: number[], blocks: string[] = []): Promise<LocationsReply> {
    const { text } = await this.call("/v1/locations", {
      executorId: this.options.executorId,
      epoch: this.epoch,
      shuffleIds,
      blocks,
    });
    return LocationsReplySchema.parse(JSON.parse(text));
  }

  async call(path: string, body: unknown): Promise<{ status: number; text: string }> {
    const response = await this.#client.request({
      method: "POST",
      path,
      headers: { authorization: `Bearer ${this.options.secret}`, "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    return { status: response.statusCode, text: await response.body.text() };
  }

  async getBlock(name: string): Promise<{ status: number; bytes: Uint8Array; crc: string | undefined }> {
    const response = await this.#client.request({
      method: "GET",
      path: `/v1/blocks/${name}`,
      headers: { authorization: `Bearer ${this.options.secret}` },
    });
    return {
      status: response.statusCode,
      bytes: await response.body.bytes(),
      crc: response.headers[CRC_HEADER] as string | undefined,
    };
  }

  /** Resolves as soon as a request has made `test` true. */
  until(test: () => boolean): Promise<void> {
    if (test()) return Promise.resolve();
    return new Promise((resolve) => {
      this.#waiters.push({ test, resolve });
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#client.destroy();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #serve(
    request: IncomingMessage,
  ): Promise<{ status: number; body: Uint8Array | string; headers: Record<string, string> }> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    const json = { "content-type": "application/json" };
    if (request.headers.authorization !== `Bearer ${this.options.secret}`)
      return { status: 401, body: "", headers: {} };
    const url = request.url ?? "";
    let answer: unknown = {};
    if (url === "/v1/launch") answer = this.#launched(body);
    else if (url === "/v1/kill") this.kills.push(KillRequestSchema.parse(JSON.parse(body.toString())));
    else if (url === "/v1/remove") this.removals.push(RemoveRequestSchema.parse(JSON.parse(body.toString())));
    else if (url.startsWith("/v1/blocks/")) return this.#block(url.slice("/v1/blocks/".length));
    else if (url !== "/v1/stop") return { status: 404, body: "", headers: {} };
    this.#wake();
    return { status: 200, body: JSON.stringify(answer), headers: json };
  }

  #launched(body: Uint8Array): unknown {
    const { json, frames } = decodeFrames(body);
    const launch = LaunchRequestSchema.parse(JSON.parse(json));
    this.launches.push(launch);
    this.launchFrames.push(frames);
    const ends = launch.tasks.map((task) => this.options.run?.(task, this)).filter((end) => end !== undefined);
    if (ends.length > 0) {
      const all: Uint8Array[] = [];
      const tasks = ends.map(({ end, frames: own = [] }) => {
        const moved =
          end.outcome === "succeeded" && end.result.at === "frame"
            ? { ...end, result: { at: "frame" as const, frame: all.length } }
            : end;
        all.push(...own);
        return moved;
      });
      this.report({ tasks }, all).catch((error: unknown) => {
        // The test may be over before its last report is answered.
        if (!this.#closed) throw error;
      });
    }
    return { executorId: this.options.executorId, accepted: true };
  }

  #block(name: string): { status: number; body: Uint8Array | string; headers: Record<string, string> } {
    const bytes = this.blocks.get(name);
    if (bytes === undefined) return { status: 404, body: "", headers: {} };
    return {
      status: 200,
      body: bytes,
      headers: { [CRC_HEADER]: String(crc32(bytes)), "content-length": String(bytes.byteLength) },
    };
  }

  #wake(): void {
    this.#waiters = this.#waiters.filter(({ test, resolve }) => {
      if (!test()) return true;
      resolve();
      return false;
    });
  }
}

/** A task end with its result inline. */
export function succeeded(taskId: number): TaskEnd {
  return { outcome: "succeeded", taskId, result: { at: "frame", frame: 0 }, metrics: {}, runMs: 1 };
}
