/**
 * The hostile requests that are the same for every route, sent to every route of both servers. The servers say themselves which routes they have: one
 * that is added is tried too.
 */

import { makeSecrets } from "@volley/driver/net/secrets.js";
import { startServer as startDriverServer } from "@volley/driver/net/server.js";
import { encodeFrames, FRAMES_TYPE } from "@volley/engine/wire/frames.js";
import { startServer as startExecutorServer } from "@volley/executor/net/server.js";
import { FetchBudget } from "@volley/executor/shuffle/remote-segments.js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type RawAnswer, requestText, sendRaw } from "../kit/raw-http.js";

const secrets = makeSecrets();
const SECRET = secrets.executor;
/** No service may be reached by any request here. */
const unreachable = () => {
  throw new Error("should not be reached");
};
const services = {
  ...{ register: unreachable, report: unreachable, locations: unreachable },
  ...{ launch: unreachable, kill: unreachable, remove: unreachable, stop: unreachable },
  ...{ isSpread: unreachable, pieces: unreachable, part: unreachable },
  ...{ block: unreachable, segment: unreachable },
  incomingBlocks: {
    ...{ takesBlocks: unreachable, cached: unreachable, hasOutput: unreachable, output: unreachable },
    incoming: new FetchBudget(1),
    cachedBytesMax: 1 << 20,
  },
};

interface Server {
  readonly port: number;
  readonly routes: readonly { readonly method: string; readonly url: string }[];
  close(): Promise<void>;
}
const servers = new Map<string, Server>();
const defects: unknown[] = [];
beforeAll(async () => {
  const onDefect = (error: unknown) => defects.push(error);
  const options = { host: "127.0.0.1", port: 0, secrets, applicationId: "app", onDefect };
  servers.set("driver", await startDriverServer(services, options));
  servers.set(
    "executor",
    await startExecutorServer({ ...services, defect: onDefect }, { host: "127.0.0.1", secret: SECRET }),
  );
});
afterAll(async () => {
  for (const server of servers.values()) await server.close();
});

type Headers = Readonly<Record<string, string | readonly string[] | undefined>>;

/** Sends one request to each route, with the content type that the route wants unless `headers` say another. */
async function toEachRoute(
  server: Server,
  headers: Headers,
  check: (answer: RawAnswer, route: string) => void,
  method?: (own: string) => string,
): Promise<void> {
  for (const route of server.routes) {
    const path = route.url.replace(":name", "result_1");
    const line = `${method?.(route.method) ?? route.method} ${path}`;
    for (const type of ["application/json", "application/x-volley-frames", "application/octet-stream"]) {
      const text = requestText(server.port, line, SECRET, { "content-type": type, ...headers }, "{}");
      check(await sendRaw(server.port, text), `${line} ${type}`);
    }
  }
}

