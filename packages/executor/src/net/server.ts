/**
 * The executor's HTTP server: what the driver and other executors call. Routes and messages: engine/wire/messages.ts.
 *
 * Every request passes one gate before its body is read: Host, Origin, secret, method, exact content type. When adding a route, give
 * it a content type and a body limit here; nothing is served from elsewhere. No handler waits for work to be done.
 */

import type { Socket } from "node:net";
import { Readable } from "node:stream";
import { crc32 as zlibCrc32 } from "node:zlib";
import { type BlockId, parseBlockName } from "@volley/engine/task/block-id.js";
import { VolleyError } from "@volley/engine/wire/errors.js";
import { decodeFrames, FRAMES_TYPE } from "@volley/engine/wire/frames.js";
import { parseBoundedJson } from "@volley/engine/wire/json-depth.js";
import { CONTROL_BYTES_MAX, CRC_HEADER, LAUNCH_BYTES_MAX } from "@volley/engine/wire/limits.js";
import { isLoopback } from "@volley/engine/wire/loopback.js";
import {
  type KillRequest,
  KillRequestSchema,
  type LaunchReply,
  type LaunchRequest,
  LaunchRequestSchema,
  type RemoveRequest,
  RemoveRequestSchema,
  type SegmentsRequest,
  SegmentsRequestSchema,
  type StopRequest,
  StopRequestSchema,
} from "@volley/engine/wire/messages.js";
import { serverTls, type Tls } from "@volley/engine/wire/tls.js";
import { type FastifyInstance, type FastifyReply, type FastifyRequest, fastify } from "fastify";
import type { z } from "zod";
import { openBlock, streamOf } from "../blocks/block-stream.js";
import type { BlockPlace } from "../task/slot-messages.js";
import { addIncomingRoutes, BLOCK_TYPE, type IncomingServices } from "./incoming-blocks.js";
import { SecretCheck } from "./secret.js";

const crc32 = zlibCrc32 as (bytes: Uint8Array) => number;

/** A body that arrives more slowly than this is given up. */
const REQUEST_TIMEOUT_MS = 30_000;
const HEADERS_TIMEOUT_MS = 8_000;
const CONNECTIONS_CHECK_MS = 1_000;
/** Longer than any client keeps an idle socket, so that the server never closes one that is about to be used. */
const KEEP_ALIVE_MS = 72_000;
/** The driver and every other executor keep a handful of sockets each. */
const CONNECTIONS_MAX = 1_024;

/** What the routes call. */
export interface ExecutorServices {
  launch(request: LaunchRequest, frames: readonly Uint8Array[]): LaunchReply;
  kill(request: KillRequest): void;
  remove(request: RemoveRequest): void;
  /** What to do once the answer is on its way. */
  stop(request: StopRequest): () => void;
  block(id: BlockId): BlockPlace | undefined;
  /** Bytes of a broadcast of which a part only is here. */
  part(broadcastId: number, from: number, until: number): Uint8Array | undefined;
  /** The chunk of a segment that begins where `output.from` says. */
  segment(
    shuffleId: number,
    output: SegmentsRequest["outputs"][number],
    reducePartition: number,
  ): SegmentToServe | undefined;
  readonly incomingBlocks: IncomingServices;
  defect(error: unknown): void;
}

export interface SegmentToServe {
  readonly place: BlockPlace;
  /** As the map task took it. */
  readonly crc32: number;
}

export interface ServerOptions {
  readonly host: string;
  readonly secret: string;
  readonly tls?: Tls | undefined;
  /** Without TLS, on an address that others can reach. */
  readonly insecure?: boolean | undefined;
}

export interface ExecutorServer {
  /** Each method and path that it serves, as the router knows them: tests try every one. */
  readonly routes: readonly { readonly method: string; readonly url: string }[];
  readonly port: number;
  close(): Promise<void>;
}

/** A request that is answered with this status. */
class Refused extends Error {
  readonly status: number;

  constructor(status: number) {
    super(`refused with ${status}`);
    this.status = status;
  }
}

export async function startServer(services: ExecutorServices, options: ServerOptions): Promise<ExecutorServer> {
  const { host, tls, insecure } = options;
  if (tls === undefined && insecure !== true && !isLoopback(host))
    throw new VolleyError("INVALID_OPTION", `an executor listens on ${host} over TLS only`);
  const app = makeApp(tls);
  app.server.maxConnections = CONNECTIONS_MAX;
  app.server.on("connection", (socket: Socket) => socket.setNoDelay(true));
  const routes: { method: string; url: string }[] = [];
  app.addHook("onRoute", ({ method, url }) => {
    for (const one of [method].flat()) routes.push({ method: one, url });
  });
  addParsers(app);
  addGate(app, options, services);
  addControlRoutes(app, services);
  addBlockRoutes(app, services);
  addIncomingRoutes(app, services.incomingBlocks);
  await app.listen({ host: options.host, port: 0 });
  const address = app.server.address();
  if (address === null || typeof address === "string") throw new VolleyError("INTERNAL", "the server has no port");
  return { routes, port: address.port, close: () => app.close() };
}

