/**
 * A proxy on loopback that does to requests and answers what a network may: it holds them up, sends them twice, cuts or swallows them. It knows as much of HTTP as it needs to tell
 * one request from the next (heads, and bodies of a stated length), and gives each the Host of the server it goes to.
 */

import { connect, createServer, type Server, type Socket } from "node:net";

export type NetworkFault =
  /** The request goes on after so long. */
  | { readonly kind: "delay"; readonly ms: number }
  /** The request goes nowhere and the connection stays: half-open. */
  | { readonly kind: "swallowRequest" }
  /** The connection is reset before the request went anywhere. */
  | { readonly kind: "cutRequest" }
  /** The server gets so much of the request, then both connections are reset. */
  | { readonly kind: "tearRequest"; readonly share: number }
  /** The server gets it twice; the first answer is passed on. */
  | { readonly kind: "double" }
  /** After so many bytes of the answer the connection is reset. */
  | { readonly kind: "cutAnswer"; readonly afterBytes: number }
  /** After so many bytes of the answer nothing more comes. */
  | { readonly kind: "swallowAnswer"; readonly afterBytes: number };

export interface ProxiedRequest {
  /** `POST /v1/report` */
  readonly line: string;
  readonly bodyBytes: number;
}

export interface ProxyRules {
  /** What befalls this request. */
  fault(request: ProxiedRequest): NetworkFault | undefined;
  /** Another body in the place of this one. */
  rewrite?(request: ProxiedRequest, body: Buffer): Promise<Buffer>;
  /** Connections that have been idle for so long are reset. */
  readonly idleResetMs?: number;
}

interface Request extends ProxiedRequest {
  readonly head: string;
  readonly body: Buffer;
}

export class HttpProxy {
  /** The server's port: it may be set after `listen`. */
  upstreamPort: number;
  readonly #rules: ProxyRules;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  constructor(rules: ProxyRules, upstreamPort = 0) {
    this.#rules = rules;
    this.upstreamPort = upstreamPort;
    this.#server = createServer({ noDelay: true }, (socket) => {
      this.#watch(socket);
      new ProxiedConnection(socket, this.#rules, this.upstreamPort, () => this.#toServer()).start();
    });
  }

  get port(): number {
    const address = this.#server.address();
    if (address === null || typeof address === "string") throw new Error("the proxy does not listen");
    return address.port;
  }

  listen(): Promise<this> {
    return new Promise((resolve) => this.#server.listen(0, "127.0.0.1", () => resolve(this)));
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  #toServer(): Socket {
    const socket = connect({ port: this.upstreamPort, host: "127.0.0.1", noDelay: true });
    this.#watch(socket);
    return socket;
  }

  #watch(socket: Socket): void {
    this.#sockets.add(socket);
    // A reset is what this file is about; `close` follows.
    socket.on("error", () => {});
    socket.on("close", () => this.#sockets.delete(socket));
  }
}

class ProxiedConnection {
  readonly #client: Socket;
  readonly #rules: ProxyRules;
  readonly #port: number;
  readonly #connect: () => Socket;
  #received = Buffer.alloc(0);
  #server: Socket | undefined;
  /** Bytes of the present answer that still pass; then `atLimit` happens. */
  #answerBytesLeft = Number.POSITIVE_INFINITY;
  #atLimit: "cut" | "swallow" = "cut";
  #busy = false;
  /** Half-open: nothing more comes of it, not even its end. */
  #silent = false;
  #idle: NodeJS.Timeout | undefined;

  constructor(client: Socket, rules: ProxyRules, port: number, toServer: () => Socket) {
    this.#client = client;
    this.#rules = rules;
    this.#port = port;
    this.#connect = toServer;
  }

