/** Node reads and writes at most 2 GiB - 1 at once; a block may be larger. */
export const PIECE_BYTES_MAX = 1 << 30;
