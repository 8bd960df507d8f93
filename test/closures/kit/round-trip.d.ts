/** Captures and revives in one process, with a host as slots have it. */
import { type Envelope } from "@volley/engine/closure/revive.js";
import type { CaptureOptions, ReviveHost } from "@volley/engine/closure/types.js";
export declare function captureOptions(changes?: Partial<CaptureOptions>): CaptureOptions;
export declare function reviveHost(changes?: Partial<ReviveHost>): ReviveHost;
export declare function envelopeOf(roots: readonly unknown[], options?: CaptureOptions): Envelope;
/** The root after its journey. */
export declare function travel<T>(root: T): T;
//# sourceMappingURL=round-trip.d.ts.map
