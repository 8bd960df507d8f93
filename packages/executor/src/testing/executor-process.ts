/** A real executor process under test, and the calls that a driver would make to it. */

import { type ChildProcess, fork } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { StageSpec, TaskSpec } from "@volley/engine/task/task-spec.js";
import type { ExecutorConfig, FromExecutor } from "@volley/engine/wire/executor-config.js";
import { encodeFrames, FRAMES_TYPE } from "@volley/engine/wire/frames.js";
import type { LaunchRequest, RegisterRequest } from "@volley/engine/wire/messages.js";
import type { EndedTask, FakeDriver } from "./fake-driver.js";

export class ExecutorProcess {
  readonly child: ChildProcess;
  readonly config: ExecutorConfig;
  readonly driver: FakeDriver;
  readonly said: FromExecutor[] = [];
  readonly exited: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  output = "";
  /** Of every shuffle that launches read. */
  shuffleVersion = 0;
  #seq = 0;
  #lastTask = 0;

  constructor(entry: string, driver: FakeDriver, options: Partial<ExecutorConfig> = {}) {
    const applicationDir = mkdtempSync(join(tmpdir(), "volley-application-test-"));
    const executorId = options.executorId ?? "1";
    this.driver = driver;
    this.config = {
      driverUrl: driver.url,
      applicationId: driver.applicationId,
      secret: driver.secret,
      executorId,
      incarnation: `${executorId}-1`,
      host: "127.0.0.1",
      slots: 2,
      memoryBytes: 64 << 20,
      decommissionMs: 10_000,
      localDir: join(applicationDir, `executor-${executorId}`),
      applicationDir,
      ...options,
    };
    this.child = fork(entry, [], { stdio: ["ignore", "pipe", "pipe", "ipc"], execArgv: [], detached: true });
    this.child.stdout?.on("data", (chunk: Buffer) => {
      this.output += chunk.toString();
    });
    this.child.stderr?.on("data", (chunk: Buffer) => {
      this.output += chunk.toString();
    });
    this.child.on("message", (message) => this.said.push(message as FromExecutor));
    this.exited = new Promise((resolve) => {
      this.child.on("exit", (code, signal) => {
        this.#endGroup();
        resolve({ code, signal });
      });
    });
    this.child.send({ type: "config", config: this.config });
  }

  /** As a local master does: what user code started in there ends with it. */
  #endGroup(): void {
    try {
      process.kill(-(this.child.pid as number), "SIGKILL");
    } catch (error) {
      // Nobody is left in it.
      if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
    }
  }

  /** Resolves when the driver knows it. */
  isRegistered(): Promise<void> {
    return this.driver.until(() => this.driver.registered.has(this.config.executorId));
  }

  get registration(): RegisterRequest {
    return this.driver.registered.get(this.config.executorId) as RegisterRequest;
  }

  get url(): string {
    return `http://127.0.0.1:${this.registration.port}`;
  }

  /** Resolves when this text has been printed. */
  async printed(text: string): Promise<void> {
    while (!this.output.includes(text)) {
      await new Promise((resolve) => {
        this.child.stdout?.once("data", resolve);
        this.child.stderr?.once("data", resolve);
      });
    }
  }

  /** The ends of these tasks; rejects when the process ends before them. */
  ends(taskIds: readonly number[]): Promise<EndedTask[]> {
    const gone = this.exited.then(({ code, signal }): never => {
      throw new Error(`the executor ended with ${signal ?? code}: ${this.output}`);
    });
    return Promise.race([this.driver.ends(taskIds), gone]);
  }

  async end(): Promise<void> {
    if (this.child.connected) this.child.send({ type: "stop", reason: "the test is over" });
    await this.exited;
    // What one that was killed could not remove.
    rmSync(this.config.applicationDir, { recursive: true, force: true });
  }

  call(path: string, init: RequestInit = {}): Promise<Response> {
    const headers = { authorization: `Bearer ${this.driver.secret}`, ...(init.headers as Record<string, string>) };
    return fetch(`${this.url}${path}`, { ...init, headers });
  }

  post(path: string, body: unknown): Promise<Response> {
    return this.call(path, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
  }

  async launch(request: Partial<LaunchRequest>, frames: readonly Uint8Array[] = []): Promise<unknown> {
    const whole: LaunchRequest = {
      epoch: 7,
      seq: this.#seq++,
      envelopes: [],
      stages: [],
      tasks: [],
      shuffles: [],
      forgetStages: [],
      forgetEnvelopes: [],
      ...request,
    };
    const body = Buffer.concat(encodeFrames(JSON.stringify(whole), frames));
    const response = await this.call("/v1/launch", { method: "POST", headers: { "content-type": FRAMES_TYPE }, body });
    if (response.status !== 200) throw new Error(`launch: ${response.status} ${await response.text()}`);
    return response.json();
  }

  /** Launches a scripted stage over some partitions; answers the tasks' ids. */
  async run(
    script: string,
    tasks: readonly Partial<TaskSpec>[] = [{}],
    stage: Partial<StageSpec> = {},
  ): Promise<number[]> {
    const stageKey = stage.stageKey ?? nextStageKey++;
    const specs = tasks.map((task, partition) => taskSpec({ taskId: this.newTaskId(), stageKey, partition, ...task }));
    const spec: StageSpec = { stageKey, sources: [script], pipelines: [], bindings: [], ...stage };
    const read = specs.flatMap(({ inputs }) =>
      inputs.flatMap((input) => (input.kind === "shuffle" ? [input.shuffleId] : [])),
    );
    await this.launch({
      stages: [spec as LaunchRequest["stages"][number]],
      tasks: specs as LaunchRequest["tasks"],
      shuffles: [...new Set(read)].map((shuffleId) => ({ shuffleId, version: this.shuffleVersion })),
    });
    return specs.map(({ taskId }) => taskId);
  }

  newTaskId(): number {
    return Number(this.config.executorId) * 1_000_000 + this.#lastTask++;
  }
}

let nextStageKey = 1;

export function taskSpec(fields: Partial<TaskSpec> & { taskId: number; stageKey: number }): TaskSpec {
  return { jobId: 0, stageId: 0, partition: 0, attempt: 0, pipeline: 0, roots: [], inputs: [], seed: 0, ...fields };
}
