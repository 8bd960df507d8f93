/**
 * Hostile requests that need a running application with blocks on its disk: bodies that trickle, names that are paths, planted links, ranges, figures and addresses. Which test sends which
 * request of the list: docs/hostile-requests.md.
 */

import { linkSync, mkdtempSync, readdirSync, renameSync, rmSync, symlinkSync, unlinkSync } from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encodeRows } from "@volley/engine/columnar/block-writer.js";
import { encodeFrames, FRAMES_TYPE } from "@volley/engine/wire/frames.js";
import { CRC_HEADER } from "@volley/engine/wire/limits.js";
import { WIRE_VERSION } from "@volley/engine/wire/messages.js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type RDD, StorageLevel, VolleyContext } from "volley";
import { type RawAnswer, requestText, sendRaw } from "../kit/raw-http.js";

const ROWS = 2_000;

let vc: VolleyContext;
let folder: string;
let cached: RDD<string>;
let secret: string;
let driverPort: number;
/** Started first, since they last half a minute. */
let trickles: Promise<readonly Trickle[]>;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "hostile-"));
  vc = await VolleyContext.create({ master: "local-cluster[1,2,256]", progress: false, localDir: folder });
  cached = vc
    .range(0, ROWS, 1, 2)
    .map((index) => `${index}`)
    .persist(StorageLevel.DISK_ONLY);
  expect(await cached.count()).toBe(ROWS);
  secret = vc.driver.secrets.executor;
  driverPort = Number(new URL(vc.driver.url).port);
  const json = "application/json";
  trickles = Promise.all([
    trickle(driverPort, "POST /v1/register", json, "chunked"),
    trickle(driverPort, "POST /v1/report", FRAMES_TYPE, "length"),
    trickle(theExecutor().port, "POST /v1/launch", FRAMES_TYPE, "chunked"),
    trickle(theExecutor().port, "POST /v1/kill", json, "length"),
    trickle(theExecutor().port, "PUT /v1/blocks/rdd_9000_0?level=MEMORY_ONLY", "application/octet-stream", "length"),
  ]);
});
afterAll(async () => {
  await vc.stop();
  const left = readdirSync(folder);
  rmSync(folder, { recursive: true });
  expect(left).toEqual([]);
});

function theExecutor() {
  const [executor] = vc.driver.executors();
  if (executor === undefined) throw new Error("there is no executor");
  return executor;
}

async function stillWorks(): Promise<void> {
  const sums = vc.range(0, 100, 1, 4).map((x) => [x % 3, x]);
  expect(await sums.reduceByKey((a, b) => a + b).count()).toBe(3);
  expect(theExecutor().executorId).toBe("0");
}

interface Trickle {
  readonly what: string;
  readonly status: number;
  readonly tookMs: number;
}

/** A body that comes a byte a second, for as long as the other end takes it. */
function trickle(port: number, line: string, type: string, body: "chunked" | "length"): Promise<Trickle> {
  const length = body === "length" ? { "content-length": "100000" } : { "transfer-encoding": "chunked" };
  const head = requestText(port, line, secret, { "content-type": type, "content-length": undefined, ...length });
  return new Promise((resolve) => {
    const startedAt = performance.now();
    const socket = connect(port, "127.0.0.1", () => socket.write(head));
    const timer = setInterval(() => socket.write(body === "length" ? "x" : "1\r\nx\r\n"), 1_000);
    let answer = "";
    socket.on("data", (chunk) => {
      answer += String(chunk);
    });
    // A reset after the answer is as good as a close.
    socket.on("error", () => {});
    socket.on("close", () => {
      clearInterval(timer);
      resolve({ what: `${line} ${body}`, status: Number(answer.slice(9, 12)), tookMs: performance.now() - startedAt });
    });
  });
}

const get = (path: string, headers: Record<string, string> = {}): Promise<RawAnswer> => {
  const { port } = theExecutor();
  const none = { "content-length": undefined, "content-type": undefined };
  return sendRaw(port, requestText(port, `GET ${path}`, secret, { ...none, ...headers }));
};
const post = (port: number, path: string, message: unknown): Promise<RawAnswer> =>
  sendRaw(port, requestText(port, `POST ${path}`, secret, {}, JSON.stringify(message)));

function report(changes: object, frames: readonly Uint8Array[] = []): Promise<RawAnswer> {
  const { executorId, incarnation, epoch } = theExecutor();
  const message = { executorId, incarnation, epoch, seq: 5_000_000 + seqs++, tasks: [], blocks: [], ...changes };
  const body = Buffer.concat(encodeFrames(JSON.stringify(message), frames));
  const length = String(body.byteLength);
  const head = requestText(driverPort, "POST /v1/report", secret, {
    "content-type": FRAMES_TYPE,
    "content-length": length,
  });
  return sendRaw(driverPort, Buffer.concat([Buffer.from(head, "latin1"), body]));
}
let seqs = 0;

