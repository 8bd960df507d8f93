/** Captures and revives in one process, with a host as slots have it. */
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import vm from "node:vm";
import { captureEnvelope } from "@volley/driver/closure/capture.js";
import { scriptPath } from "@volley/driver/closure/scripts.js";
import { openEnvelope } from "@volley/engine/closure/revive.js";
export function captureOptions(changes = {}) {
  const classes = new Map();
  return {
    describe: () => ({ operator: "map", file: "script.ts", line: 1, column: 1 }),
    known: () => undefined,
    handle: () => undefined,
    classId: (constructor) => {
      if (!classes.has(constructor)) classes.set(constructor, classes.size);
      return classes.get(constructor);
    },
    ...changes,
  };
}
export function reviveHost(changes = {}) {
  const requireFrom = (file) => createRequire(scriptPath(file) || `${process.cwd()}/script.js`);
  return {
    known: (name) => {
      throw new Error(`${name} is not known here`);
    },
    handle: (_type, data) => data,
    requireFrom,
    importFrom: (file) => (specifier) =>
      import(specifier.startsWith(".") ? new URL(specifier, pathToFileURL(scriptPath(file))).href : specifier),
    compile: (text, filename, lineOffset, columnOffset) =>
      new vm.Script(text, { filename, lineOffset, columnOffset }).runInThisContext(),
    registerClass: () => undefined,
    ...changes,
  };
}
export function envelopeOf(roots, options = captureOptions()) {
  return openEnvelope(captureEnvelope(roots, options).bytes);
}
/** The root after its journey. */
export function travel(root) {
  return envelopeOf([root]).revive([0], reviveHost())[0];
}
//# sourceMappingURL=round-trip.js.map
