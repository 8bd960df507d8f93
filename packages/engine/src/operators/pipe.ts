import type { NodeFactory, RddNode } from "../rdd/node.js";
import { defineOperator } from "./define-operator.js";

export interface PipeParams {
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

const pipeOperator = defineOperator<PipeParams>({
  kind: "pipe",
  label: "PipedRDD",
  shape: "cut",
  bindings: ({ command, env }) => [command, env],
  emit(e, next) {
    e.iterate(`t.pipe(${e.syncPort(0)}, ${e.binding(0)}, ${e.binding(1)})`, next);
  },
});

/** The lines that a program writes when it is given the rows as lines. */
export function pipe(make: NodeFactory, parent: RddNode, params: PipeParams): RddNode {
  return make(pipeOperator.kind, [parent], params);
}
