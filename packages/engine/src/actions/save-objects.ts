import { wholeText } from "../codegen/row-ref.js";
import type { Sink, SinkOperator } from "../operators/operator.js";

interface SaveObjectsParams {
  readonly folder: string;
  readonly keepsClasses: boolean;
}

const saveObjectsOperator: SinkOperator<SaveObjectsParams> = {
  kind: "saveObjects",
  shape: "sink",
  bindings: ({ folder }) => [folder],
  emit(e) {
    const writer = e.let("writer");
    e.w.line(`${writer} = t.objectOutput(${e.binding(0)}, ${e.params.keepsClasses});`);
    return {
      row(row) {
        e.mark(row);
        e.w.line(`${writer}.push(${wholeText(row)});`);
      },
      end: () => `t.block([${writer}.finish()])`,
    };
  },
};

/** Writes a partition as a file of blocks; one row: `[file name, bytes, crc32, rows]`. `keepsClasses`: for checkpoints. */
export function saveObjects(folder: string, keepsClasses = false): Sink<SaveObjectsParams> {
  return { operator: saveObjectsOperator, params: { folder, keepsClasses } };
}
