import { request as httpRequest } from "node:http";
import { connect } from "node:net";
import { encodeFrames, FRAMES_TYPE } from "@volley/engine/wire/frames.js";
import { WIRE_VERSION } from "@volley/engine/wire/messages.js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { RefusedRequest } from "./refused-request.js";
import { makeSecrets } from "./secrets.js";
import { type DriverServer, startServer } from "./server.js";

const secrets = makeSecrets();
const bearer = `Bearer ${secrets.executor}`;
const calls: string[] = [];
const defects: unknown[] = [];
let server: DriverServer;

beforeAll(async () => {
  server = await startServer(
    {
      register: (request) => {
        calls.push(`register ${request.executorId}`);
        if (request.executorId === "taken") throw new RefusedRequest(409, "PROTOCOL", "in use");
        if (request.executorId === "defect") throw new Error("a secret path /home/someone");
        return { epoch: 1, heartbeatIntervalMs: 1000, applicationId: "app" };
      },
      report: () => {
        calls.push("report");
        return { epoch: 1, applicationId: "app" };
      },
      locations: () => {
        calls.push("locations");
        return { executors: [], shuffles: [], blocks: [] };
      },
      block: (id) => (id.kind === "broadcast" && [1, 3].includes(id.broadcastId) ? Uint8Array.of(1, 2) : undefined),
      isSpread: (id) => id.kind === "broadcast" && id.broadcastId === 3,
      pieces: () => ({ bytes: 2, pieceBytes: 1, assignment: { kind: "wait" } }),
    },
    { host: "127.0.0.1", port: 0, secrets, applicationId: "app", onDefect: (error) => defects.push(error) },
  );
});
afterAll(() => server.close());

interface Answer {
  readonly status: number;
  readonly body: string;
  readonly headers: Record<string, unknown>;
}

function send(
  method: string,
  path: string,
  headers: Record<string, string | string[]>,
  body?: string | Uint8Array,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      { host: "127.0.0.1", port: server.port, method, path, headers, agent: false },
      (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("end", () =>
          resolve({
            status: response.statusCode ?? 0,
            body: Buffer.concat(chunks).toString(),
            headers: response.headers,
          }),
        );
      },
    );
    request.on("error", reject);
    request.end(body);
  });
}

/** Bytes as they are: what no HTTP client would send. */
function sendRaw(text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(server.port, "127.0.0.1", () => socket.write(text));
    let answer = "";
    socket.on("data", (chunk) => {
      answer += chunk.toString();
      socket.end();
    });
    socket.on("close", () => resolve(answer));
    socket.on("error", reject);
  });
}

const json = { authorization: bearer, "content-type": "application/json" };
const registration = (executorId: string) =>
  JSON.stringify({
    wireVersion: WIRE_VERSION,
    executorId,
    incarnation: "i",
    host: "127.0.0.1",
    port: 5000,
    slots: 1,
    memoryBytes: 1,
    pid: 1,
  });

const ROUTES: readonly (readonly [string, string])[] = [
  ["POST", "/v1/register"],
  ["POST", "/v1/report"],
  ["POST", "/v1/locations"],
  ["POST", "/v1/pieces"],
  ["GET", "/v1/blocks/broadcast_1"],
  ["GET", "/v1/unknown"],
  ["GET", "/"],
];

