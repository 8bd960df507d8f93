import type { SinkFragments } from "../operators/operator.js";
import type { OperatorEmitter } from "./operator-emitter.js";
import { wholeText } from "./row-ref.js";

/** The end of a pipeline that makes one block of all rows; a pair is never built for it. */
export function emitRowWriter<P>(e: OperatorEmitter<P>): SinkFragments {
  const writer = e.let("writer");
  e.w.line(`${writer} = t.writer();`);
  return {
    row(row) {
      e.mark(row);
      const pair = row.kind === "tuple" && row.items.length === 2;
      if (pair) e.w.line(`${writer}.pushPair(${row.items.map(wholeText).join(", ")});`);
      else e.w.line(`${writer}.push(${wholeText(row)});`);
    },
    end: () => `${writer}.finish()`,
  };
}
