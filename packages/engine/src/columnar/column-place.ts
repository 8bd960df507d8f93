/** Where a column's parts stand among a batch's nodes and buffers. */
import type { ColumnType } from "./column-type.js";

export interface ColumnPlace {
  readonly type: ColumnType;
  /** Its node; -1 for the row itself when its elements are the columns. */
  readonly node: number;
  readonly buffer: number;
  readonly children: readonly ColumnPlace[];
  /** Where the next column's parts begin. */
  readonly nextNode: number;
  readonly nextBuffer: number;
}

/** Lays out a type whose parts begin at `node` and `buffer`. */
export function placeColumn(type: ColumnType, node: number, buffer: number, isFlat = false): ColumnPlace {
  let nextNode = isFlat ? node : node + 1;
  let nextBuffer = isFlat ? buffer : buffer + ownBuffers(type);
  const children: ColumnPlace[] = [];
  for (const child of childTypes(type)) {
    const place = placeColumn(child, nextNode, nextBuffer);
    children.push(place);
    nextNode = place.nextNode;
    nextBuffer = place.nextBuffer;
  }
  if (type.kind === "vector") {
    nextNode += 1;
    nextBuffer += 2;
  }
  return { type, node: isFlat ? -1 : node, buffer, children, nextNode, nextBuffer };
}

function childTypes(type: ColumnType): readonly ColumnType[] {
  if (type.kind === "struct") return type.fields.map((field) => field.type);
  return type.kind === "list" ? [type.item] : [];
}

function ownBuffers(type: ColumnType): number {
  switch (type.kind) {
    case "null":
      return 0;
    case "struct":
      return 1;
    case "vector":
      return type.width === undefined ? 2 : 1;
    case "utf8":
    case "bytes":
    case "any":
      return 3;
    default:
      return 2;
  }
}
