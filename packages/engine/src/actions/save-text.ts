import { wholeText } from "../codegen/row-ref.js";
import type { Sink, SinkOperator } from "../operators/operator.js";

interface SaveTextParams {
  readonly folder: string;
  readonly codec: "gzip" | undefined;
}

const saveTextOperator: SinkOperator<SaveTextParams> = {
  kind: "saveText",
  shape: "sink",
  bindings: ({ folder, codec }) => [folder, codec],
  emit(e) {
    const writer = e.let("writer");
    e.w.line(`${writer} = t.textOutput(${e.binding(0)}, ${e.binding(1)});`);
    return {
      row(row) {
        const value = wholeText(e.whole(row));
        e.mark(row);
        e.w.line(`${writer}.push(${value});`);
      },
      end: () => `t.block([${writer}.finish()])`,
    };
  },
};

/** Writes a partition as lines of text; one row: `[file name, bytes, crc32, rows]`. */
export function saveText(folder: string, codec: "gzip" | undefined): Sink<SaveTextParams> {
  return { operator: saveTextOperator, params: { folder, codec } };
}
