import type { Inspector } from "./inspector.js";
import { builtinPromisedBy } from "./module-refs.js";

/** What `util.promisify` was given to make this function of Node's, so that an executor can make it again; undefined for other functions. */
export function promisedFunction(fn: Function, url: string, inspector: Inspector): Function | undefined {
  const builtin = builtinPromisedBy(fn);
  if (builtin !== undefined || url !== "node:internal/util") return builtin;
  const { scopes } = inspector.functionImage(fn);
  const original: unknown = scopes.find(({ description }) => description === "Closure (promisify)")?.object["original"];
  return typeof original === "function" ? original : undefined;
}
