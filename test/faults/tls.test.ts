/** TLS between driver and executors, both ways: who is let in, who is not and learns why, and that all that moves moves as ever. */

import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { networkInterfaces, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { ExecutorClient } from "@volley/driver/net/executor-client.js";
import { makeSecrets } from "@volley/driver/net/secrets.js";
import { type DriverServer, startServer } from "@volley/driver/net/server.js";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { StorageLevel, VolleyContext, type VolleyOptions } from "volley";
import { Authority, type Pem } from "../kit/certificates.js";
import { sendRaw } from "../kit/raw-http.js";

const DAY_MS = 24 * 3600 * 1000;
const authority = new Authority("the tests' authority");
const other = new Authority("another authority");
const LOCAL = ["localhost", "127.0.0.1"];
const good = authority.issue({ names: LOCAL });
const withCa = (pem: Pem, ca = authority.cert) => ({ ...pem, ca });

const contexts: VolleyContext[] = [];
afterEach(async () => {
  for (const vc of contexts.splice(0)) await vc.stop();
});

async function start(options: VolleyOptions): Promise<VolleyContext> {
  const vc = await VolleyContext.create({ master: "local-cluster[2,1,256]", progress: false, ...options });
  contexts.push(vc);
  return vc;
}

/** Cache, shuffle, broadcast, a large result and its way back. */
async function allThatMoves(vc: VolleyContext): Promise<void> {
  const factors = vc.broadcast(Array.from({ length: 200_000 }, (_, index) => index % 7));
  const rows = vc
    .range(0, 60_000, 1, 6)
    .map((x) => [x % 101, x * (factors.value[x] as number)] as [number, number])
    .persist(StorageLevel.MEMORY_ONLY_2);
  const expected = new Map<number, number>();
  for (let x = 0; x < 60_000; x++) expected.set(x % 101, (expected.get(x % 101) ?? 0) + x * (x % 7));
  for (let round = 0; round < 2; round++)
    expect(new Map(await rows.reduceByKey((a, b) => a + b, 5).collect())).toEqual(expected);
  expect((await rows.map(([key, value]) => `${key} ${value} ${"x".repeat(60)}`).collect()).length).toBe(60_000);
}

describe("executors over TLS", () => {
  it("run a job with all that moves, and one of them may leave", async () => {
    const vc = await start({ tls: withCa(good) });
    expect(vc.driver.url).toMatch(/^https:\/\/127\.0\.0\.1:/);
    await allThatMoves(vc);
    const left = new Promise<string>((resolve) =>
      vc.addListener({ onExecutorRemoved: ({ reason }) => resolve(reason) }),
    );
    process.kill(vc.driver.executors()[0]?.pid as number, "SIGTERM");
    expect(await left).toBe("decommissioned");
    await allThatMoves(vc);
  }, 60_000);

  it("take files as well as texts, and a host name", async () => {
    const folder = mkdtempSync(join(tmpdir(), "volley-tls-test-"));
    try {
      const files = Object.entries(withCa(good)).map(([name, text]) => {
        const path = join(folder, `${name}.pem`);
        writeFileSync(path, text, { mode: 0o600 });
        return [name, path] as const;
      });
      const tls = Object.fromEntries(files) as { key: string; cert: string; ca: string };
      const vc = await start({ master: "local[2]", driverHost: "localhost", tls });
      expect(vc.driver.url).toMatch(/^https:\/\/localhost:/);
      expect(await vc.range(0, 100, 1, 4).sum()).toBe(4_950);
    } finally {
      rmSync(folder, { recursive: true });
    }
  }, 30_000);
});

describe("a tls option is refused at once", () => {
  const expired = { notBefore: new Date(Date.now() - 3 * DAY_MS), notAfter: new Date(Date.now() - DAY_MS) };
  const future = { notBefore: new Date(Date.now() + DAY_MS), notAfter: new Date(Date.now() + 3 * DAY_MS) };
  it.each<[string, VolleyOptions, string, RegExp]>([
    [
      "that has expired",
      { tls: withCa(authority.issue({ names: LOCAL, ...expired })) },
      "INVALID_OPTION",
      /expired on/,
    ],
    [
      "of tomorrow",
      { tls: withCa(authority.issue({ names: LOCAL, ...future })) },
      "INVALID_OPTION",
      /not valid before/,
    ],
    [
      "with another's key",
      { tls: withCa({ cert: good.cert, key: authority.issue({ names: LOCAL }).key }) },
      "INVALID_OPTION",
      /key is not the private key of cert/,
    ],
    [
      "without a certificate",
      { tls: withCa({ ...good, cert: good.key }) },
      "INVALID_OPTION",
      /cert holds no certificate/,
    ],
    ["without a key", { tls: withCa({ ...good, key: good.cert }) }, "INVALID_OPTION", /no private key/],
    [
      "of a file that is not there",
      { tls: withCa({ ...good, key: "/nowhere/key.pem" }) },
      "INVALID_OPTION",
      /key is neither/,
    ],
    ["of another authority", { tls: withCa(good, other.cert) }, "TLS_REFUSED", /nobody can connect to the driver/],
    ["for another name", { tls: withCa(authority.issue({ names: ["elsewhere.example"] })) }, "TLS_REFUSED", /ALTNAME/],
  ])("%s", async (_, options, code, message) => {
    const startedAt = performance.now();
    const refused = await VolleyContext.create({ master: "local[1]", progress: false, ...options }).then(
      (vc) => vc.stop(),
      (error: unknown) => error,
    );
    expect(refused).toMatchObject({ code, message: expect.stringMatching(message) });
    expect(String(refused)).not.toContain("PRIVATE");
    expect(performance.now() - startedAt).toBeLessThan(8_000);
  });
});

describe("with a driver and an executor that run", () => {
  let vc: VolleyContext;
  let executor: { readonly executorId: string; readonly host: string; readonly port: number; readonly epoch: number };
  beforeAll(async () => {
    vc = await VolleyContext.create({ master: "local[1]", progress: false, tls: withCa(good) });
    expect(await vc.range(0, 10, 1, 1).sum()).toBe(45);
    executor = vc.driver.executors()[0] as typeof executor;
  }, 30_000);
  afterAll(() => vc.stop());

  const clients: [string, ReturnType<typeof withCa> | undefined][] = [
    ["without TLS", undefined],
    ["with a certificate of another authority", withCa(other.issue({ names: LOCAL }))],
    [
      "with one that has expired",
      withCa(
        authority.issue({
          names: LOCAL,
          notBefore: new Date(Date.now() - 3 * DAY_MS),
          notAfter: new Date(Date.now() - DAY_MS),
        }),
      ),
    ],
    ["that trusts another authority", withCa(good, other.cert)],
  ];
  it.each(clients)("a caller %s reaches no route of the executor, whatever secret it has", async (_, tls) => {
    const startedAt = performance.now();
    const client = new ExecutorClient(executor, vc.driver.secrets.executor, tls);
    try {
      const told = client.kill({ epoch: executor.epoch, taskIds: [], reason: "r" });
      const code = expect.stringMatching(/^(TLS_REFUSED|EXECUTOR_LOST)$/);
      await expect(told).rejects.toMatchObject({ code });
      expect(performance.now() - startedAt).toBeLessThan(5_000);
    } finally {
      await client.close();
    }
    expect(await vc.range(0, 10, 1, 1).sum()).toBe(45);
  });

  it("a caller with the certificate and not the secret is refused as ever", async () => {
    const client = new ExecutorClient(executor, "not the secret of this application", withCa(good));
    const told = client.kill({ epoch: executor.epoch, taskIds: [], reason: "r" });
    await expect(told).rejects.toMatchObject({ code: "UNAUTHORIZED" });
    await client.close();
  });

  it("sockets that say nothing of TLS are dropped", async () => {
    for (const port of [executor.port, Number(new URL(vc.driver.url).port)]) {
      const { status } = await sendRaw(port, "GET / HTTP/1.1\r\nhost: x\r\n\r\n").catch(() => ({ status: 0 }));
      expect([0, 400]).toContain(status);
    }
  });
});

describe("an executor that registers with a driver over TLS", () => {
  const entry = fileURLToPath(new URL("../../packages/volley/dist/entries/executor.js", import.meta.url));
  const secrets = makeSecrets();
  let server: DriverServer;
  let registered = 0;
  beforeAll(async () => {
    const unreachable = () => {
      throw new Error("should not be reached");
    };
    const register = () => {
      registered++;
      return { epoch: 1, heartbeatIntervalMs: 1_000, applicationId: "app" };
    };
    server = await startServer(
      {
        register,
        report: () => ({ epoch: 1, applicationId: "app" }),
        locations: unreachable,
        block: unreachable,
        isSpread: unreachable,
        pieces: unreachable,
      },
      { host: "127.0.0.1", port: 0, secrets, applicationId: "app", tls: withCa(good), onDefect: unreachable },
    );
  });
  afterAll(() => server.close());

  /** What an executor with this tls says until it ends, or is stopped because it has registered. */
  async function ends(tls: ReturnType<typeof withCa> | undefined, url = server.url): Promise<readonly object[]> {
    const applicationDir = mkdtempSync(join(tmpdir(), "volley-application-tls-"));
    const child = fork(entry, [], { stdio: ["ignore", "ignore", "inherit", "ipc"], execArgv: [] });
    const said: object[] = [];
    child.on("message", (message) => said.push(message as object));
    const id = { executorId: "1", incarnation: "1", applicationId: "app", secret: secrets.executor };
    const place = { host: "127.0.0.1", localDir: join(applicationDir, "1"), applicationDir };
    const size = { slots: 1, memoryBytes: 64 << 20, decommissionMs: 0 };
    const config = { ...id, ...place, ...size, driverUrl: url, ...(tls === undefined ? {} : { tls }) };
    child.send({ type: "config", config });
    const before = registered;
    const poll = setInterval(
      () => registered > before && child.connected && child.send({ type: "stop", reason: "" }),
      50,
    );
    await once(child, "exit");
    clearInterval(poll);
    rmSync(applicationDir, { recursive: true, force: true });
    return said;
  }

  it("is let in with a certificate of the same authority", async () => {
    expect(await ends(withCa(authority.issue({ names: LOCAL })))).toEqual([]);
    expect(registered).toBe(1);
  }, 30_000);

  const expired = { notBefore: new Date(Date.now() - 3 * DAY_MS), notAfter: new Date(Date.now() - DAY_MS) };
  it.each<[string, ReturnType<typeof withCa>, RegExp]>([
    ["has one of another authority", withCa(other.issue({ names: LOCAL })), /the driver does not accept this executor/],
    ["has one that expired", withCa(authority.issue({ names: LOCAL, ...expired })), /the driver does not accept/],
    ["trusts another authority", withCa(good, other.cert), /does not accept its driver: SELF_SIGNED_CERT_IN_CHAIN/],
  ])(
    "is told TLS_REFUSED when it %s",
    async (_, tls, message) => {
      const before = registered;
      const startedAt = performance.now();
      expect(await ends(tls)).toMatchObject([
        { type: "failed", code: "TLS_REFUSED", message: expect.stringMatching(message) },
      ]);
      expect(performance.now() - startedAt).toBeLessThan(12_000);
      expect(registered).toBe(before);
    },
    30_000,
  );

  it("does not talk to one under another name", async () => {
    const elsewhere = await startServer(
      {
        register: () => expect.unreachable(),
        report: () => expect.unreachable(),
        locations: () => expect.unreachable(),
        isSpread: () => false,
        pieces: () => expect.unreachable(),
        block: () => undefined,
      },
      { host: "127.0.0.2", port: 0, secrets, applicationId: "app", tls: withCa(good), onDefect: () => undefined },
    );
    expect(await ends(withCa(good), elsewhere.url)).toMatchObject([
      { code: "TLS_REFUSED", message: expect.stringContaining("ALTNAME") },
    ]);
    await elsewhere.close();
  }, 30_000);
});

describe("an address that others can reach", () => {
  const [outside] = Object.values(networkInterfaces()).flatMap((all) =>
    (all ?? []).filter(({ internal, family }) => !internal && family === "IPv4").map(({ address }) => address),
  );
  const hosts = ["0.0.0.0", ...(outside === undefined ? [] : [outside])];

  it.each(hosts)("%s is refused without TLS", async (driverHost) => {
    await expect(VolleyContext.create({ master: "local[1]", progress: false, driverHost })).rejects.toMatchObject({
      code: "INVALID_OPTION",
      message: expect.stringContaining("insecure: true"),
    });
  });

  it.each(hosts)(
    "%s is taken with TLS",
    async (driverHost) => {
      const tls = withCa(authority.issue({ names: [...LOCAL, driverHost] }));
      const vc = await start({ master: "local[1]", driverHost, tls });
      expect(await vc.range(0, 10, 1, 2).sum()).toBe(45);
    },
    30_000,
  );

  it("is taken with insecure: true, and there is one warning", async () => {
    const warnings: string[] = [];
    const note = (warning: Error & { code?: string }) => warnings.push(String(warning.code));
    process.on("warning", note);
    for (let round = 0; round < 2; round++) {
      const vc = await start({ master: "local[1]", driverHost: "0.0.0.0", insecure: true });
      expect(await vc.range(0, 10, 1, 2).sum()).toBe(45);
    }
    process.off("warning", note);
    expect(warnings.filter((code) => code === "VOLLEY_INSECURE")).toHaveLength(1);
  }, 30_000);
});
