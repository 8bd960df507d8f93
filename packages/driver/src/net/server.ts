/**
 * The driver's HTTP server: what executors call. Routes and messages: `engine/wire/messages.ts`.
 *
 * Every request passes one gate before its body is read: the Host (a page in a browser must not reach a loopback port under its own
 * name), the Origin, the secret, the method, and the exact content type. Reviewer: a new route goes into ROUTES; nothing is served
 * from elsewhere. A service function answers at once: no request waits for work.
 */
import type { Socket } from "node:net";
import { crc32 } from "node:zlib";
import { type BlockId, parseBlockName } from "@volley/engine/task/block-id.js";
import { VolleyError } from "@volley/engine/wire/errors.js";
import { decodeFrames, FRAMES_TYPE } from "@volley/engine/wire/frames.js";
import { parseBoundedJson } from "@volley/engine/wire/json-depth.js";
import { CONTROL_BYTES_MAX, CRC_HEADER, REPORT_BYTES_MAX } from "@volley/engine/wire/limits.js";
import { isWildcard } from "@volley/engine/wire/loopback.js";
import {
  type LocationsReply,
  type LocationsRequest,
  LocationsRequestSchema,
  type PiecesReply,
  type PiecesRequest,
  PiecesRequestSchema,
  type RegisterReply,
  type RegisterRequest,
  RegisterRequestSchema,
  type ReportReply,
  type ReportRequest,
  ReportRequestSchema,
  SpokenVersionSchema,
  WIRE_VERSION,
} from "@volley/engine/wire/messages.js";
import { serverTls, type Tls } from "@volley/engine/wire/tls.js";
import { type FastifyInstance, type FastifyReply, type FastifyRequest, fastify } from "fastify";
import type { z } from "zod";
import { checkBind } from "./check-bind.js";
import { RefusedRequest } from "./refused-request.js";
import { type ApplicationSecrets, type Scope, SecretCheck } from "./secrets.js";

/** A body that arrives more slowly than this is given up. */
const REQUEST_TIMEOUT_MS = 30_000;
const HEADERS_TIMEOUT_MS = 8_000;
/** How often Node looks for requests past their time-out: with the above, slow headers end within ten seconds. */
const CONNECTIONS_CHECK_MS = 1_000;
/** Longer than any client keeps an idle socket, so that the server never closes one that is about to be used. */
const KEEP_ALIVE_MS = 72_000;
/** Executors keep a handful of sockets each. */
const CONNECTIONS_MAX = 4_096;

/** What the routes call. Each answers at once or throws RefusedRequest. */
export interface DriverServices {
  register(request: RegisterRequest): RegisterReply;
  report(request: ReportRequest, frames: readonly Uint8Array[]): ReportReply;
  locations(request: LocationsRequest): LocationsReply;
  /** The bytes of a block whose home is the driver. */
  block(id: BlockId): Uint8Array | undefined;
  /** Is this one to be fetched in pieces? */
  isSpread(id: BlockId, bytes: Uint8Array): boolean;
  pieces(request: PiecesRequest): PiecesReply;
}

export interface ServerOptions {
  readonly host: string;
  /** 0 for any free one. */
  readonly port: number;
  readonly secrets: ApplicationSecrets;
  readonly tls?: Tls | undefined;
  /** Without TLS, on an address that others can reach. */
  readonly insecure?: boolean | undefined;
  readonly applicationId: string;
  /** Told of every error that is answered with 500. */
  readonly onDefect: (error: unknown) => void;
}

export interface DriverServer {
  /** Each method and path that it serves, as the router knows them: tests try every one. */
  readonly routes: readonly { readonly method: string; readonly url: string }[];
  /** `http://127.0.0.1:40123`, or `https:`; of a server on every address, the loopback one. */
  readonly url: string;
  readonly host: string;
  readonly port: number;
  /** Stops listening and drops every connection. */
  close(): Promise<void>;
}

interface RouteConfig {
  readonly scope: Scope;
  readonly contentType?: string;
}

