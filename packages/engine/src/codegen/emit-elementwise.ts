import type { CodeWriter } from "./code-writer.js";
import type { ElementwiseFold } from "./elementwise-fold.js";
import type { PipelineDraft } from "./pipeline-draft.js";

/** The loop of a merging function that changes the vector `total` in place. */
export function emitElementwise(
  draft: PipelineDraft,
  w: CodeWriter,
  merge: ElementwiseFold,
  total: string,
  value: string,
): void {
  const [at, end] = [draft.fresh("at"), draft.fresh("end")];
  w.block("", () => {
    w.line(`const ${merge.other} = ${value};`);
    w.block(`for (let ${at} = 0, ${end} = ${total}.length; ${at} < ${end}; ${at}++)`, () => {
      w.line(`const ${merge.element} = ${total}[${at}]${merge.index === undefined ? "" : `, ${merge.index} = ${at}`};`);
      w.line(`${total}[${at}] = (${merge.text});`);
    });
  });
}
