import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { crc32 } from "node:zlib";
import { CRC_HEADER } from "@volley/engine/wire/limits.js";
import type { LaunchRequest } from "@volley/engine/wire/messages.js";
import { afterEach, describe, expect, it } from "vitest";
import { ExecutorClient } from "./executor-client.js";

const open: { server: Server; client: ExecutorClient }[] = [];
afterEach(async () => {
  for (const { server, client } of open.splice(0)) {
    await client.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

/** A client of a server that answers with `answer`, called with the number of the request. */
async function clientOf(
  answer: (request: IncomingMessage, response: ServerResponse, count: number) => void,
): Promise<ExecutorClient> {
  let count = 0;
  const server = createServer((request, response) => {
    request.resume();
    request.on("end", () => answer(request, response, count++));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const client = new ExecutorClient(
    { executorId: "0", host: "127.0.0.1", port: (server.address() as AddressInfo).port },
    "secret",
  );
  open.push({ server, client });
  return client;
}

const launch: LaunchRequest = {
  epoch: 1,
  seq: 0,
  envelopes: [],
  stages: [],
  tasks: [],
  shuffles: [],
  forgetStages: [],
  forgetEnvelopes: [],
};
const accepted = JSON.stringify({ executorId: "0", accepted: true });

describe("calls to an executor", () => {
  it("are tried again once when the socket was reset", async () => {
    let seen = 0;
    const client = await clientOf((request, response, count) => {
      seen++;
      if (count === 0) request.socket.destroy();
      else response.end(accepted);
    });
    expect(await client.launch(launch, [])).toEqual({ executorId: "0", accepted: true });
    expect(seen).toBe(2);
  });

  it("are not tried for ever", async () => {
    let seen = 0;
    const client = await clientOf((request) => {
      seen++;
      request.socket.destroy();
    });
    await expect(client.launch(launch, [])).rejects.toMatchObject({
      code: "EXECUTOR_LOST",
      details: { executorId: "0" },
    });
    expect(seen).toBe(2);
  });

  it("show the secret and one exact content type", async () => {
    const headers: IncomingMessage["headers"][] = [];
    const client = await clientOf((request, response) => {
      headers.push(request.headers);
      response.end(accepted);
    });
    await client.launch(launch, [Uint8Array.of(1)]);
    await client.kill({ epoch: 1, taskIds: [1], reason: "x" });
    expect(headers.map((each) => [each.authorization, each["content-type"]])).toEqual([
      ["Bearer secret", "application/x-volley-frames"],
      ["Bearer secret", "application/json"],
    ]);
  });

  it.each([
    [401, "UNAUTHORIZED"],
    [403, "UNAUTHORIZED"],
    [410, "EXECUTOR_LOST"],
    [500, "PROTOCOL"],
  ] as const)("answered with %i fail with %s", async (status, code) => {
    const client = await clientOf((_request, response) => response.writeHead(status).end());
    await expect(client.kill({ epoch: 1, taskIds: [], reason: "x" })).rejects.toMatchObject({ code });
  });

  it.each([
    [JSON.stringify({ executorId: "7", accepted: true }), "EXECUTOR_LOST"],
    ["{}", "PROTOCOL"],
    ["no json", "PROTOCOL"],
    ["[".repeat(1000), "PROTOCOL"],
  ])("do not take %s for an answer", async (body, code) => {
    const client = await clientOf((_request, response) => response.end(body));
    await expect(client.launch(launch, [])).rejects.toMatchObject({ code });
  });

  it("fail when nobody listens", async () => {
    const client = await clientOf(() => {});
    const { server } = open[0] as { server: Server };
    await new Promise((resolve) => server.close(resolve));
    await expect(client.stop({ epoch: 1, reason: "x" })).rejects.toMatchObject({ code: "EXECUTOR_LOST" });
  });
});

describe("blocks from an executor", () => {
  const bytes = Uint8Array.of(1, 2, 3, 4);
  const send = (response: ServerResponse, headers: Record<string, string>, body: Uint8Array = bytes) =>
    response.writeHead(200, headers).end(body);

  it("are checked", async () => {
    const client = await clientOf((_request, response) =>
      send(response, { [CRC_HEADER]: String(crc32(bytes)), "content-length": "4" }),
    );
    expect([...(await client.fetchBlock("result_1", 4))]).toEqual([1, 2, 3, 4]);
  });

  it.each([
    ["a flipped bit", { [CRC_HEADER]: String(crc32(bytes) ^ 1), "content-length": "4" }, "BLOCK_CORRUPT"],
    ["more than was announced", { "content-length": "4" }, "BLOCK_CORRUPT"],
    ["no length", { "transfer-encoding": "chunked" }, "BLOCK_CORRUPT"],
  ] as const)("with %s are refused", async (what, headers, code) => {
    const client = await clientOf((_request, response) => send(response, headers));
    await expect(client.fetchBlock("result_1", what.startsWith("more") ? 3 : 4)).rejects.toMatchObject({ code });
  });

  it("that end early are refused", async () => {
    const client = await clientOf((request, response) => {
      response.writeHead(200, { "content-length": "8" });
      response.write(bytes, () => request.socket.destroy());
    });
    await expect(client.fetchBlock("result_1", 8)).rejects.toMatchObject({ code: "EXECUTOR_LOST" });
  });

  it("that are gone are lost", async () => {
    const client = await clientOf((_request, response) => response.writeHead(404).end());
    await expect(client.fetchBlock("result_1", 8)).rejects.toMatchObject({ code: "BLOCK_LOST" });
  });
});
