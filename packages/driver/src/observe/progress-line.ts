/**
 * One line on a terminal that says how far the running stages are, in the form of Spark's console:
 * `[Stage 3: collect at words.ts:12 =====>      (12 + 4) / 40]`. Shown for stages that take long enough to be waited for, cleared
 * when nothing runs.
 */

import type { VolleyEvent } from "./events.js";

/** Nothing is shown of a stage that ends sooner. */
const SHOW_AFTER_MS = 500;
const REDRAW_MS = 100;
const STAGES_SHOWN_MAX = 2;
const WIDTH_DEFAULT = 80;
const CLEAR = "\r\x1b[K";

export interface ProgressTerminal {
  write(text: string): unknown;
  /** Undefined or 0 when it does not say. */
  readonly columns?: number;
}

interface StageProgress {
  readonly stageId: number;
  readonly name: string;
  readonly tasks: number;
  readonly startedMs: number;
  active: number;
  done: number;
}

export class ProgressLine {
  readonly #terminal: ProgressTerminal;
  readonly #now: () => number;
  readonly #stages = new Map<number, StageProgress>();
  #timer: NodeJS.Timeout | undefined;
  #shown = false;

  constructor(terminal: ProgressTerminal, now: () => number = Date.now) {
    this.#terminal = terminal;
    this.#now = now;
  }

  /** The log's subscriber: counts only; drawing has a rhythm of its own. */
  add(event: VolleyEvent): void {
    if (event.kind === "stageSubmitted") {
      this.#stages.set(event.stageId, {
        stageId: event.stageId,
        name: event.name,
        tasks: event.tasks,
        startedMs: event.timeMs,
        active: 0,
        done: 0,
      });
      this.#timer ??= setInterval(() => this.draw(), REDRAW_MS).unref();
    } else if (event.kind === "stageCompleted") {
      this.#stages.delete(event.stageId);
      if (this.#stages.size === 0) this.#pause();
    } else if (event.kind === "taskStart" || event.kind === "taskEnd") {
      const stage = this.#stages.get(event.stageId);
      if (stage === undefined) return;
      stage.active += event.kind === "taskStart" ? 1 : -1;
      if (event.kind === "taskEnd" && event.outcome === "succeeded") stage.done++;
    }
  }

  draw(): void {
    const now = this.#now();
    const visible = [...this.#stages.values()]
      .filter((stage) => now - stage.startedMs >= SHOW_AFTER_MS)
      .slice(0, STAGES_SHOWN_MAX);
    if (visible.length === 0) return;
    const width = Math.floor(((this.#terminal.columns || WIDTH_DEFAULT) - 1) / visible.length);
    this.#terminal.write(`${CLEAR}${visible.map((stage) => stageText(stage, width)).join("")}`);
    this.#shown = true;
  }

  close(): void {
    this.#stages.clear();
    this.#pause();
  }

  #pause(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    if (this.#shown) this.#terminal.write(CLEAR);
    this.#shown = false;
  }
}

function stageText({ stageId, name, tasks, active, done }: StageProgress, width: number): string {
  const tail = `(${done} + ${Math.max(0, active)}) / ${tasks}]`;
  // Names come from user code: no control character reaches the terminal.
  const head = `[Stage ${stageId}: ${name.replaceAll(/\p{Cc}/gu, "?").slice(0, Math.max(0, width - tail.length - 24))} `;
  const bar = Math.max(0, width - head.length - tail.length - 1);
  const filled = tasks === 0 ? bar : Math.floor((bar * done) / tasks);
  return `${head}${"=".repeat(Math.max(0, filled - 1))}${filled > 0 ? ">" : ""}${" ".repeat(bar - filled)} ${tail}`.slice(
    0,
    width,
  );
}