/** The file of a cached partition. */
function fileOf(partition: number): string {
  const name = `rdd_${cached.id}_${partition}`;
  const path = readdirSync(folder, { recursive: true, encoding: "utf8" }).find((each) => each.endsWith(name));
  if (path === undefined) throw new Error(`${name} is not on disk`);
  return join(folder, path);
}

/** All blocks on the executor's disk. */
const blocks = () =>
  readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((path) => path.includes("blocks/"));

describe("a link in the folder of blocks", () => {
  it("is not followed: the block is not there, and is computed again", async () => {
    const path = fileOf(0);
    const name = `/v1/blocks/rdd_${cached.id}_0`;
    expect((await get(name)).status).toBe(200);
    const secretFile = join(folder, "secret");
    renameSync(path, secretFile);
    for (const plant of [
      () => symlinkSync(secretFile, path),
      () => symlinkSync("/etc/passwd", path),
      () => symlinkSync("/dev/zero", path),
    ]) {
      plant();
      for (const url of [name, `${name}?range=0-10`]) {
        const { status, body } = await get(url);
        expect([url, status]).toEqual([url, 404]);
        expect(body).not.toContain("root:");
      }
      unlinkSync(path);
    }
    symlinkSync("/etc/passwd", path);
    expect(await cached.collect()).toEqual(Array.from({ length: ROWS }, (_, index) => `${index}`));
    unlinkSync(secretFile);
    expect((await get(name)).status).toBe(200);
    await stillWorks();
  });

  it("that is a second name of another block gives no other bytes", async () => {
    const [first, second] = [fileOf(0), fileOf(1)];
    renameSync(first, join(folder, "kept"));
    linkSync(second, first);
    // The wire's checksum, or the length, is that of the block as it was written.
    expect(await cached.collect()).toEqual(Array.from({ length: ROWS }, (_, index) => `${index}`));
    unlinkSync(join(folder, "kept"));
    await stillWorks();
  });
});

const PATHS = [
  "../../etc/passwd",
  "..%2f..%2fetc%2fpasswd",
  "%252e%252e%252fetc",
  "..\\..\\etc\\passwd",
  "/etc/passwd",
  "rdd_1_0\0",
  "rdd_1_0/../../secret",
  "rdd_1_00",
  "rdd_-1_0",
  "rdd_1e3_0",
  "rdd_9007199254740993_0",
  "x".repeat(4_096),
];

describe("names of blocks that are paths", () => {
  it.each(PATHS)("such as %j are none in messages, and nothing on the disk changes", async (name) => {
    const before = blocks();
    const { epoch, executorId, port } = theExecutor();
    const none = { epoch, rddIds: [], shuffleIds: [], broadcastIds: [], sourceRddIds: [] };
    expect((await post(port, "/v1/remove", { ...none, blocks: [name] })).status).toBe(200);
    const located = await post(driverPort, "/v1/locations", { executorId, epoch, shuffleIds: [], blocks: [name] });
    expect([200, 400]).toContain(located.status);
    expect(located.body).not.toContain('executorIds":["');
    expect(blocks()).toEqual(before);
  });

  it("longer than any name are refused", async () => {
    const { epoch, port } = theExecutor();
    const none = { epoch, rddIds: [], shuffleIds: [], broadcastIds: [], sourceRddIds: [] };
    expect((await post(port, "/v1/remove", { ...none, blocks: ["x".repeat(4_097)] })).status).toBe(400);
  });

  it.each(["rdd", "shuffle", "result", "broadcast"])(
    "of %s that are taken out of messages cannot be put in from outside",
    async (kind) => {
      const before = blocks();
      const { port } = theExecutor();
      for (const name of [`${kind}_1_0/../../x`, `..%2f${kind}_1_0`, `${kind}_1_0%00`]) {
        const headers = { "content-type": "application/octet-stream", [CRC_HEADER]: "0" };
        const { status } = await sendRaw(
          port,
          requestText(port, `PUT /v1/blocks/${name}?level=DISK_ONLY`, secret, headers, "x"),
        );
        expect([400, 404, 405]).toContain(status);
      }
      expect(blocks()).toEqual(before);
    },
  );
});

describe("ranges", () => {
  it("in a header are not known here: one answer, the block", async () => {
    const name = `/v1/blocks/rdd_${cached.id}_1`;
    const whole = await get(name);
    for (const range of [`bytes=${"0-,".repeat(1_000)}0-`, "bytes=5-4", "bytes=999999999-", "bytes=-1"]) {
      const { status, body } = await get(name, { range });
      expect([range, status, body === whole.body]).toEqual([range, 200, true]);
    }
  });

  it.each(["5-4", "0-99999999", "-1", "0-", "0-1,2-3", "a-b", "1e1-2e1", "0-1&range=2-3", "%30-1%00"])(
    "in the address: %s is none",
    async (range) => {
      expect((await get(`/v1/blocks/rdd_${cached.id}_1?range=${range}`)).status).toBe(416);
    },
  );
});

