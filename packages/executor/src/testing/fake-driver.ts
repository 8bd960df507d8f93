/** The driver's routes as an executor meets them, with a record of what it said. */

import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { crc32 as zlibCrc32 } from "node:zlib";
import { decodeFrames } from "@volley/engine/wire/frames.js";
import { CRC_HEADER } from "@volley/engine/wire/limits.js";
import {
  type BlockChange,
  type LocationsReply,
  LocationsRequestSchema,
  type RegisterRequest,
  RegisterRequestSchema,
  type ReportRequest,
  ReportRequestSchema,
  type TaskEnd,
} from "@volley/engine/wire/messages.js";

const crc32 = zlibCrc32 as (bytes: Uint8Array) => number;

export interface EndedTask {
  readonly executorId: string;
  readonly end: TaskEnd;
  readonly result: Uint8Array | undefined;
}

export class FakeDriver {
  readonly secret = "a-secret-of-this-application-only";
  readonly applicationId = "app-test";
  readonly registered = new Map<string, RegisterRequest>();
  readonly ended = new Map<number, EndedTask>();
  readonly blockChanges: BlockChange[] = [];
  readonly reports: ReportRequest[] = [];
  readonly blocks = new Map<string, Uint8Array>();
  locationRequests = 0;
  /** Answers questions for locations; a test replaces it where it cares. */
  locations: (shuffleIds: readonly number[], blocks: readonly string[]) => Omit<LocationsReply, "executors"> = () => ({
    shuffles: [],
    blocks: [],
  });
  /** Status of every answer, when not 200. */
  refuseWith: number | undefined;
  /** Goes with it. */
  refusal: { readonly code: string; readonly message: string } | undefined;
  /** So many requests that say something are taken in, and their connection cut before an answer. */
  dropAnswers = 0;
  heartbeatIntervalMs = 1_000;
  readonly #server: Server;
  readonly #seqs = new Set<string>();
  #waiters: (() => void)[] = [];

  private constructor() {
    this.#server = createServer((request, response) => {
      this.#serve(request, response).catch((error: unknown) => {
        response.statusCode = 500;
        response.end(String(error));
      });
    });
  }

  static async start(): Promise<FakeDriver> {
    const driver = new FakeDriver();
    await new Promise<void>((resolve) => driver.#server.listen(0, "127.0.0.1", resolve));
    return driver;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  /** Resolves when the condition holds; looked at after every message. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) {
      await new Promise<void>((resolve) => {
        this.#waiters.push(resolve);
      });
    }
  }

  async ends(taskIds: readonly number[]): Promise<EndedTask[]> {
    await this.until(() => taskIds.every((id) => this.ended.has(id)));
    return taskIds.map((id) => this.ended.get(id) as EndedTask);
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    if (request.headers.authorization !== `Bearer ${this.secret}`) return void response.writeHead(401).end();
    if (this.refuseWith !== undefined) {
      const said = this.refusal === undefined ? "" : JSON.stringify(this.refusal);
      return void response.writeHead(this.refuseWith, { "content-length": said.length }).end(said);
    }
    const path = request.url ?? "";
    if (path.startsWith("/v1/blocks/")) return this.#block(path.slice("/v1/blocks/".length), response);
    const reply = this.#reply(path, body);
    if (this.dropAnswers > 0) {
      this.dropAnswers--;
      return void request.socket.destroy();
    }
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(reply));
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const wake of waiters) wake();
  }

  #reply(path: string, body: Buffer): unknown {
    const { applicationId } = this;
    if (path === "/v1/register") {
      const registration = RegisterRequestSchema.parse(JSON.parse(body.toString()));
      this.registered.set(registration.executorId, registration);
      return { epoch: 7, heartbeatIntervalMs: this.heartbeatIntervalMs, applicationId };
    }
    if (path === "/v1/locations") {
      this.locationRequests++;
      const asked = LocationsRequestSchema.parse(JSON.parse(body.toString()));
      const executors = [...this.registered.values()].map(({ executorId, host, port }) => ({ executorId, host, port }));
      return { executors, ...this.locations(asked.shuffleIds, asked.blocks) };
    }
    const { json, frames } = decodeFrames(body);
    this.#report(ReportRequestSchema.parse(JSON.parse(json)), frames);
    return { epoch: 7, applicationId };
  }

  #report(report: ReportRequest, frames: readonly Uint8Array[]): void {
    const key = `${report.executorId} ${report.seq}`;
    if (this.#seqs.has(key)) return;
    this.#seqs.add(key);
    this.reports.push(report);
    this.blockChanges.push(...report.blocks);
    for (const end of report.tasks) {
      const at = end.outcome === "succeeded" && end.result.at === "frame" ? end.result.frame : undefined;
      const result = at === undefined ? undefined : frames[at];
      this.ended.set(end.taskId, { executorId: report.executorId, end, result });
    }
  }

  #block(name: string, response: ServerResponse): void {
    const bytes = this.blocks.get(name);
    if (bytes === undefined) return void response.writeHead(404).end();
    response.writeHead(200, { "content-length": bytes.byteLength, [CRC_HEADER]: String(crc32(bytes)) }).end(bytes);
  }
}
