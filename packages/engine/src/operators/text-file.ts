import type { NodeFactory, RddNode } from "../rdd/node.js";
import type { FileSplit } from "../task/task-io.js";
import { defineOperator } from "./define-operator.js";

export interface TextFileParams {
  readonly paths: readonly string[];
  readonly minPartitions: number;
}

const textFileOperator = defineOperator<TextFileParams>({
  kind: "textFile",
  label: "HadoopRDD",
  shape: "source",
  countsAtRunTime: true,
  prepare: (node, tools) =>
    tools.listFiles(node.params.paths, { minPartitions: node.params.minPartitions, combineSmall: false }),
  partitions: (node, facts) => facts.prepared<FileSplit[][]>(node).length,
  input: (node, partition, facts) => ({
    kind: "splits",
    splits: facts.prepared<FileSplit[][]>(node)[partition] as FileSplit[],
  }),
  emit(e, next) {
    const [lines, index] = [e.fresh("lines"), e.fresh("i")];
    e.w.block(`for (const ${lines} of t.${e.readsParts ? "someLines" : "lines"}(${e.input()}))`, () => {
      e.loop(`for (let ${index} = 0; ${index} < ${lines}.length; ${index}++)`, () =>
        next(e.assign(`${lines}[${index}]`, "string")),
      );
    });
  },
});

/** The lines of text files, in the order of the files' names. */
export function textFile(make: NodeFactory, params: TextFileParams): RddNode {
  return make(textFileOperator.kind, [], params);
}
