/** Sizes that both ends of a connection must agree on. */

/** A result of more bytes than this stays on its executor as a block; a smaller one rides in the report. */
export const INLINE_RESULT_BYTES_MAX = 256 << 10;
/** A report is buffered whole: an executor with more to tell sends several. */
export const REPORT_BYTES_MAX = 256 << 20;
/** A launch carries closure envelopes: what was captured and is too small to have become a broadcast. */
export const LAUNCH_BYTES_MAX = 512 << 20;
/** Control messages in plain JSON: kills, removals, registrations, questions for locations. */
export const CONTROL_BYTES_MAX = 1 << 20;
/** A broadcast of more bytes than this goes out in pieces of so many: Spark's broadcast.blockSize. */
export const BROADCAST_PIECE_BYTES = 4 << 20;
/** A block that goes from one executor to another in one request. */
export const MOVED_BLOCK_BYTES_MAX = 2 ** 32 - 1;
/** The index of a map output: a million reduce partitions. */
export const MAP_OUTPUT_INDEX_BYTES_MAX = 32 << 20;
/** JSON nests no deeper in any message; deeper text is refused before it is parsed. */
export const JSON_DEPTH_MAX = 64;
/** zlib's crc32 of a served block, in decimal. */
export const CRC_HEADER = "x-volley-crc32";
