import { wholeText } from "../codegen/row-ref.js";
import { hashKey } from "../lib/hash.js";
import type { Sink, SinkOperator } from "../operators/operator.js";

interface LookupParams {
  readonly key: unknown;
}

const lookupOperator: SinkOperator<LookupParams> = {
  kind: "lookup",
  shape: "sink",
  bindings: ({ key }) => [key],
  emit(e) {
    const writer = e.let("writer");
    e.w.line(`${writer} = t.writer();`);
    return {
      row(row) {
        const [key, value] = e.pair(row);
        e.mark(row);
        e.w.line(`if (t.keysEqual(${wholeText(key)}, ${e.binding(0)})) ${writer}.push(${wholeText(value)});`);
      },
      end: () => `${writer}.finish()`,
    };
  },
};

/** The values of one key. Throws UNSUPPORTED_KEY at once for what is no key. */
export function lookup(key: unknown): Sink<LookupParams> {
  hashKey(key);
  return { operator: lookupOperator, params: { key } };
}
