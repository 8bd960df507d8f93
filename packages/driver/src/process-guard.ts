/**
 * However the user's process ends, nothing of Volley stays behind. Hooks stand only while a context lives:
 *
 *   the event loop runs empty   the contexts are stopped, one line on stderr says that stop() was forgotten
 *   exit (process.exit, an uncaught error)   executors are killed and files removed, synchronously
 *   SIGINT, SIGTERM, SIGHUP     the contexts are stopped, then the signal is raised again so that the exit status is its own; a
 *                               script with a handler of its own decides alone what the signal means. Actions reject with CANCELLED
 *                               meanwhile; a script that does not catch that ends by the signal all the same, and in silence
 *
 * (After SIGKILL nothing runs here; the executors notice it by their IPC channel.)
 */

import { VolleyError } from "@volley/engine/wire/errors.js";
import { say } from "./observe/own-words.js";

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

export interface Guarded {
  readonly appName: string;
  /** Ends the context; never rejects. */
  stop(reason: string): Promise<void>;
  /** Kills processes and removes files before it returns. */
  killNow(): void;
}

const guarded = new Set<Guarded>();
let stoppingForSignal = false;

/** Watches over a context until the returned function is called. */
export function guardProcess(context: Guarded): () => void {
  if (guarded.size === 0) install();
  guarded.add(context);
  return () => {
    if (guarded.delete(context) && guarded.size === 0) uninstall();
  };
}

function install(): void {
  process.on("beforeExit", onBeforeExit);
  process.on("exit", killAll);
  for (const signal of SIGNALS) process.on(signal, onSignal);
}

function uninstall(): void {
  process.off("beforeExit", onBeforeExit);
  process.off("exit", killAll);
  for (const signal of SIGNALS) process.off(signal, onSignal);
}

function killAll(): void {
  for (const context of guarded) context.killNow();
}

function stopAll(reason: string): Promise<unknown> {
  return Promise.all(Array.from(guarded, (context) => context.stop(reason)));
}

function onBeforeExit(): void {
  for (const { appName } of guarded) {
    say(
      `volley: the script ended while the context "${appName}" was running; it is stopped now. Call \`await vc.stop()\` when you are done with it.\n`,
    );
  }
  void stopAll("the script ended");
}

function onSignal(signal: NodeJS.Signals): void {
  if (process.listenerCount(signal) > 1) return;
  if (stoppingForSignal) {
    // The second Ctrl-C: no more patience.
    raise(signal);
    return;
  }
  stoppingForSignal = true;
  process.on("uncaughtException", onUncaught);
  void stopAll(`the process got ${signal}`).then(() => raise(signal));
}

/** While a signal ends the contexts: that actions were cancelled is no news to whoever sent it. Anything else takes Node's own way. */
function onUncaught(error: unknown): void {
  if (VolleyError.is(error, "CANCELLED") || VolleyError.is(error, "CONTEXT_STOPPED")) return;
  process.off("uncaughtException", onUncaught);
  setImmediate(() => {
    throw error;
  });
}

function raise(signal: NodeJS.Signals): void {
  killAll();
  guarded.clear();
  uninstall();
  stoppingForSignal = false;
  process.off("uncaughtException", onUncaught);
  process.kill(process.pid, signal);
}