describe("copies of blocks", () => {
  it("that are cut or damaged leave nothing on the disk", async () => {
    const before = blocks();
    const { port } = theExecutor();
    const put = (name: string, sum: string, length: number) => {
      const headers = {
        "content-type": "application/octet-stream",
        "content-length": String(length),
        [CRC_HEADER]: sum,
      };
      const text = requestText(port, `PUT /v1/blocks/${name}?level=DISK_ONLY`, secret, headers);
      return sendRaw(port, `${text}12345678`, 1_000).catch((error: Error) => error.message);
    };
    expect(await put("rdd_9001_0", "1", 8)).toMatchObject({ status: 422 });
    // The sender goes away in the middle.
    expect(await put("rdd_9001_1", "1", 1_000)).toMatch("no answer");
    expect((await get("/v1/blocks/rdd_9001_0")).status).toBe(404);
    expect((await get("/v1/blocks/rdd_9001_1")).status).toBe(404);
    expect(blocks()).toEqual(before);
  });
});

describe("figures in reports", () => {
  const succeeded = (changes: object) => ({
    ...{ outcome: "succeeded", taskId: 123_456_789, result: { at: "none" }, metrics: {}, runMs: 1 },
    ...changes,
  });

  it.each<[string, object]>([
    [
      "a hundred thousand metrics",
      { metrics: Object.fromEntries(Array.from({ length: 100_000 }, (_, index) => [`m${index}`, 1])) },
    ],
    ["a metric with a name of a kilobyte", { metrics: { ["m".repeat(1_024)]: 1 } }],
    ["a run of negative length", { runMs: -1 }],
    ["a run of 1e309 ms", { runMs: "1e309" }],
    ["offsets past 2^53", { mapOutput: { offsets: [2 ** 60], rows: [], checksums: [] } }],
    ["a result of 2^60 bytes elsewhere", { result: { at: "executor", bytes: 2 ** 60 } }],
  ])(
    "%s are refused",
    async (_, changes) => {
      expect((await report({ tasks: [succeeded(changes)] })).status).toBe(400);
      await stillWorks();
    },
    60_000,
  );

  it("a million accumulators of a task that nobody runs are not looked at", async () => {
    const rows = Array.from({ length: 1_000_000 }, (_, index) => [index, { sum: 1 }]);
    const frame = encodeRows(rows, { idOf: () => undefined } as never);
    const startedAt = performance.now();
    expect((await report({ tasks: [succeeded({ accumulators: 0 })] }, [frame])).status).toBe(200);
    // Of a damaged one nobody takes notice either.
    expect((await report({ tasks: [succeeded({ accumulators: 0 })] }, [new Uint8Array(64)])).status).toBe(200);
    expect(performance.now() - startedAt).toBeLessThan(5_000);
    await stillWorks();
  }, 30_000);
});

describe("registrations", () => {
  it("make the driver call nobody: no connection comes to the address that they name", async () => {
    let connections = 0;
    const server = createServer((socket) => {
      connections++;
      socket.destroy();
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as { port: number };
    const registration = {
      wireVersion: WIRE_VERSION,
      executorId: "99",
      incarnation: "mine",
      slots: 1,
      memoryBytes: 1,
      pid: 1,
    };
    const addresses: [string, number][] = [
      ["127.0.0.1", port],
      ["localhost", port],
      ["169.254.169.254", 8080],
      ["http://169.254.169.254", port],
      ["file:///etc/passwd", port],
      ["localhost", 22],
      [`user@127.0.0.1`, port],
      [`127.0.0.1:${port}/?`, port],
      ["0.0.0.0", port],
      ["[::]", port],
    ];
    for (const [host, at] of addresses) {
      const { status } = await post(driverPort, "/v1/register", { ...registration, host, port: at });
      expect([host, [400, 409].includes(status)]).toEqual([host, true]);
    }
    await stillWorks();
    expect(connections).toBe(0);
    await new Promise((resolve) => server.close(resolve));
  });
});

it("a body that comes a byte a second is answered with 408 in half a minute, and its connection closed", async () => {
  for (const { what, status, tookMs } of await trickles) {
    expect([what, status]).toEqual([what, 408]);
    // Thirty seconds, and one in which the server looks; more on a busy machine.
    expect(tookMs).toBeLessThan(45_000);
  }
  expect(blocks().some((path) => path.includes("rdd_9000"))).toBe(false);
  await stillWorks();
}, 60_000);