function makeApp(tls: Tls | undefined): FastifyInstance {
  const limits = { connectionsCheckingInterval: CONNECTIONS_CHECK_MS, headersTimeout: HEADERS_TIMEOUT_MS };
  const options = {
    logger: false,
    requestTimeout: REQUEST_TIMEOUT_MS,
    keepAliveTimeout: KEEP_ALIVE_MS,
    bodyLimit: CONTROL_BYTES_MAX,
    exposeHeadRoutes: false,
    routerOptions: { maxParamLength: 128 },
    forceCloseConnections: true,
  };
  if (tls === undefined) return fastify({ ...options, http: limits });
  // The same to all that follows: requests and answers do not differ.
  return fastify({ ...options, https: { ...serverTls(tls), ...limits } }) as unknown as FastifyInstance;
}

function addParsers(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("application/json", { parseAs: "string" }, (_request, body, done) => done(null, body));
  app.addContentTypeParser(FRAMES_TYPE, { parseAs: "buffer" }, (_request, body, done) => done(null, body));
}

function addGate(app: FastifyInstance, options: ServerOptions, services: ExecutorServices): void {
  const check = new SecretCheck(options.secret);
  app.addHook("onRequest", (request, reply, done) => {
    const refusal = refusalOf(request, options.host, check);
    if (refusal === undefined) return done();
    // The body is not read: the connection cannot be used again.
    void reply.code(refusal).header("connection", "close").send();
  });
  app.setNotFoundHandler((request, reply) => {
    const path = request.url.split("?", 1)[0] as string;
    const known = ["GET", "POST", "PUT"].some((method) => app.hasRoute({ method, url: routeOf(path) }));
    void reply
      .code(known ? 405 : 404)
      .header("connection", "close")
      .send();
  });
  app.setErrorHandler((error, request, reply) => sendError(error, request, reply, services));
}

function routeOf(path: string): string {
  const named = ["/v1/blocks/", "/v1/outputs/"].find((prefix) => path.startsWith(prefix));
  return named === undefined ? path : `${named}:name`;
}

/** The status with which the gate turns a request away, or undefined. */
function refusalOf(request: FastifyRequest, host: string, check: SecretCheck): number | undefined {
  const { headers } = request;
  const port = request.socket.localPort;
  const name = host.includes(":") ? `[${host}]` : host;
  if (headers.host !== `${name}:${port}` && headers.host !== `localhost:${port}`) return 421;
  // No page in a browser has business here.
  if (headers.origin !== undefined) return 403;
  const authorizations = request.raw.rawHeaders.filter(
    (text, at) => at % 2 === 0 && text.toLowerCase() === "authorization",
  );
  if (authorizations.length !== 1 || !check.matches(headers.authorization)) return 401;
  if (request.is404) return undefined;
  if (headers["content-encoding"] !== undefined) return 415;
  const { contentType } = request.routeOptions.config as { contentType?: string };
  if (contentType !== undefined && headers["content-type"] !== contentType) return 415;
  return undefined;
}

function addControlRoutes(app: FastifyInstance, services: ExecutorServices): void {
  const json = { config: { contentType: "application/json" } };
  app.post("/v1/launch", { config: { contentType: FRAMES_TYPE }, bodyLimit: LAUNCH_BYTES_MAX }, (request, reply) => {
    const { json: text, frames } = decodeFrames(request.body as Uint8Array);
    sendJson(reply, services.launch(parse(LaunchRequestSchema, text), frames));
  });
  app.post("/v1/kill", json, (request, reply) => {
    services.kill(parse(KillRequestSchema, request.body as string));
    sendJson(reply, {});
  });
  app.post("/v1/remove", json, (request, reply) => {
    services.remove(parse(RemoveRequestSchema, request.body as string));
    sendJson(reply, {});
  });
  app.post("/v1/stop", json, (request, reply) => {
    const stop = parse(StopRequestSchema, request.body as string);
    // After the answer is out: stopping drops the connection.
    const stopNow = services.stop(stop);
    reply.raw.once("finish", stopNow);
    sendJson(reply, {});
  });
}

function addBlockRoutes(app: FastifyInstance, services: ExecutorServices): void {
  app.get("/v1/blocks/:name", async (request, reply) => {
    const id = blockIdOf(request);
    const { range } = request.query as { range?: unknown };
    const place = services.block(id);
    const part = place === undefined && id.kind === "broadcast" ? rangeOf(range) : undefined;
    const bytes = part && services.part((id as BlockId & { kind: "broadcast" }).broadcastId, ...part);
    if (bytes !== undefined) await sendBlock(reply, { at: "memory", bytes }, undefined);
    else if (place !== undefined) await sendBlock(reply, place, range);
    else throw new Refused(404);
    return reply;
  });
  const segments = { config: { contentType: "application/json" }, bodyLimit: CONTROL_BYTES_MAX };
  app.post("/v1/segments", segments, (request, reply) => {
    sendSegments(reply, parse(SegmentsRequestSchema, request.body as string), services);
  });
}

