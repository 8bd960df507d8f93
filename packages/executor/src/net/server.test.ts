import { connect } from "node:net";
import { crc32 } from "node:zlib";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { FetchBudget } from "../shuffle/remote-segments.js";
import type { BlockPlace } from "../task/slot-messages.js";
import { type ExecutorServer, type ExecutorServices, startServer } from "./server.js";

const SECRET = "the-secret-of-this-application";
const BLOCK = new Uint8Array(new SharedArrayBuffer(1000)).fill(3);

let server: ExecutorServer;
let called: string[];
let defects: unknown[];
let takesBlocks: boolean;

beforeEach(async () => {
  called = [];
  defects = [];
  takesBlocks = true;
  const note = (name: string) => () => {
    called.push(name);
  };
  const services: ExecutorServices = {
    launch: () => {
      called.push("launch");
      return { executorId: "1", accepted: true };
    },
    kill: note("kill"),
    remove: () => {
      throw new Error("a defect with a secret path /etc/x");
    },
    stop: () => note("stop"),
    block: (id): BlockPlace | undefined =>
      id.kind === "result" && id.taskId === 1 ? { at: "memory", bytes: BLOCK } : undefined,
    part: (broadcastId, from, until) =>
      broadcastId === 1 && until <= 8 ? Buffer.from("abcdefgh").subarray(from, until) : undefined,
    segment: () => undefined,
    incomingBlocks: {
      takesBlocks: () => takesBlocks,
      incoming: new FetchBudget(1 << 20),
      cachedBytesMax: 1 << 20,
      cached: async (id, bytes) => {
        called.push(`cached ${id.partition}: ${Buffer.from(bytes)}`);
        return (["kept", "differs", "full"] as const)[id.partition] ?? "kept";
      },
      hasOutput: (id) => id.mapPartition === 9,
      output: async (id, index, bytes) => {
        called.push(`output ${id.mapPartition} ${index.offsets}: ${Buffer.from(bytes as Uint8Array)}`);
        return "kept";
      },
    },
    defect: (error) => defects.push(error),
  };
  server = await startServer(services, { host: "127.0.0.1", secret: SECRET });
});
afterEach(() => server.close());

interface Answer {
  readonly status: number;
  readonly head: string;
  readonly body: string;
}

/** Sends text as it is, and answers what comes until the connection closes or has been silent after a whole answer. */
function send(text: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const socket = connect(server.port, "127.0.0.1", () => socket.write(text));
    let all = "";
    const done = () => {
      const [head = "", ...rest] = all.split("\r\n\r\n");
      const body = rest.join("\r\n\r\n");
      const length = Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 0);
      return { status: Number(head.slice(9, 12)), head, body, whole: head !== "" && body.length >= length };
    };
    socket.setEncoding("latin1");
    socket.on("data", (chunk) => {
      all += String(chunk);
      if (done().whole) socket.destroy();
    });
    socket.on("close", () => resolve(done()));
    socket.on("error", (error) => (all === "" ? reject(error) : resolve(done())));
  });
}

const host = () => `127.0.0.1:${server.port}`;
const KILL = JSON.stringify({ epoch: 1, taskIds: [1], reason: "r" });

function request(line: string, headers: Record<string, string | string[]> = {}, body = ""): Promise<Answer> {
  const all: Record<string, string | string[]> = {
    host: host(),
    authorization: `Bearer ${SECRET}`,
    ...(body === "" ? {} : { "content-type": "application/json", "content-length": String(Buffer.byteLength(body)) }),
    ...headers,
  };
  const lines = Object.entries(all).flatMap(([name, value]) => [value].flat().map((one) => `${name}: ${one}`));
  return send(`${line} HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\n${body}`);
}

