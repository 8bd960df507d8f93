import { wholeText } from "../codegen/row-ref.js";
import type { NodeFactory, RddNode } from "../rdd/node.js";
import { defineOperator } from "./define-operator.js";

interface SampleParams {
  readonly seed: number;
  /** Rows whose number in [0, 1) lies in [from, until) are kept. */
  readonly from: number;
  readonly until: number;
}

const sampleOperator = defineOperator<SampleParams>({
  kind: "sample",
  label: "PartitionwiseSampledRDD",
  shape: "row",
  bindings: ({ seed, from, until }) => [seed, from, until],
  emit(e) {
    const [random, x] = [e.let("random"), e.fresh("x")];
    e.w.line(`${random} = t.randomOf(${e.binding(0)}, ${e.partition()});`);
    return {
      row(row, next) {
        e.w.line(`const ${x} = ${random}.nextDouble();`);
        e.w.block(`if (${x} >= ${e.binding(1)} && ${x} < ${e.binding(2)})`, () => next(row));
      },
    };
  },
});

interface PoissonParams {
  readonly seed: number;
  readonly mean: number;
}

const poissonSampleOperator = defineOperator<PoissonParams>({
  kind: "poissonSample",
  label: "PartitionwiseSampledRDD",
  shape: "row",
  bindings: ({ seed, mean }) => [seed, mean],
  emit(e) {
    const [random, times] = [e.let("random"), e.fresh("times")];
    e.w.line(`${random} = t.randomOf(${e.binding(0)}, ${e.partition()});`);
    return {
      row(row, next) {
        const whole = e.whole(row);
        e.loop(`for (let ${times} = ${random}.nextPoisson(${e.binding(1)}); ${times} > 0; ${times}--)`, () =>
          next(whole),
        );
      },
    };
  },
});

interface SampleByKeyParams {
  readonly seed: number;
  /** Has `get(key)`, by value. */
  readonly fractions: { get(key: never): number | undefined };
  readonly withReplacement: boolean;
}

const sampleByKeyOperator = defineOperator<SampleByKeyParams>({
  kind: "sampleByKey",
  label: "MapPartitionsRDD",
  shape: "row",
  bindings: ({ seed, fractions }) => [seed, fractions],
  emit(e) {
    const [random, fraction, times] = [e.let("random"), e.let("fraction"), e.fresh("times")];
    e.w.line(`${random} = t.randomOf(${e.binding(0)}, ${e.partition()});`);
    const draws = e.params.withReplacement
      ? `${random}.nextPoisson(${fraction})`
      : `${random}.nextDouble() < ${fraction} ? 1 : 0`;
    return {
      row(row, next) {
        const [key] = e.pair(row);
        e.mark(row);
        e.w.line(`${fraction} = t.fractionOf(${e.binding(1)}, ${wholeText(key)});`);
        e.loop(`for (let ${times} = ${draws}; ${times} > 0; ${times}--)`, () => next(row));
      },
    };
  },
});

/** Each row with the probability `until - from`, drawn anew for each `seed`; disjoint intervals of one seed give disjoint samples. */
export function sampleInterval(make: NodeFactory, parent: RddNode, seed: number, from: number, until: number): RddNode {
  return make(sampleOperator.kind, [parent], { seed, from, until }, { partitioner: parent.partitioner });
}

/** Each row a Poisson-distributed number of times. */
export function poissonSample(make: NodeFactory, parent: RddNode, seed: number, mean: number): RddNode {
  return make(poissonSampleOperator.kind, [parent], { seed, mean }, { partitioner: parent.partitioner });
}

/** Each pair with its key's fraction as probability, or as mean number of times. */
export function sampleByKey(make: NodeFactory, parent: RddNode, params: SampleByKeyParams): RddNode {
  return make(sampleByKeyOperator.kind, [parent], params, { partitioner: parent.partitioner });
}
