/** HTTP as nobody's client would send it: text as it is, and what comes back. */

import { connect, type Socket } from "node:net";

export interface RawAnswer {
  readonly status: number;
  readonly head: string;
  readonly body: string;
}

/** Sends text and answers what came until an answer was whole or the connection ended. Rejects when that takes longer than `limitMs`. */
export function sendRaw(port: number, text: string | Uint8Array, limitMs = 10_000): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    let all = "";
    const socket = connect(port, "127.0.0.1", () => socket.write(text));
    const limit = setTimeout(() => socket.destroy(new Error(`no answer within ${limitMs} ms`)), limitMs);
    const answer = () => {
      const [head = "", ...rest] = all.split("\r\n\r\n");
      return { status: Number(head.slice(9, 12)), head, body: rest.join("\r\n\r\n") };
    };
    socket.setEncoding("latin1");
    socket.on("data", (chunk) => {
      all += String(chunk);
      const { head, body } = answer();
      if (all.includes("\r\n\r\n") && body.length >= Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 0))
        socket.destroy();
    });
    let failure: Error | undefined;
    socket.on("error", (error) => {
      failure = error;
    });
    socket.on("close", () => {
      clearTimeout(limit);
      // A server that refuses early may reset the connection after its answer.
      if (all === "" && failure !== undefined) reject(failure);
      else resolve(answer());
    });
  });
}

/** A request's text; `headers` replace or, when undefined, remove what a good request has. */
export function requestText(
  port: number,
  line: string,
  secret: string,
  headers: Readonly<Record<string, string | readonly string[] | undefined>> = {},
  body = "",
): string {
  const all: Record<string, string | readonly string[] | undefined> = {
    host: `127.0.0.1:${port}`,
    authorization: `Bearer ${secret}`,
    "content-type": "application/json",
    "content-length": String(Buffer.byteLength(body)),
    ...headers,
  };
  const lines = Object.entries(all).flatMap(([name, value]) =>
    value === undefined ? [] : [value].flat().map((one) => `${name}: ${one}`),
  );
  return `${line} HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\n${body}`;
}

/** So many connections that say nothing. */
export async function idleSockets(port: number, count: number): Promise<readonly Socket[]> {
  const opened: Promise<Socket>[] = [];
  for (let index = 0; index < count; index++) {
    opened.push(
      new Promise((resolve) => {
        const socket = connect(port, "127.0.0.1", () => resolve(socket));
        socket.on("error", () => resolve(socket));
      }),
    );
  }
  return Promise.all(opened);
}