describe.each(["driver", "executor"])("every route of the %s's server", (name) => {
  const server = () => servers.get(name) as Server;
  const expectStatus = (status: number) => (answer: RawAnswer, route: string) =>
    expect([route, answer.status]).toEqual([route, status]);

  it("is known", () => {
    const routes = server().routes.map(({ method, url }) => `${method} ${url}`);
    expect(routes.sort()).toMatchSnapshot();
  });

  it.each<[string, Headers]>([
    ["no secret", { authorization: undefined }],
    ["an empty one", { authorization: "Bearer " }],
    ["another of the same length", { authorization: `Bearer ${"x".repeat(SECRET.length)}` }],
    ["one that is a byte short", { authorization: `Bearer ${SECRET.slice(1)}` }],
    ["one that is a byte long", { authorization: `Bearer ${SECRET}x` }],
    ["that of another application", { authorization: `Bearer ${makeSecrets().executor}` }],
    ["another scheme", { authorization: `Basic ${SECRET}` }],
    ["it twice", { authorization: [`Bearer ${SECRET}`, `Bearer ${SECRET}`] }],
    ["it as a cookie", { authorization: undefined, cookie: `authorization=Bearer ${SECRET}; token=${SECRET}` }],
  ])("answers 401 and nothing else to %s", async (_, headers) => {
    await toEachRoute(server(), headers, ({ status, body }, route) =>
      expect([route, status, body]).toEqual([route, 401, ""]),
    );
  });

  it("takes the secrets to look on or to submit for nothing here", async () => {
    for (const other of [secrets.view, secrets.submit]) {
      await toEachRoute(server(), { authorization: `Bearer ${other}` }, ({ status }, route) =>
        // An executor knows one secret only.
        expect([route, status]).toEqual([route, name === "driver" ? 403 : 401]),
      );
    }
  });

  it.each(["evil.example", "127.0.0.1.evil.example", "[::ffff:127.0.0.1]:1", "127.0.0.1", ""])(
    "answers 421 to the host %j",
    async (host) => {
      await toEachRoute(server(), { host }, expectStatus(421));
    },
  );

  it("answers 400 to no host", async () => {
    await toEachRoute(server(), { host: undefined }, expectStatus(400));
  });

  it("answers 403 to a page in a browser, its preflight included, and no Access-Control header", async () => {
    const origin = { origin: "https://evil.example" };
    await toEachRoute(server(), origin, expectStatus(403));
    await toEachRoute(
      server(),
      { ...origin, "access-control-request-method": "POST" },
      (answer, route) => {
        expect([route, answer.status]).toEqual([route, 403]);
        expect(answer.head.toLowerCase()).not.toContain("access-control");
      },
      () => "OPTIONS",
    );
  });

  it("answers 405 to another method", async () => {
    const other = (own: string) => (own === "POST" ? "GET" : "DELETE");
    await toEachRoute(
      server(),
      {},
      ({ status }, route) => expect([route, [404, 405].includes(status)]).toEqual([route, true]),
      other,
    );
  });

  it.each([
    "text/plain",
    "application/x-www-form-urlencoded",
    "application/json\ta",
    "application/json garbage",
    "application/json; charset=utf-8",
  ])("answers 415 to a body of type %j", async (type) => {
    await toEachRoute(server(), { "content-type": type }, (answer, route) => {
      // A GET has no body to speak of; 400, 404 and 500 come from handlers, which no such body may reach.
      if (!route.startsWith("GET")) expect([route, answer.status]).toEqual([route, 415]);
    });
  });

  it("answers 415 to a compressed body", async () => {
    await toEachRoute(server(), { "content-encoding": "gzip" }, expectStatus(415));
  });

  it("answers 413 to a body that would be too long, before it comes", async () => {
    await toEachRoute(server(), { "content-length": String(10 ** 13) }, (answer, route) => {
      if (!route.startsWith("GET")) expect([route, [413, 415].includes(answer.status)]).toEqual([route, true]);
    });
  });

  it("answers 400 to two lengths", async () => {
    await toEachRoute(server(), { "transfer-encoding": "chunked" }, expectStatus(400));
  });

  it("answers 431 to a megabyte of headers", async () => {
    await toEachRoute(server(), { authorization: `Bearer ${"x".repeat(1 << 20)}` }, (answer, route) =>
      // The connection may be reset while the rest is still being sent.
      expect([route, [431, 0].includes(answer.status)]).toEqual([route, true]),
    ).catch((error: NodeJS.ErrnoException) => expect(["ECONNRESET", "EPIPE"]).toContain(error.code));
  });

  it("answers 401 to no secret under names that it does not know either, and to one in the address", async () => {
    const { port } = server();
    for (const line of ["GET /", "POST /v1/nothing", "GET /metrics", "DELETE /v1/blocks/rdd_1_0", "TRACE /v1/kill"]) {
      const { status, body } = await sendRaw(port, requestText(port, line, SECRET, { authorization: undefined }, "{}"));
      expect([line, status, body]).toEqual([line, 401, ""]);
    }
    for (const { method, url } of server().routes) {
      const path = `${url.replace(":name", "result_1")}?token=${SECRET}&authorization=Bearer%20${SECRET}`;
      const text = requestText(port, `${method} ${path}`, SECRET, { authorization: undefined }, "{}");
      expect([path, (await sendRaw(port, text)).status]).toEqual([path, 401]);
    }
  });

  it("does not become a web socket, from a page or from elsewhere", async () => {
    const upgrade = { connection: "Upgrade", upgrade: "websocket", "sec-websocket-key": "AAAAAAAAAAAAAAAAAAAAAA==" };
    await toEachRoute(server(), { ...upgrade, origin: "https://evil.example" }, expectStatus(403));
    await toEachRoute(server(), upgrade, ({ status }, route) => expect([route, status]).not.toEqual([route, 101]));
  });

  it.each<[string, string]>([
    ["a prototype", '{"__proto__":{"a":1}}'],
    ["a constructor's prototype", '{"constructor":{"prototype":{"a":1}}}'],
    ["100,000 levels", `${"[".repeat(100_000)}${"]".repeat(100_000)}`],
    ["100,000 levels of objects", `${'{"a":'.repeat(100_000)}1${"}".repeat(100_000)}`],
    ["a text that is cut", '{"epoch":1,'],
    ["no text", ""],
  ])("answers 400 to JSON of %s, soon", async (_, body) => {
    const { port } = server();
    for (const { method, url } of server().routes) {
      if (method !== "POST") continue;
      const isFramed = url === "/v1/report" || url === "/v1/launch";
      const bytes = isFramed ? Buffer.concat(encodeFrames(body, [])).toString("latin1") : body;
      const type = isFramed ? FRAMES_TYPE : "application/json";
      const length = String(Buffer.byteLength(bytes, "latin1"));
      const text = requestText(port, `POST ${url}`, SECRET, { "content-type": type, "content-length": length });
      const startedAt = performance.now();
      expect([url, (await sendRaw(port, Buffer.from(text + bytes, "latin1"))).status]).toEqual([url, 400]);
      // Fifty milliseconds by design, more on a busy machine.
      expect(performance.now() - startedAt).toBeLessThan(1_000);
    }
    expect(({} as { a?: unknown }).a).toBeUndefined();
  });

  it.each<[string, (head: string) => string]>([
    ["lines that end without a carriage return", (head) => head.replaceAll("\r\n", "\n")],
    ["one header that goes on in a second line", (head) => `${head}X-A: b\r\n c\r\n`],
    ["a space before a colon", (head) => `${head}X-A : b\r\n`],
    ["a NUL in a header", (head) => `${head}X-A: b\0c\r\n`],
    ["two lengths that differ", (head) => `${head}Content-Length: 3\r\n`],
    ["a negative length", (head) => head.replace(/Content-Length: \d+/, "Content-Length: -2")],
    ["another protocol", (head) => head.replace("HTTP/1.1", "HTTP/9.9")],
  ])("answers 400 to %s", async (_, change) => {
    const { port } = server();
    for (const { method, url } of server().routes) {
      const path = url.replace(":name", "result_1");
      const head = `${method} ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nAuthorization: Bearer ${SECRET}\r\nContent-Length: 2\r\n`;
      const changed = change(head);
      const end = changed.includes("\r\n") ? "\r\n" : "\n";
      const { status } = await sendRaw(port, `${changed}${end}{}`);
      // Node's own parser answers, or closes.
      expect([path, [400, 505].includes(status)]).toEqual([path, true]);
    }
  });

  it("is looked for by its exact path", async () => {
    for (const line of ["GET /", "POST /v1/../v1/kill", "POST //v1/kill", "GET /v1/blocks/", "POST /v1/KILL"]) {
      const { status } = await sendRaw(server().port, requestText(server().port, line, SECRET, {}, "{}"));
      expect([line, [400, 404, 405].includes(status)]).toEqual([line, true]);
    }
  });

  it.each([
    "../../etc/passwd",
    "..%2f..%2fetc%2fpasswd",
    "%252e%252e",
    "..%5c",
    "%2fetc%2fpasswd",
    "result_1%00",
    "1e309",
    "-1",
    "<script>",
    "a".repeat(4096),
  ])("names no block by %.30s", async (block) => {
    const { status } = await sendRaw(
      server().port,
      requestText(server().port, `GET /v1/blocks/${block}`, SECRET, {
        "content-length": undefined,
        "content-type": undefined,
      }),
    );
    expect([400, 404, 405, 414]).toContain(status);
  });

  it("reached no service", () => {
    expect(defects.map(String).filter((text) => !text.includes("should not be reached"))).toEqual([]);
  });
});
