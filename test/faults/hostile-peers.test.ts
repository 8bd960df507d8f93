/**
 * What somebody with the secret may try on a running driver and its executor, and what anybody may try on their sockets. Whatever comes, a job gives the
 * right answer afterwards, and the driver stays small.
 */

import { readFileSync } from "node:fs";
import { connect } from "node:net";
import { crc32 as zlibCrc32 } from "node:zlib";
import { encodeFrames, FRAMES_TYPE } from "@volley/engine/wire/frames.js";
import { WIRE_VERSION } from "@volley/engine/wire/messages.js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { VolleyContext } from "volley";
import { idleSockets, type RawAnswer, requestText, sendRaw } from "../kit/raw-http.js";

const crc32 = zlibCrc32 as (bytes: Uint8Array | string) => number;

const HEARTBEAT_MS = 500;
let vc: VolleyContext;
let driverPort: number;
let executorPort: number;
let secret: string;
beforeAll(async () => {
  vc = await VolleyContext.create({
    master: "local-cluster[1,2,256]",
    progress: false,
    heartbeatIntervalMs: HEARTBEAT_MS,
  });
  expect(await vc.range(0, 10, 1, 2).count()).toBe(10);
  secret = vc.driver.secrets.executor;
  driverPort = Number(new URL(vc.driver.url).port);
  executorPort = theExecutor().port;
});
afterAll(() => vc.stop());

function theExecutor() {
  const [executor] = vc.driver.executors();
  if (executor === undefined) throw new Error("there is no executor");
  return executor;
}

async function stillWorks(): Promise<void> {
  expect(
    await vc
      .range(0, 1000, 1, 4)
      .map((x) => [x % 3, x])
      .reduceByKey((a, b) => a + b)
      .count(),
  ).toBe(3);
}

const post = (port: number, path: string, body: string, headers: Record<string, string> = {}): Promise<RawAnswer> =>
  sendRaw(port, requestText(port, `POST ${path}`, secret, headers, body));

const registration = (changes: object = {}) =>
  JSON.stringify({
    ...{ wireVersion: WIRE_VERSION, executorId: "99", incarnation: "mine", host: "127.0.0.1" },
    ...{ port: 5000, slots: 1, memoryBytes: 1, pid: 1, ...changes },
  });

let seqs = 1_000_000;
async function report(changes: object, frames: readonly Uint8Array[] = []): Promise<RawAnswer> {
  const { executorId, incarnation, epoch } = theExecutor();
  const message = JSON.stringify({ executorId, incarnation, epoch, seq: seqs++, tasks: [], blocks: [], ...changes });
  const body = Buffer.concat(encodeFrames(message, frames)).toString("latin1");
  const text = requestText(driverPort, "POST /v1/report", secret, {
    "content-type": FRAMES_TYPE,
    "content-length": String(body.length),
  });
  return new Promise((resolve, reject) => {
    const socket = connect(driverPort, "127.0.0.1", () => socket.write(Buffer.from(text + body, "latin1")));
    let all = "";
    socket.on("data", (chunk) => {
      all += chunk.toString("latin1");
      socket.destroy();
    });
    socket.on("error", reject);
    socket.on("close", () =>
      resolve({ status: Number(all.slice(9, 12)), head: all, body: all.split("\r\n\r\n")[1] ?? "" }),
    );
  });
}

describe("registration", () => {
  it.each([
    ["an id that is in use", () => ({ executorId: theExecutor().executorId }), 409],
    ["an executor that nobody started", () => ({}), 409],
    ["another version", () => ({ wireVersion: WIRE_VERSION + 1 }), 409],
    ["an address in the cloud's own network", () => ({ host: "169.254.169.254" }), 400],
    ["an address with a user", () => ({ host: "user@127.0.0.1" }), 400],
    ["a path for an address", () => ({ host: "file:///etc/passwd" }), 400],
    ["a privileged port", () => ({ port: 22 }), 400],
    ["no slots", () => ({ slots: 0 }), 400],
    ["a number past 2^53", () => ({ memoryBytes: 2 ** 60 }), 400],
    ["a field too many", () => ({ admin: true }), 400],
  ])("with %s is refused", async (_, changes, status) => {
    expect((await post(driverPort, "/v1/register", registration(changes()))).status).toBe(status);
    await stillWorks();
  });

  it("with a prototype is refused", async () => {
    const body = registration().replace("{", '{"__proto__":{"slots":4},');
    expect((await post(driverPort, "/v1/register", body)).status).toBe(400);
  });
});

