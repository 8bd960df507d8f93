/** Bundles the entries when a source is newer than they are. */
export default function setup(): Promise<void>;
