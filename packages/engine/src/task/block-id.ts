/**
 * Names of blocks. On the wire and on disk a block is named by the text of `blockName`; `parseBlockName` takes numbers out of
 * such a text and nothing else, so no text from outside ever becomes a path.
 */

export type BlockId =
  /** A cached partition. */
  | { readonly kind: "rdd"; readonly rddId: number; readonly partition: number }
  /** A slice handed to parallelize; its home is the driver. */
  | { readonly kind: "source"; readonly rddId: number; readonly partition: number }
  /** A broadcast value; its home is the driver. */
  | { readonly kind: "broadcast"; readonly broadcastId: number }
  /** The definition of a class whose instances are rows; its home is the driver. */
  | { readonly kind: "class"; readonly classId: number }
  /** All segments that one attempt of a map task wrote, one after the other. */
  | { readonly kind: "shuffle"; readonly shuffleId: number; readonly mapPartition: number; readonly attempt: number }
  /** A task's result that was too large for its report. */
  | { readonly kind: "result"; readonly taskId: number };

const FIELDS = {
  rdd: ["rddId", "partition"],
  source: ["rddId", "partition"],
  broadcast: ["broadcastId"],
  class: ["classId"],
  shuffle: ["shuffleId", "mapPartition", "attempt"],
  result: ["taskId"],
} as const;

/** `rdd_3_0`, `shuffle_1_2_0`, `broadcast_4`: Spark's names. */
export function blockName(id: BlockId): string {
  const fields: readonly string[] = FIELDS[id.kind];
  return [id.kind, ...fields.map((field) => (id as unknown as Record<string, number>)[field])].join("_");
}

/** The id that `blockName` wrote, or undefined for any other text. */
export function parseBlockName(text: string): BlockId | undefined {
  if (text.length > 64 || !/^[a-z]+(_(0|[1-9][0-9]{0,14})){1,3}$/.test(text)) return undefined;
  const [kind, ...numbers] = text.split("_") as [string, ...string[]];
  if (!Object.hasOwn(FIELDS, kind)) return undefined;
  const fields = FIELDS[kind as keyof typeof FIELDS];
  if (fields.length !== numbers.length) return undefined;
  return Object.freeze({
    kind,
    ...Object.fromEntries(fields.map((field, index) => [field, Number(numbers[index])])),
  }) as unknown as BlockId;
}