describe("reports", () => {
  it("of a fenced incarnation are refused", async () => {
    expect((await report({ incarnation: "an earlier one" })).status).toBe(410);
    expect((await report({ epoch: theExecutor().epoch + 1 })).status).toBe(410);
  });

  it("of tasks that nobody runs change nothing, however often they come", async () => {
    const tasks = [{ outcome: "succeeded", taskId: 123_456, result: { at: "none" }, metrics: {}, runMs: 1 }];
    const seq = seqs++;
    for (let time = 0; time < 3; time++) expect((await report({ tasks, seq })).status).toBe(200);
    await stillWorks();
  });

  it.each([
    ["a negative figure", { rows: -1 }],
    ["one past 2^53", { rows: 2 ** 53 + 2 }],
    ["1e308", { rows: 1e308 }],
    ["null for NaN", { rows: Number.NaN }],
  ])("with %s are refused", async (_, metrics) => {
    const tasks = [
      { outcome: "killed", taskId: 1 },
      { outcome: "succeeded", taskId: 1, result: { at: "none" }, metrics, runMs: 1 },
    ];
    expect((await report({ tasks })).status).toBe(400);
  });

  it("that name frames which are not there are refused", async () => {
    const tasks = [{ outcome: "succeeded", taskId: 1, result: { at: "frame", frame: 7 }, metrics: {}, runMs: 1 }];
    expect((await report({ tasks })).status).toBe(400);
    await stillWorks();
  });

  it.each([
    ["no block at all", new Uint8Array(64).fill(7)],
    ["nothing", new Uint8Array(0)],
    ["a message of two gigabytes, it says", Uint8Array.from([255, 255, 255, 255, 255, 255, 255, 127, 0, 0, 0, 0])],
  ])("of a running task whose result is %s fail the job and no more", async (_, bytes) => {
    const started = new Promise<number>((resolve) => {
      const listener = { onTaskStart: ({ taskId }: { taskId: number }) => resolve(taskId) };
      vc.addListener(listener);
    });
    const job = vc.range(0, 1, 1, 1).map((x) => {
      const until = Date.now() + 1_500;
      while (Date.now() < until);
      return x;
    });
    const answer = job.collect().then(
      (rows) => rows,
      (error: { code: string }) => error.code,
    );
    const taskId = await started;
    const tasks = [{ outcome: "succeeded", taskId, result: { at: "frame", frame: 0 }, metrics: {}, runMs: 1 }];
    const startedAt = performance.now();
    expect((await report({ tasks }, [bytes])).status).toBe(200);
    expect(performance.now() - startedAt).toBeLessThan(1_000);
    // The true result may have come first; a forged one is never taken for rows.
    expect([["BLOCK_CORRUPT"], [0], ["PROTOCOL"]]).toContainEqual([await answer].flat());
    await stillWorks();
  });
});

