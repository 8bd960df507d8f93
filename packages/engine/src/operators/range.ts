import type { NodeFactory, RddNode } from "../rdd/node.js";
import { defineOperator } from "./define-operator.js";

export interface RangeParams {
  readonly start: number;
  readonly step: number;
  /** Numbers in all. */
  readonly count: number;
  readonly numSlices: number;
}

const rangeOperator = defineOperator<RangeParams>({
  kind: "range",
  label: "RangeRDD",
  shape: "source",
  bindings: ({ start, step, count, numSlices }) => [start, step, count, numSlices],
  partitions: (node) => node.params.numSlices,
  input: (_, partition) => ({ kind: "partition", partition }),
  emit(e, next) {
    const [index, until] = bounds(
      e.input(),
      (prefix, text) => {
        const name = e.fresh(prefix);
        e.w.line(`const ${name} = ${text};`);
        return name;
      },
      e.binding(2),
      e.binding(3),
    );
    const i = e.fresh("i");
    e.loop(`for (let ${i} = ${index}; ${i} < ${until}; ${i}++)`, () => {
      next(e.assign(`${e.binding(0)} + ${i} * ${e.binding(1)}`, "number"));
    });
  },
  emitCount(e) {
    const [from, until] = bounds(e.input(), (_, text) => text, e.binding(2), e.binding(3));
    return `${until} - ${from}`;
  },
});

function bounds(
  input: string,
  name: (prefix: string, text: string) => string,
  count: string,
  slices: string,
): readonly [string, string] {
  return [
    name("from", `Math.floor(${input}.partition * ${count} / ${slices})`),
    name("until", `Math.floor((${input}.partition + 1) * ${count} / ${slices})`),
  ];
}

export function range(make: NodeFactory, params: RangeParams): RddNode {
  return make(rangeOperator.kind, [], params);
}