export async function startServer(services: DriverServices, options: ServerOptions): Promise<DriverServer> {
  const { tls } = options;
  checkBind(options.host, tls !== undefined, options.insecure === true);
  const app = makeApp(tls);
  app.server.maxConnections = CONNECTIONS_MAX;
  // A connection, open or idle, is no reason for a finished script to go on living: the driver holds its own reference while an action runs.
  app.server.on("connection", (socket: Socket) => socket.unref());
  const routes: { method: string; url: string }[] = [];
  app.addHook("onRoute", ({ method, url }) => {
    for (const one of [method].flat()) routes.push({ method: one, url });
  });
  addParsers(app);
  addGate(app, options);
  addRoutes(app, services);
  try {
    await app.listen({ host: options.host, port: options.port });
  } catch (error) {
    throw listenError(error, options);
  }
  app.server.unref();
  const address = app.server.address();
  if (address === null || typeof address === "string")
    throw new VolleyError("INTERNAL", "the driver's server has no port");
  const url = `${tls === undefined ? "http" : "https"}://${urlHost(options.host)}:${address.port}`;
  return { routes, url, host: options.host, port: address.port, close: () => app.close() };
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

function urlHost(host: string): string {
  if (isWildcard(host)) return host === "::" ? "[::1]" : "127.0.0.1";
  return host.includes(":") ? `[${host}]` : host;
}

function listenError(error: unknown, options: ServerOptions): VolleyError {
  const code = (error as NodeJS.ErrnoException).code ?? "";
  const why = code === "EADDRINUSE" ? "the port is in use" : String(error);
  return new VolleyError("NO_EXECUTORS", `the driver cannot listen on ${options.host}:${options.port}: ${why}`, {
    cause: error,
  });
}

/** Bodies arrive raw: what they may be is decided by each route's schema, after the gate. */
function addParsers(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("application/json", { parseAs: "string" }, (_request, body, done) => done(null, body));
  app.addContentTypeParser(FRAMES_TYPE, { parseAs: "buffer" }, (_request, body, done) => done(null, body));
}

function addGate(app: FastifyInstance, options: ServerOptions): void {
  const check = new SecretCheck(options.secrets);
  let hosts: ReadonlySet<string> | undefined;
  const hostsOf = () => {
    const address = app.server.address();
    const port = typeof address === "object" && address !== null ? address.port : options.port;
    return new Set([
      options.host.includes(":") ? `[${options.host}]:${port}` : `${options.host}:${port}`,
      `127.0.0.1:${port}`,
      `localhost:${port}`,
      `[::1]:${port}`,
    ]);
  };
  app.addHook("onRequest", (request, reply, done) => {
    hosts ??= hostsOf();
    const refusal = refusalOf(request, hosts, check);
    reply.header("x-volley-application", options.applicationId);
    if (refusal === undefined) return done();
    // The body is not read: the connection cannot be used again.
    void reply.code(refusal).header("connection", "close").send();
  });
  app.setNotFoundHandler((request, reply) => {
    const path = request.url.split("?", 1)[0] as string;
    const other = request.method === "GET" ? "POST" : "GET";
    const known =
      app.findRoute({ method: other, url: path }) !== null || (other === "GET" && path.startsWith("/v1/blocks/"));
    void reply
      .code(known ? 405 : 404)
      .header("connection", "close")
      .send();
  });
  app.setErrorHandler((error, request, reply) => sendError(error, request, reply, options.onDefect));
}

/** The status with which the gate turns a request away, or undefined. */
function refusalOf(request: FastifyRequest, hosts: ReadonlySet<string>, check: SecretCheck): number | undefined {
  const { headers } = request;
  if (headers.host === undefined || !hosts.has(headers.host)) return 421;
  if (headers.origin !== undefined) return 403;
  if (hasTwo(request, "authorization")) return 401;
  const scope = check.scopeOf(headers.authorization);
  if (scope === undefined) return 401;
  const config = request.routeOptions.config as Partial<RouteConfig>;
  if (request.is404) return undefined;
  if (config.scope !== scope) return 403;
  if (headers["content-encoding"] !== undefined) return 415;
  if (config.contentType !== undefined && headers["content-type"] !== config.contentType) return 415;
  return undefined;
}

/** Node keeps the first of two Authorization headers and drops the other in silence. */
function hasTwo(request: FastifyRequest, name: string): boolean {
  let count = 0;
  const raw = request.raw.rawHeaders;
  for (let index = 0; index < raw.length; index += 2) {
    if ((raw[index] as string).toLowerCase() === name) count++;
  }
  return count > 1;
}

function addRoutes(app: FastifyInstance, services: DriverServices): void {
  const json: { config: RouteConfig } = { config: { scope: "executor", contentType: "application/json" } };
  app.post("/v1/register", json, (request, reply) => {
    const text = request.body as string;
    refuseOtherVersion(parse(SpokenVersionSchema, text).wireVersion);
    sendJson(reply, services.register(parse(RegisterRequestSchema, text)));
  });
  app.post("/v1/pieces", json, (request, reply) => {
    sendJson(reply, services.pieces(parse(PiecesRequestSchema, request.body as string)));
  });
  app.post("/v1/locations", json, (request, reply) => {
    sendJson(reply, services.locations(parse(LocationsRequestSchema, request.body as string)));
  });
  app.post(
    "/v1/report",
    { config: { scope: "executor", contentType: FRAMES_TYPE } satisfies RouteConfig, bodyLimit: REPORT_BYTES_MAX },
    (request, reply) => {
      const { json: text, frames } = decodeFrames(request.body as Uint8Array);
      sendJson(reply, services.report(parse(ReportRequestSchema, text), frames));
    },
  );
  app.get("/v1/blocks/:name", { config: { scope: "executor" } satisfies RouteConfig }, (request, reply) => {
    const id = parseBlockName((request.params as { name: string }).name);
    if (id === undefined) throw new RefusedRequest(400, "PROTOCOL", "not the name of a block");
    const bytes = services.block(id);
    if (bytes === undefined) throw new RefusedRequest(404, "BLOCK_LOST", "the driver has no such block");
    const { range } = request.query as { range?: unknown };
    if (range === undefined && services.isSpread(id, bytes)) return void reply.code(300).send();
    const part = range === undefined ? bytes : partOf(bytes, range);
    void reply
      .header("content-type", "application/octet-stream")
      .header(CRC_HEADER, String(crc32(part)))
      .send(Buffer.from(part.buffer, part.byteOffset, part.byteLength));
  });
}

/** `from-until`, in bytes. */
function partOf(bytes: Uint8Array, range: unknown): Uint8Array {
  const [, from, until] = (typeof range === "string" ? /^(\d{1,15})-(\d{1,15})$/.exec(range) : null) ?? [];
  const [start, end] = [Number(from ?? Number.NaN), Number(until ?? Number.NaN)];
  if (!(start <= end && end <= bytes.byteLength))
    throw new RefusedRequest(416, "PROTOCOL", "the block has no such range");
  return bytes.subarray(start, end);
}

/** Before the rest is looked at: what another version says may be malformed here, and that is not what is wrong. */
function refuseOtherVersion(spoken: number): void {
  if (spoken === WIRE_VERSION) return;
  throw new RefusedRequest(
    409,
    "VERSION_MISMATCH",
    `the driver speaks version ${WIRE_VERSION}, the executor version ${spoken}: install the same version of volley on both`,
  );
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

/** What a caller with the right secret may know: a code and a sentence; of a defect the request's number only. */
function sendError(
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
  onDefect: (error: unknown) => void,
): void {
  if (error instanceof RefusedRequest) {
    void reply.code(error.status).send({ code: error.code, message: error.message });
    return;
  }
  if (VolleyError.is(error, "PROTOCOL")) {
    void reply.code(400).send({ code: error.code, message: error.message });
    return;
  }
  const status = (error as { statusCode?: number }).statusCode;
  if (status !== undefined && status >= 400 && status < 500) {
    void reply.code(status).header("connection", "close").send({ code: "PROTOCOL" });
    return;
  }
  onDefect(error);
  void reply.code(500).send({ code: "INTERNAL", requestId: request.id });
}
