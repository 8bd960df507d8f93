import { EventLog } from "./event-log.js";
import { EventLogFile } from "./event-log-file.js";
import { ListenerBus } from "./listener-bus.js";
import { say } from "./own-words.js";
import { type RunSummary, SummaryBuilder } from "./run-summary.js";
import { StatusTracker } from "./status-tracker.js";

/** Each says all that those before it say. */
export const LOG_LEVELS = ["silent", "error", "warn", "info", "debug"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export interface ObserverOptions {
  readonly applicationId: string;
  /** Folder of the event log's file; none by default. */
  readonly eventLogDir?: string | undefined;
  /** A progress line on stderr. */
  readonly progress: boolean;
  /** What is said on stderr about what Volley does itself. */
  readonly logLevel: LogLevel;
  readonly onDefect: (error: unknown) => void;
}

/** The event log of an application with all that follows it. */
export class Observers {
  readonly log: EventLog;
  readonly status = new StatusTracker();
  readonly listeners: ListenerBus;
  logLevel: LogLevel;
  readonly #summary = new SummaryBuilder();
  readonly #file: EventLogFile | undefined;
  #progress: { close(): void } | undefined;

  constructor(options: ObserverOptions) {
    this.log = new EventLog(Date.now, options.onDefect);
    this.listeners = new ListenerBus(options.onDefect);
    this.log.subscribe((event) => this.status.add(event));
    this.log.subscribe((event) => this.#summary.add(event));
    this.log.subscribe((event) => this.listeners.add(event));
    if (options.eventLogDir !== undefined) {
      const file = new EventLogFile(options.eventLogDir, options.applicationId, options.onDefect);
      this.#file = file;
      this.log.subscribe((event) => file.add(event));
    }
    this.logLevel = options.logLevel;
    this.log.subscribe((event) => {
      if (event.kind !== "log" || LOG_LEVELS.indexOf(event.level) > LOG_LEVELS.indexOf(this.logLevel)) return;
      say(`volley: ${event.level}: ${event.message}\n`);
    });
    if (options.progress) void this.#startProgress();
  }

  /** Jobs, stages, tasks, seconds and bytes since the application began. */
  summary(): RunSummary {
    return this.#summary.summary();
  }

  /** Path of the event log's file, if there is one. */
  get eventLogPath(): string | undefined {
    return this.#file?.path;
  }

  /** After the last event: writes what waits. */
  async close(): Promise<void> {
    this.#progress?.close();
    await this.#file?.close();
  }

  /** Loaded when it is needed: few runs have a terminal. */
  async #startProgress(): Promise<void> {
    const { ProgressLine } = await import("./progress-line.js");
    const line = new ProgressLine({
      write: (text) => say(text),
      get columns() {
        return process.stderr.columns;
      },
    });
    this.log.subscribe((event) => line.add(event));
    this.#progress = line;
  }
}