function blockIdOf(request: FastifyRequest): BlockId {
  const id = parseBlockName((request.params as { name: string }).name);
  if (id === undefined) throw new Refused(400);
  return id;
}

async function sendBlock(reply: FastifyReply, place: BlockPlace, range: unknown): Promise<void> {
  if (range !== undefined) return sendRange(reply, place, range);
  if (place.at === "memory") {
    void reply.header("content-type", BLOCK_TYPE).header(CRC_HEADER, String(crc32(place.bytes)));
    void reply.send(bufferOf(place.bytes));
  } else {
    const file = await openBlock(place);
    if (file === undefined) throw new Refused(404);
    void reply.header("content-type", BLOCK_TYPE).header(CRC_HEADER, String(place.crc32));
    void reply.header("content-length", place.length).send(streamOf(place, file));
  }
}

function rangeOf(range: unknown): readonly [number, number] | undefined {
  const [, from, until] = (typeof range === "string" ? /^(\d{1,15})-(\d{1,15})$/.exec(range) : null) ?? [];
  return from === undefined || until === undefined ? undefined : [Number(from), Number(until)];
}

async function sendRange(reply: FastifyReply, place: BlockPlace, range: unknown): Promise<void> {
  const [start, end] = rangeOf(range) ?? [Number.NaN, Number.NaN];
  const length = place.at === "memory" ? place.bytes.byteLength : place.length;
  if (!(start <= end && end <= length)) throw new Refused(416);
  if (place.at === "memory") {
    const bytes = place.bytes.subarray(start, end);
    void reply.header("content-type", BLOCK_TYPE).header(CRC_HEADER, String(crc32(bytes)));
    void reply.send(bufferOf(bytes));
  } else {
    const part = { ...place, offset: place.offset + start, length: end - start };
    const file = await openBlock(part);
    if (file === undefined) throw new Refused(404);
    void reply.header("content-type", BLOCK_TYPE).header("content-length", part.length).send(streamOf(part, file));
  }
}

function sendSegments(reply: FastifyReply, request: SegmentsRequest, services: ExecutorServices): void {
  const found = request.outputs.map((output) => services.segment(request.shuffleId, output, request.reducePartition));
  const text = Buffer.from(JSON.stringify({ checksums: found.map((segment) => segment?.crc32 ?? null) }));
  const lengths = [text.byteLength, ...found.map((segment) => (segment === undefined ? 0 : lengthOf(segment.place)))];
  const head = Buffer.alloc(4 + lengths.length * 4);
  head.writeUInt32LE(lengths.length, 0);
  lengths.forEach((length, index) => {
    head.writeUInt32LE(length, 4 + index * 4);
  });
  const total = lengths.reduce((sum, length) => sum + length, head.byteLength);
  const pieces = function* () {
    yield head;
    yield text;
    for (const segment of found) {
      if (segment === undefined || lengthOf(segment.place) === 0) continue;
      yield segment.place.at === "memory" ? bufferOf(segment.place.bytes) : segment.place;
    }
  };
  const body = Readable.from(
    (async function* () {
      for (const piece of pieces()) {
        if (Buffer.isBuffer(piece)) yield piece;
        else yield* streamOf(piece);
      }
    })(),
    { objectMode: false },
  );
  void reply.header("content-type", FRAMES_TYPE).header("content-length", total).send(body);
}

const lengthOf = (place: BlockPlace) => (place.at === "memory" ? place.bytes.byteLength : place.length);

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function parse<S extends z.ZodType>(schema: S, text: string): z.infer<S> {
  const result = schema.safeParse(parseBoundedJson(text));
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  throw new VolleyError("PROTOCOL", `${issue?.path.join(".") ?? ""}: ${issue?.message ?? "invalid"}`);
}

function sendJson(reply: FastifyReply, body: unknown): void {
  void reply.header("content-type", "application/json").send(JSON.stringify(body));
}

/** Of a defect a caller learns the request's number only. */
function sendError(error: unknown, request: FastifyRequest, reply: FastifyReply, services: ExecutorServices): void {
  const status = error instanceof Refused ? error.status : (error as { statusCode?: number }).statusCode;
  void reply.header("content-type", "application/json");
  if (VolleyError.is(error, "PROTOCOL")) {
    void reply.code(400).send(JSON.stringify({ code: error.code, message: error.message }));
  } else if (status !== undefined && status >= 400 && status < 500) {
    if (!(error instanceof Refused)) void reply.header("connection", "close");
    void reply.code(status).send(JSON.stringify({ code: "PROTOCOL" }));
  } else {
    services.defect(error);
    void reply.code(500).send(JSON.stringify({ code: "INTERNAL", requestId: request.id }));
  }
}
