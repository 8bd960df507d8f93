import { emitRowWriter } from "../codegen/emit-row-writer.js";
import type { Sink, SinkOperator } from "../operators/operator.js";

const collectOperator: SinkOperator<object> = { kind: "collect", shape: "sink", emit: emitRowWriter };

/** All rows of a partition. */
export function collect(): Sink<object> {
  return { operator: collectOperator, params: {} };
}
