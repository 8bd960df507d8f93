/**
 * Files to partitions, with the counts that Apache Spark shows. The rules are Hadoop's: FileInputFormat.getSplits for what may be cut
 * (Spark's textFile), CombineFileInputFormat for whole files that share partitions (Spark's wholeTextFiles and binaryFiles).
 */

import type { FileSplit } from "@volley/engine/task/task-io.js";

export interface InputFile {
  /** Absolute. */
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  /** How its bytes are to be unpacked; such a file cannot be cut. */
  readonly codec?: FileSplit["codec"];
}

/** Hadoop's block size on a local disk (fs.local.block.size), in bytes: no partition is larger, however few are asked for. */
const BLOCK_BYTES = 32 * 1024 * 1024;
/** The last split of a file may be larger by this factor, so that no file ends in a crumb. */
const SPLIT_SLOP = 1.1;
/** Spark's spark.files.maxPartitionBytes. */
const STREAM_PARTITION_BYTES_MAX = 128 * 1024 * 1024;

/** The codec that a file's name tells, as in Hadoop. */
export function codecOf(path: string): FileSplit["codec"] {
  const extension = /\.(gz|zst|bz2)$/i.exec(path)?.[1]?.toLowerCase();
  if (extension === "gz") return "gzip";
  if (extension === "zst") return "zstd";
  return extension === "bz2" ? "bzip2" : undefined;
}

/** One split a partition; an empty file is one empty split. */
export function cutFiles(files: readonly InputFile[], minPartitions: number): FileSplit[][] {
  const total = files.reduce((sum, file) => sum + file.size, 0);
  const goalSize = Math.floor(total / Math.max(1, minPartitions));
  const splitSize = Math.max(1, Math.min(goalSize, BLOCK_BYTES));
  return files.flatMap((file) => {
    // Spark leaves out the splits of nothing (spark.hadoopRDD.ignoreEmptySplits).
    if (minPartitions > 0 && file.size === 0) return [];
    const cuttable = minPartitions > 0 && file.codec === undefined;
    return (cuttable ? cutFile(file, splitSize) : [wholeFile(file)]).map((split) => [split]);
  });
}

function cutFile({ path, size }: InputFile, splitSize: number): FileSplit[] {
  const splits: FileSplit[] = [];
  let remaining = size;
  while (remaining / splitSize > SPLIT_SLOP) {
    splits.push({ path, start: size - remaining, length: splitSize, fileLength: size });
    remaining -= splitSize;
  }
  if (remaining > 0) splits.push({ path, start: size - remaining, length: remaining, fileLength: size });
  return splits;
}

function wholeFile({ path, size, codec }: InputFile): FileSplit {
  return { path, start: 0, length: size, codec, fileLength: size };
}

/**
 * Whole files, several to a partition: a partition is closed once it holds at least the limit. The limit is total / minPartitions
 * (wholeTextFiles), or with `openCostBytes` the one of binaryFiles, in which each file counts for that much more.
 */
export function combineFiles(
  files: readonly InputFile[],
  minPartitions: number,
  openCostBytes?: number,
): FileSplit[][] {
  const limit = partitionLimit(files, Math.max(1, minPartitions), openCostBytes);
  const groups: InputFile[][] = [];
  let group: InputFile[] = [];
  let bytes = 0;
  for (const file of files) {
    group.push(file);
    bytes += file.size;
    if (limit > 0 && bytes >= limit) {
      groups.push(group);
      [group, bytes] = [[], 0];
    }
  }
  if (group.length > 0) groups.push(group);
  return withEmptyFilesCounted(groups, bytes > 0).map((each) => each.map(wholeFile));
}

function partitionLimit(files: readonly InputFile[], minPartitions: number, openCostBytes: number | undefined): number {
  const total = files.reduce((sum, file) => sum + file.size, 0);
  if (openCostBytes === undefined) return Math.ceil(total / minPartitions);
  const bytesPerCore = Math.floor((total + files.length * openCostBytes) / minPartitions);
  return Math.min(STREAM_PARTITION_BYTES_MAX, Math.max(openCostBytes, bytesPerCore));
}

/**
 * Hadoop puts empty files (which lie on no host) into a partition of their own when no rest of others is left to join. Ours stay in the
 * order of names; the count is made the same by parting the file that closed a group from the empty ones before it.
 */
function withEmptyFilesCounted(groups: InputFile[][], hasRest: boolean): InputFile[][] {
  const isEmpty = (file: InputFile): boolean => file.size === 0;
  if (hasRest || groups.at(-1)?.every(isEmpty)) return groups;
  const at = groups.findIndex((group) => group.some(isEmpty));
  if (at < 0) return groups;
  const group = groups[at] as InputFile[];
  return [...groups.slice(0, at), group.slice(0, -1), group.slice(-1), ...groups.slice(at + 1)];
}