describe("the gate", () => {
  it.each(ROUTES)("%s %s needs the secret", async (method, path) => {
    const before = calls.length;
    for (const authorization of [
      undefined,
      "Bearer ",
      `Bearer ${secrets.executor.slice(0, -1)}`,
      `Bearer ${secrets.executor}x`,
      `Basic ${secrets.executor}`,
      secrets.executor,
      `bearer ${secrets.executor}`,
    ]) {
      const { status, body } = await send(method, path, {
        "content-type": "application/json",
        ...(authorization === undefined ? {} : { authorization }),
      });
      expect([authorization, status, body]).toEqual([authorization, 401, ""]);
    }
    expect(calls.length).toBe(before);
  });

  it("takes no secret in the query or a cookie", async () => {
    expect(
      (await send("GET", `/v1/blocks/broadcast_1?token=${secrets.executor}`, { cookie: `token=${secrets.executor}` }))
        .status,
    ).toBe(401);
  });

  it("refuses two Authorization headers", async () => {
    const answer = await sendRaw(
      `GET /v1/blocks/broadcast_1 HTTP/1.1\r\nHost: 127.0.0.1:${server.port}\r\nAuthorization: ${bearer}\r\nAuthorization: ${bearer}\r\n\r\n`,
    );
    expect(answer).toMatch(/^HTTP\/1.1 401 /);
  });

  it.each(["view", "submit"] as const)("the %s secret runs no code", async (scope) => {
    expect(
      (await send("POST", "/v1/register", { ...json, authorization: `Bearer ${secrets[scope]}` }, registration("0")))
        .status,
    ).toBe(403);
  });

  it.each(["evil.example", "127.0.0.1.evil.example", "[::ffff:127.0.0.1]:1", "127.0.0.1"])(
    "refuses the Host %s",
    async (host) => {
      expect((await send("GET", "/v1/blocks/broadcast_1", { authorization: bearer, host })).status).toBe(421);
    },
  );

  it("refuses whatever a web page sends", async () => {
    expect(
      (await send("POST", "/v1/register", { ...json, origin: "https://evil.example" }, registration("0"))).status,
    ).toBe(403);
    const preflight = await send("OPTIONS", "/v1/register", {
      origin: "https://evil.example",
      "access-control-request-method": "POST",
    });
    expect(preflight.status).toBe(403);
    expect(Object.keys(preflight.headers).filter((name) => name.startsWith("access-control"))).toEqual([]);
  });

  it.each([
    "text/plain",
    "application/x-www-form-urlencoded",
    "application/json\ta",
    "application/json garbage",
    "application/json; charset=utf-8",
    "",
  ])("takes no body of type %j", async (type) => {
    expect((await send("POST", "/v1/register", { ...json, "content-type": type }, registration("0"))).status).toBe(415);
  });

  it("takes no compressed body", async () => {
    expect(
      (await send("POST", "/v1/register", { ...json, "content-encoding": "gzip" }, registration("0"))).status,
    ).toBe(415);
  });

  it("answers another method with 405", async () => {
    expect((await send("GET", "/v1/register", { authorization: bearer })).status).toBe(405);
    expect((await send("POST", "/v1/blocks/broadcast_1", json, "{}")).status).toBe(405);
    expect((await send("GET", "/v1/unknown", { authorization: bearer })).status).toBe(404);
  });
});