  start(): void {
    this.#client.on("data", (chunk: Buffer) => {
      this.#received = Buffer.concat([this.#received, chunk]);
      void this.#pump();
    });
    this.#client.on("close", () => {
      clearTimeout(this.#idle);
      this.#server?.destroy();
    });
  }

  async #pump(): Promise<void> {
    if (this.#busy) return;
    this.#busy = true;
    clearTimeout(this.#idle);
    for (let request = this.#take(); request !== undefined; request = this.#take()) await this.#forward(request);
    this.#busy = false;
    this.#resetWhenIdle();
  }

  #resetWhenIdle(): void {
    const { idleResetMs } = this.#rules;
    clearTimeout(this.#idle);
    if (idleResetMs !== undefined && !this.#silent) this.#idle = setTimeout(() => this.#reset(), idleResetMs);
  }

  /** The next whole request. */
  #take(): Request | undefined {
    const end = this.#received.indexOf("\r\n\r\n");
    if (end < 0) return undefined;
    const head = this.#received.toString("latin1", 0, end);
    const bodyBytes = Number(/^content-length: *(\d+)/im.exec(head)?.[1] ?? 0);
    if (this.#received.byteLength < end + 4 + bodyBytes) return undefined;
    const body = Buffer.from(this.#received.subarray(end + 4, end + 4 + bodyBytes));
    this.#received = this.#received.subarray(end + 4 + bodyBytes);
    const line = head.slice(0, head.indexOf(" HTTP/"));
    return { line, head, body, bodyBytes };
  }

  async #forward(request: Request): Promise<void> {
    const body = (await this.#rules.rewrite?.(request, request.body)) ?? request.body;
    const fault = this.#rules.fault(request);
    this.#answerBytesLeft = Number.POSITIVE_INFINITY;
    if (fault?.kind === "swallowRequest") {
      this.#silent = true;
      return;
    }
    if (fault?.kind === "cutRequest") return this.#reset();
    if (fault?.kind === "delay") await new Promise((resolve) => setTimeout(resolve, fault.ms));
    if (fault?.kind === "cutAnswer" || fault?.kind === "swallowAnswer") {
      this.#answerBytesLeft = fault.afterBytes;
      this.#atLimit = fault.kind === "cutAnswer" ? "cut" : "swallow";
    }
    const server = this.#toServer();
    const bytes = this.#bytesFor(request, body);
    if (fault?.kind === "tearRequest") {
      server.write(bytes.subarray(0, Math.floor(bytes.byteLength * fault.share)), () => this.#reset());
      return;
    }
    server.write(bytes);
    if (fault?.kind === "double") {
      const second = this.#connect();
      second.on("data", () => second.destroy());
      second.write(bytes);
    }
  }

  #bytesFor({ head }: Request, body: Buffer): Buffer {
    const changed = head
      .replace(/^host:.*$/im, `host: 127.0.0.1:${this.#port}`)
      .replace(/^content-length:.*$/im, `content-length: ${body.byteLength}`);
    return Buffer.concat([Buffer.from(`${changed}\r\n\r\n`, "latin1"), body]);
  }

  #toServer(): Socket {
    if (this.#server !== undefined && !this.#server.destroyed) return this.#server;
    const server = this.#connect();
    this.#server = server;
    server.on("data", (chunk: Buffer) => this.#answer(chunk));
    server.on("close", () => {
      if (this.#server === server) this.#client.destroy();
    });
    return server;
  }

  #answer(chunk: Buffer): void {
    const passed = chunk.subarray(0, Math.max(0, this.#answerBytesLeft));
    this.#answerBytesLeft -= chunk.byteLength;
    if (passed.byteLength > 0) this.#client.write(passed);
    if (this.#answerBytesLeft < 0 && this.#atLimit === "cut") this.#reset();
    if (this.#answerBytesLeft < 0 && this.#atLimit === "swallow") this.#silent = true;
    this.#resetWhenIdle();
  }

  #reset(): void {
    this.#client.resetAndDestroy();
    this.#server?.resetAndDestroy();
  }
}