describe("the gate", () => {
  const ROUTES = [
    "POST /v1/launch",
    "POST /v1/kill",
    "POST /v1/remove",
    "POST /v1/stop",
    "POST /v1/segments",
    "GET /v1/blocks/result_1",
    "PUT /v1/blocks/rdd_1_0",
    "PUT /v1/outputs/shuffle_1_0_0",
    "GET /nothing",
    "OPTIONS /v1/kill",
  ];

  test.each(ROUTES)("%s needs the secret", async (route) => {
    const wrong = [
      [],
      "Bearer the-secret-of-this-applicatioN",
      "Bearer x",
      "Bearer ",
      `Basic ${SECRET}`,
      `${SECRET}`,
      `Bearer ${SECRET}x`,
    ];
    for (const authorization of wrong) {
      const answer = await request(route, { authorization });
      expect([answer.status, answer.body]).toEqual([401, ""]);
    }
    const twice = await request(route, { authorization: [`Bearer ${SECRET}`, `Bearer ${SECRET}`] });
    expect(twice.status).toBe(401);
    expect(called).toEqual([]);
  });

  test("a token of a megabyte is refused without harm", async () => {
    const answer = await request("POST /v1/kill", { authorization: `Bearer ${"x".repeat(1 << 20)}` }).catch(() => ({
      status: 431,
    }));
    expect(answer.status).toBe(431);
  });

  test.each(["evil.example", "127.0.0.1.evil.example", "[::ffff:127.0.0.1]:1", "127.0.0.1"])(
    "host %s is another's",
    async (name) => {
      expect((await request("POST /v1/kill", { host: name }, KILL)).status).toBe(421);
    },
  );

  test("no host is no request", async () => {
    expect((await request("POST /v1/kill", { host: [] }, KILL)).status).toBe(400);
  });

  test("a page in a browser has no business here", async () => {
    const answer = await request("POST /v1/kill", { origin: "https://evil.example" }, KILL);
    expect(answer.status).toBe(403);
    const preflight = await request("OPTIONS /v1/kill", {
      origin: "https://evil.example",
      "access-control-request-method": "POST",
    });
    expect(preflight.status).toBe(403);
    expect(preflight.head.toLowerCase()).not.toContain("access-control");
  });

  test.each([
    "text/plain",
    "application/x-www-form-urlencoded",
    "application/json\ta",
    "application/json garbage",
    "application/json; charset=utf-8",
    "APPLICATION/JSON",
  ])("content type %s is not exactly JSON's", async (type) => {
    expect((await request("POST /v1/kill", { "content-type": type }, KILL)).status).toBe(415);
    expect(called).toEqual([]);
  });

  test("compressed bodies are refused", async () => {
    expect((await request("POST /v1/kill", { "content-encoding": "gzip" }, KILL)).status).toBe(415);
  });

  test("unknown routes and methods", async () => {
    expect((await request("GET /v1/nothing")).status).toBe(404);
    expect((await request("GET /v1/kill")).status).toBe(405);
    expect((await request("POST /v1/blocks/result_1", {}, "{}")).status).toBe(405);
  });
});

describe("bodies", () => {
  test.each([
    ["too large to read", { "content-length": String(10 ** 13) }, "{}", 413],
    ["over the limit", { "content-length": String((1 << 20) + 1) }, "{}", 413],
  ])("%s", async (_, headers, body, status) => {
    expect((await request("POST /v1/kill", headers, body)).status).toBe(status);
  });

  test.each([
    ["no JSON", "{"],
    ["a prototype", '{"__proto__":{"a":1}}'],
    ["a constructor", '{"constructor":{"prototype":{"a":1}}}'],
    ["deep", "[".repeat(100_000) + "]".repeat(100_000)],
    ["an unknown field", JSON.stringify({ epoch: 1, taskIds: [], reason: "r", more: 1 })],
    ["a negative number", JSON.stringify({ epoch: 1, taskIds: [-1], reason: "r" })],
    ["a number past 2^53", '{"epoch":1,"taskIds":[9007199254740993],"reason":"r"}'],
    ["1e309", '{"epoch":1,"taskIds":[1e309],"reason":"r"}'],
  ])("of %s are refused", async (_, body) => {
    const startedAt = performance.now();
    expect((await request("POST /v1/kill", {}, body)).status).toBe(400);
    expect(performance.now() - startedAt).toBeLessThan(1_000);
    expect(called).toEqual([]);
  });

  test.each([
    ["two lengths", `content-length: 2\r\ntransfer-encoding: chunked\r\n`],
    ["a folded header", `x-a: 1\r\n  folded\r\n`],
  ])("with %s are no requests", async (_, headers) => {
    const answer = await send(
      `POST /v1/kill HTTP/1.1\r\nhost: ${host()}\r\nauthorization: Bearer ${SECRET}\r\n${headers}\r\n{}`,
    );
    expect(answer.status).toBe(400);
  });

  test("malformed frames are refused", async () => {
    const headers = { "content-type": "application/x-volley-frames" };
    for (const body of ["", "x", "\xff\xff\xff\xff\x00\x00\x00\x00"]) {
      expect((await request("POST /v1/launch", headers, body === "" ? "xxxxxxxxxxx" : body)).status).toBe(400);
    }
    expect(called).toEqual([]);
  });

  test("a defect says its number and nothing else", async () => {
    const body = JSON.stringify({
      epoch: 1,
      rddIds: [],
      shuffleIds: [],
      broadcastIds: [],
      sourceRddIds: [],
      blocks: [],
    });
    const answer = await request("POST /v1/remove", {}, body);
    expect(answer.status).toBe(500);
    expect(Object.keys(JSON.parse(answer.body))).toEqual(["code", "requestId"]);
    expect(defects).toHaveLength(1);
  });
});