describe("bodies", () => {
  it("takes a right one", async () => {
    const { status, body, headers } = await send("POST", "/v1/register", json, registration("right"));
    expect([status, JSON.parse(body)]).toEqual([200, { epoch: 1, heartbeatIntervalMs: 1000, applicationId: "app" }]);
    expect(headers["x-volley-application"]).toBe("app");
  });

  const bodies: readonly (readonly [string, string])[] = [
    ["no JSON", "{"],
    ["an array", "[]"],
    ["a foreign key", registration("x").replace("}", ',"more":1}')],
    ["__proto__", registration("x").replace("}", ',"__proto__":{"a":1}}')],
    ["constructor", registration("x").replace("}", ',"constructor":{"prototype":{"a":1}}}')],
    ["infinity", registration("x").replace('"pid":1', '"pid":1e309')],
    ["a negative port", registration("x").replace("5000", "-1")],
    ["deep nesting", "[".repeat(100_000) + "]".repeat(100_000)],
    ["deep objects", '{"a":'.repeat(100_000) + "1" + "}".repeat(100_000)],
  ];
  it.each(bodies)("answers 400 to %s", async (_what, body) => {
    const before = calls.length;
    const started = performance.now();
    expect((await send("POST", "/v1/register", json, body)).status).toBe(400);
    expect(performance.now() - started).toBeLessThan(500);
    expect(calls.length).toBe(before);
  });

  it("refuses a body that is too long before it is read", async () => {
    const answer = await sendRaw(
      `POST /v1/register HTTP/1.1\r\nHost: 127.0.0.1:${server.port}\r\nAuthorization: ${bearer}\r\nContent-Type: application/json\r\nContent-Length: 10000000000000\r\n\r\n`,
    );
    expect(answer).toMatch(/^HTTP\/1.1 413 /);
    expect((await send("POST", "/v1/register", json, JSON.stringify({ pad: "x".repeat(2 << 20) }))).status).toBe(413);
  });

  it("refuses frames that do not add up", async () => {
    const headers = { authorization: bearer, "content-type": FRAMES_TYPE };
    const good = Buffer.concat(encodeFrames("{}", [Uint8Array.of(1)]));
    for (const body of [
      good.subarray(0, 6),
      good.subarray(0, good.length - 1),
      Buffer.concat([good, Buffer.from("x")]),
      Buffer.alloc(64, 0xff),
    ]) {
      expect((await send("POST", "/v1/report", headers, body)).status).toBe(400);
    }
  });

  it("refuses both lengths at once, and folded headers", async () => {
    const head = `POST /v1/register HTTP/1.1\r\nHost: 127.0.0.1:${server.port}\r\nAuthorization: ${bearer}\r\n`;
    expect(await sendRaw(`${head}Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n{}`)).toMatch(
      /^HTTP\/1.1 400 /,
    );
    expect(await sendRaw(`${head}X-A: b\r\n c\r\n\r\n`)).toMatch(/^HTTP\/1.1 400 /);
  });
});

describe("block names", () => {
  it("come in parts too, and a large broadcast only so", async () => {
    const get = (query: string) => send("GET", `/v1/blocks/broadcast_3${query}`, { authorization: bearer });
    expect((await get("")).status).toBe(300);
    const part = await get("?range=1-2");
    expect([part.status, part.body, part.headers["x-volley-crc32"]]).toEqual([200, "\u0002", "1007455905"]);
    for (const range of ["", "1-3", "2-1", "-1-1", "a", "0-1,1-2"])
      expect([range, (await get(`?range=${range}`)).status]).toEqual([range, 416]);
  });

  it("serves a block", async () => {
    const { status, headers } = await send("GET", "/v1/blocks/broadcast_1", { authorization: bearer });
    expect([status, headers["content-type"], headers["content-length"]]).toEqual([
      200,
      "application/octet-stream",
      "2",
    ]);
    expect((await send("GET", "/v1/blocks/broadcast_2", { authorization: bearer })).status).toBe(404);
  });

  it.each([
    "..%2f..%2fetc%2fpasswd",
    "%252e%252e",
    "..%5c",
    "%2fetc%2fpasswd",
    "broadcast_1%00",
    "broadcast_-1",
    "broadcast_1e3",
    "broadcast_01",
    "constructor_1",
    "__proto___1",
    "a".repeat(100),
  ])("answers 400 to %s", async (name) => {
    expect((await send("GET", `/v1/blocks/${name}`, { authorization: bearer })).status).toBe(400);
  });

  it("refuses a name of 4 KiB", async () => {
    const { status } = await send("GET", `/v1/blocks/${"a".repeat(4096)}`, { authorization: bearer });
    expect([400, 404, 414]).toContain(status);
  });
});

describe("errors", () => {
  it("passes refusals on with their code", async () => {
    const { status, body } = await send("POST", "/v1/register", json, registration("taken"));
    expect([status, JSON.parse(body)]).toEqual([409, { code: "PROTOCOL", message: "in use" }]);
  });

  it("tells nothing of a defect", async () => {
    const { status, body } = await send("POST", "/v1/register", json, registration("defect"));
    expect(status).toBe(500);
    expect(Object.keys(JSON.parse(body) as object)).toEqual(["code", "requestId"]);
    expect(defects).toHaveLength(1);
  });
});
