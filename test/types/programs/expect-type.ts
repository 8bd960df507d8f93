/** Types as facts: `expectType<RDD<number>>(rdd)` compiles only if the value's type is that very type. */

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

export function expectType<Wanted>() {
  return {
    of<Given>(
      _value: Given,
      ..._same: Same<Given, Wanted> extends true ? [] : [mismatch: { wanted: Wanted; given: Given }]
    ): void {},
  };
}
