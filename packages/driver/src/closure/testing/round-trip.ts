/** Captures and revives in one process, with a host as slots have it. */

import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import vm from "node:vm";
import { type Envelope, openEnvelope } from "@volley/engine/closure/revive.js";
import type { CaptureOptions, ReviveHost } from "@volley/engine/closure/types.js";
import { captureEnvelope } from "../capture.js";
import { scriptPath } from "../scripts.js";

export function captureOptions(changes: Partial<CaptureOptions> = {}): CaptureOptions {
  const classes = new Map<Function, number>();
  return {
    describe: () => ({ operator: "map", file: "script.ts", line: 1, column: 1 }),
    known: () => undefined,
    handle: () => undefined,
    classId: (constructor) => {
      if (!classes.has(constructor)) classes.set(constructor, classes.size);
      return classes.get(constructor) as number;
    },
    ...changes,
  };
}

export function reviveHost(changes: Partial<ReviveHost> = {}): ReviveHost {
  const requireFrom = (file: string) => createRequire(scriptPath(file) || `${process.cwd()}/script.js`);
  return {
    known: (name) => {
      throw new Error(`${name} is not known here`);
    },
    handle: (_type, data) => data as object,
    requireFrom,
    importFrom: (file) => (specifier, options) =>
      import(specifier.startsWith(".") ? new URL(specifier, pathToFileURL(scriptPath(file))).href : specifier, options),
    resolveFrom: (file) => (specifier) => new URL(specifier, pathToFileURL(scriptPath(file))).href,
    compile: (text, filename, lineOffset, columnOffset) =>
      new vm.Script(text, { filename, lineOffset, columnOffset }).runInThisContext(),
    registerClass: () => undefined,
    ...changes,
  };
}

export function envelopeOf(roots: readonly unknown[], options = captureOptions()): Envelope {
  return openEnvelope(captureEnvelope(roots, options).bytes);
}

/** The root after its journey. */
export function travel<T>(root: T): T {
  return envelopeOf([root]).revive([0], reviveHost())[0] as T;
}
