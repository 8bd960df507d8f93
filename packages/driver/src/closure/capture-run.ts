/** What the parts of one capture share. */

import { NODE } from "@volley/engine/closure/envelope-format.js";
import type { CaptureOptions } from "@volley/engine/closure/types.js";
import type { VolleyError } from "@volley/engine/wire/errors.js";
import type { GraphNode, Step } from "./graph.js";
import { CaptureGraph, isReferent } from "./graph.js";
import { Inspector } from "./inspector.js";
import type { ModuleRef } from "./module-refs.js";
import type { Refused } from "./refusal.js";
import { refusal } from "./refusal.js";
import { noteScript } from "./scripts.js";

export class CaptureRun {
  readonly graph = new CaptureGraph();
  readonly options: CaptureOptions;
  #inspector: Inspector | undefined;

  constructor(options: CaptureOptions) {
    this.options = options;
  }

  /** Opened when first needed: most functions need none. */
  get inspector(): Inspector {
    this.#inspector ??= Inspector.open(noteScript);
    return this.#inspector;
  }

  close(): void {
    this.#inspector?.close();
    this.#inspector = undefined;
  }

  refuse(node: GraphNode, refused: Refused): VolleyError {
    return refusal(node, refused, this.options);
  }

  /** Makes `value` travel as an export of a module. Gives what stands for it: primitives need a stand-in. */
  refer(value: unknown, ref: ModuleRef, from: GraphNode, step: Step): unknown {
    const { specifier, file, path } = ref;
    const texts = [specifier, file, ...path];
    if (!isReferent(value)) return this.graph.addMade({ kind: NODE.module, texts, numbers: [-1] }, from, step);
    if (!this.graph.has(value)) this.describeAsModule(this.graph.add(value, from, step), ref);
    return value;
  }

  describeAsModule(node: GraphNode, { specifier, file, path }: ModuleRef): void {
    const { value } = node;
    const isUserClass =
      typeof value === "function" &&
      !specifier.startsWith("node:") &&
      /^class\b/.test(Function.prototype.toString.call(value));
    node.description = () => ({
      kind: NODE.module,
      texts: [specifier, file, ...path],
      numbers: [isUserClass ? this.options.classId(value) : -1],
    });
  }
}