describe("blocks", () => {
  test("are sent with their checksum", async () => {
    const answer = await request("GET /v1/blocks/result_1");
    expect(answer.status).toBe(200);
    expect(answer.body).toHaveLength(1000);
    expect(answer.head).toContain(`x-volley-crc32: ${crc32(BLOCK)}`);
  });

  test("may be read in part", async () => {
    const answer = await request("GET /v1/blocks/result_1?range=10-15");
    expect([answer.status, answer.body]).toEqual([200, "\x03".repeat(5)]);
  });

  test.each(["1000-2000", "5-4", "-1-5", "0-", "a-b", "0-1,2-3"])("range %s is none", async (range) => {
    expect((await request(`GET /v1/blocks/result_1?range=${range}`)).status).toBe(416);
  });

  test.each([
    "..%2f..%2fetc%2fpasswd",
    "%252e%252e",
    "..%5c",
    "%2fetc%2fpasswd",
    "rdd_1_0%00",
    "rdd_1",
    "rdd_01_0",
    "rdd_1_1e3",
    "x_1",
  ])("%s is no block's name", async (name) => {
    expect((await request(`GET /v1/blocks/${name}`)).status).toBe(400);
  });

  test("a name of 4 KiB is none", async () => {
    expect((await request(`GET /v1/blocks/${"a".repeat(4096)}`)).status).toBeGreaterThanOrEqual(400);
  });

  test("of a broadcast that is on its way there is what has come", async () => {
    const part = await request("GET /v1/blocks/broadcast_1?range=2-5");
    expect([part.status, part.body]).toEqual([200, "cde"]);
    expect(part.head).toContain(`x-volley-crc32: ${crc32("cde")}`);
    for (const path of ["broadcast_1?range=2-9", "broadcast_1", "broadcast_1?range=x", "broadcast_2?range=2-5"])
      expect([path, (await request(`GET /v1/blocks/${path}`)).status]).toEqual([path, 404]);
  });

  test("what is not there is not found", async () => {
    expect((await request("GET /v1/blocks/result_2")).status).toBe(404);
  });

  test("copies are taken whole and right, once", async () => {
    const put = (partition: number, sum: number, body = "abc") =>
      request(
        `PUT /v1/blocks/rdd_1_${partition}?level=MEMORY_ONLY_2`,
        { "content-type": "application/octet-stream", "x-volley-crc32": String(sum) },
        body,
      );
    expect((await put(0, crc32("abc"))).status).toBe(200);
    expect((await put(0, crc32("abd"))).status).toBe(422);
    expect((await put(1, crc32("abc"))).status).toBe(409);
    expect((await put(2, crc32("abc"))).status).toBe(507);
    const large = "x".repeat((1 << 20) + 1);
    expect((await put(3, crc32(large), large)).status).toBe(507);
    takesBlocks = false;
    expect((await put(3, crc32("abc"))).status).toBe(503);
    expect(called).toEqual(["cached 0: abc", "cached 1: abc", "cached 2: abc"]);
  });

  describe("a map output", () => {
    const INDEX = { offsets: [0, 2, 2, 5], checksums: [crc32("ab"), 0, crc32("cde")] };
    const put = (index: unknown, bytes: string, name = "shuffle_1_2_0", more: Record<string, string> = {}) => {
      const text = typeof index === "string" ? index : JSON.stringify(index);
      const headers = { "content-type": "application/octet-stream", ...more };
      return request(`PUT /v1/outputs/${name}?index=${text.length}`, headers, text + bytes);
    };

    test("is taken with its index", async () => {
      expect((await put(INDEX, "abcde")).status).toBe(200);
      expect(called).toEqual(["output 2 0,2,2,5: abcde"]);
    });

    test("that is here already is not taken again", async () => {
      expect((await put(INDEX, "abcde", "shuffle_1_9_0")).status).toBe(200);
      expect(called).toEqual([]);
    });

    test.each<[string, unknown, string]>([
      ["of which a byte is wrong", INDEX, "abcdf"],
      ["of which a byte is wrong at the beginning", INDEX, "bbcde"],
      ["that is too short", INDEX, "abcd"],
      ["that is too long", INDEX, "abcdef"],
      ["whose index does not begin at 0", { offsets: [1, 5], checksums: [crc32("abcd")] }, "abcd"],
      ["whose index goes back", { offsets: [0, 6, 2, 5], checksums: [1, 2, 3] }, "abcde"],
      ["whose index is short of a checksum", { offsets: [0, 2, 5], checksums: [1] }, "abcde"],
      ["whose index is something else", { offsets: "[]" }, "abcde"],
      ["whose index is no JSON", "{{{{{{{{", "abcde"],
      ["whose index nests", "[".repeat(5000), ""],
      ["without anything", { offsets: [0, 0], checksums: [] }, ""],
    ])("%s is not taken", async (_, index, bytes) => {
      expect((await put(index, bytes)).status).toBe(422);
      expect(called).toEqual([]);
    });

    test("has a name and an index of some length", async () => {
      for (const name of ["rdd_1_0", "result_1", "shuffle_1_2", "x"])
        expect((await put(INDEX, "abcde", name)).status).toBe(400);
      for (const query of ["", "?index=", "?index=-1", "?index=1e3", "?index=0", "?index=99999999999"]) {
        const type = { "content-type": "application/octet-stream" };
        expect((await request(`PUT /v1/outputs/shuffle_1_2_0${query}`, type, "abc")).status).toBe(400);
      }
      expect(called).toEqual([]);
    });

    test("of unknown length is not read", async () => {
      const answer = await request("PUT /v1/outputs/shuffle_1_2_0?index=2", {
        "content-type": "application/octet-stream",
        "transfer-encoding": "chunked",
      });
      expect(answer.status).toBe(411);
    });
  });
});