describe("an executor", () => {
  it("does not obey another epoch", async () => {
    const epoch = theExecutor().epoch + 1;
    for (const [path, body] of [
      ["/v1/kill", { epoch, taskIds: [1], reason: "r" }],
      ["/v1/stop", { epoch, reason: "r" }],
    ] as const) {
      expect((await post(executorPort, path, JSON.stringify(body))).status).toBe(400);
    }
    await stillWorks();
  });

  it("keeps nothing of a block that is cut, damaged, or other than the one it has", async () => {
    const put = (name: string, body: string, sum: number, length = body.length) =>
      sendRaw(
        executorPort,
        requestText(executorPort, `PUT /v1/blocks/${name}?level=MEMORY_ONLY_2`, secret, {
          "content-type": "application/octet-stream",
          "content-length": String(length),
          "x-volley-crc32": String(sum),
        }) + body,
        2_000,
      );
    const bytes = "12345678";
    expect((await put("rdd_9999_0", bytes, crc32("12345679"))).status).toBe(422);
    // The connection ends in the middle of the body.
    await put("rdd_9999_0", bytes, crc32(bytes), 1_000).catch((error: Error) =>
      expect(error.message).toContain("no answer"),
    );
    const get = () =>
      sendRaw(
        executorPort,
        requestText(executorPort, "GET /v1/blocks/rdd_9999_0", secret, {
          "content-length": undefined,
          "content-type": undefined,
        }),
      );
    expect((await get()).status).toBe(404);
    expect((await put("rdd_9999_0", bytes, crc32(bytes))).status).toBe(200);
    expect((await put("rdd_9999_0", "87654321", crc32("87654321"))).status).toBe(409);
    expect((await get()).body).toBe(bytes);
    for (const level of ["", "NOTHING", "__proto__", "constructor"]) {
      const text = requestText(
        executorPort,
        `PUT /v1/blocks/rdd_9999_1?level=${level}`,
        secret,
        { "content-type": "application/octet-stream", "x-volley-crc32": String(crc32(bytes)) },
        bytes,
      );
      expect([level, (await sendRaw(executorPort, text)).status]).toEqual([level, 400]);
    }
  });
});

describe("sockets", () => {
  const servers = () => [driverPort, executorPort];

  it("whose headers come a byte a second are closed within ten seconds", async () => {
    await Promise.all(
      servers().map(
        (port) =>
          new Promise<void>((resolve, reject) => {
            const startedAt = performance.now();
            const socket = connect(port, "127.0.0.1");
            const timer = setInterval(() => socket.write("x"), 1_000);
            socket.write("GET / HTTP/1.1\r\nx: ");
            socket.on("error", () => {});
            socket.resume();
            socket.on("close", () => {
              clearInterval(timer);
              const took = performance.now() - startedAt;
              if (took > 12_000) reject(new Error(`closed after ${took} ms`));
              else resolve();
            });
          }),
      ),
    );
    await stillWorks();
  }, 30_000);

  it("of which there are ten thousand, idle, leave jobs and heartbeats alone, and cost little memory", async () => {
    const rssOf = (pid: number) =>
      Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) << 10;
    const pids = [process.pid, theExecutor().pid];
    const before = pids.map(rssOf);
    const sockets = (await Promise.all(servers().map((port) => idleSockets(port, 5_000)))).flat();
    const beats: number[] = [performance.now()];
    const heard = new Promise<void>((resolve) => {
      const end = vc.driver.events.subscribe(({ kind }) => {
        if (kind !== "executorStatus" || beats.push(performance.now()) < 6) return;
        end();
        resolve();
      });
    });
    await stillWorks();
    await heard;
    const gaps = beats.slice(1).map((at, index) => at - (beats[index] as number));
    // A second by design, more on a busy machine.
    expect(Math.max(...gaps)).toBeLessThan(HEARTBEAT_MS + 2_500);
    const grown = pids.map((pid, index) => rssOf(pid) - (before[index] as number));
    for (const socket of sockets) socket.destroy();
    // The first holds the other ends of them too.
    expect(Math.max(...grown)).toBeLessThan(300 << 20);
    await stillWorks();
  }, 60_000);

  it("with a thousand requests that nobody reads the answers of cost no memory to speak of", async () => {
    const before = process.memoryUsage.rss();
    const text = requestText(
      driverPort,
      "POST /v1/locations",
      secret,
      {},
      JSON.stringify({ executorId: "0", epoch: 1, shuffleIds: [], blocks: [] }),
    );
    const socket = connect(driverPort, "127.0.0.1");
    socket.on("error", () => {});
    await new Promise<void>((resolve) => socket.once("connect", resolve));
    socket.pause();
    for (let index = 0; index < 1_000; index++) socket.write(text);
    await stillWorks();
    socket.destroy();
    expect(process.memoryUsage.rss() - before).toBeLessThan(200 << 20);
  });

  it("did not cost an executor", async () => {
    expect(vc.driver.executors()).toHaveLength(1);
    expect(theExecutor().executorId).toBe("0");
    await stillWorks();
  });
});
