/** A program that a task pipes its rows through, with bounded queues on both sides. The slot's half is run-process.ts. */

import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { VolleyError } from "@volley/engine/wire/errors.js";
import { onSharedMemory } from "../blocks/shared-memory.js";

/** Output that waits for the slot; beyond it the program is made to wait. */
const OUTPUT_BYTES_MAX = 4 << 20;
/** Of its stderr, what an error message shows. */
const STDERR_TAIL_CHARS = 2_000;

export interface ProgramStep {
  readonly chunks: readonly Uint8Array[];
  /** The input was taken; otherwise the same chunk must be offered again. */
  readonly taken: boolean;
  readonly done: boolean;
}

export class ChildProgram {
  readonly #command: readonly string[];
  readonly #child: ChildProcessWithoutNullStreams;
  #output: Uint8Array[] = [];
  #outputBytes = 0;
  #stderrTail = "";
  #mayWrite = true;
  /** It reads no more: what is still offered is thrown away, as a shell's pipe would. */
  #inputClosed = false;
  #closed = false;
  #failure: VolleyError | undefined;
  #wake: () => void = () => undefined;

  constructor(command: readonly string[], env: Readonly<Record<string, string>>) {
    this.#command = command;
    const [file, ...parameters] = command as [string, ...string[]];
    this.#child = spawn(file, parameters, { env: { ...process.env, ...env }, shell: false, windowsHide: true });
    this.#listen();
  }

  async step(input: Uint8Array | undefined, ended: boolean): Promise<ProgramStep> {
    for (;;) {
      if (this.#failure !== undefined) throw this.#failure;
      const taken = this.#offer(input, ended);
      const chunks = this.#takeOutput();
      if (chunks.length > 0 || (input !== undefined && taken)) return { chunks, taken, done: false };
      if (this.#closed) return { chunks, taken, done: true };
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  close(): void {
    if (!this.#closed) this.#child.kill("SIGKILL");
  }

  #offer(input: Uint8Array | undefined, ended: boolean): boolean {
    const { stdin } = this.#child;
    if (ended) {
      if (!stdin.writableEnded) stdin.end();
      return true;
    }
    if (input === undefined || this.#inputClosed || this.#closed) return true;
    if (!this.#mayWrite) return false;
    this.#mayWrite = stdin.write(input);
    return true;
  }

  #takeOutput(): readonly Uint8Array[] {
    const chunks = this.#output;
    this.#output = [];
    this.#outputBytes = 0;
    if (this.#child.stdout.isPaused()) this.#child.stdout.resume();
    return chunks;
  }

  #listen(): void {
    const { stdin, stdout, stderr } = this.#child;
    stdout.on("data", (chunk: Uint8Array) => {
      this.#output.push(onSharedMemory(chunk));
      this.#outputBytes += chunk.byteLength;
      if (this.#outputBytes > OUTPUT_BYTES_MAX) stdout.pause();
      this.#wake();
    });
    stderr.on("data", (chunk: Buffer) => {
      process.stderr.write(chunk);
      this.#stderrTail = (this.#stderrTail + chunk.toString("utf8")).slice(-STDERR_TAIL_CHARS);
    });
    stdin.on("drain", () => {
      this.#mayWrite = true;
      this.#wake();
    });
    // It closed its stdin, which it may (`head`), or ended: its status tells.
    stdin.on("error", () => {
      this.#inputClosed = true;
      this.#wake();
    });
    this.#child.on("error", (error) => this.#fail(`cannot run ${this.#name}: ${error.message}`, error));
    this.#child.on("close", (status, signal) => {
      if (status !== 0) this.#fail(`${this.#name} ended with ${signal ?? `status ${status}`}${this.#said}`);
      this.#closed = true;
      this.#wake();
    });
  }

  get #name(): string {
    return this.#command[0] as string;
  }

  get #said(): string {
    return this.#stderrTail === "" ? "" : `: ${this.#stderrTail.trim()}`;
  }

  #fail(message: string, cause?: unknown): void {
    this.#failure ??= new VolleyError("PROCESS_FAILED", message, cause === undefined ? {} : { cause });
    this.#wake();
  }
}
