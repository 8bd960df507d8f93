/**
 * What passes over the IPC channel between a local master and an executor process that it started: secrets travel here, never in argv,
 * the environment or a file. Both ends check with these schemas.
 *
 *   parent -> child  { type: "config", config }   the first message; the executor starts its server when it has it
 *                    { type: "stop", reason }     end cleanly (as POST /v1/stop)
 *   child -> parent  { type: "failed", code, message }   it cannot start or go on; the process ends after that
 *
 * The channel closing means that the driver is gone: the executor ends at once, removes `localDir`, and then `applicationDir` if that
 * is empty.
 */
import { z } from "zod";
import { ERRORS, type ErrorCode } from "./errors.js";
import { TlsSchema } from "./tls.js";

const text = z.string().min(1).max(4096);
const codes = Object.keys(ERRORS) as [ErrorCode, ...ErrorCode[]];

export const ExecutorConfigSchema = z.strictObject({
  /** `http://127.0.0.1:4040` (`https:` with `tls`), no path. */
  driverUrl: text,
  applicationId: text,
  /** The application's executor secret: asked of whoever calls this executor, and shown to the driver and to other executors. */
  secret: z.string().min(16).max(256),
  executorId: text,
  /** Unique for each process ever started under this id. */
  incarnation: text,
  /** Address to bind to, port 0 always. */
  host: text,
  /** Over TLS, on both ends. */
  tls: TlsSchema.optional(),
  /** Without TLS `host` must be a loopback address, unless this says otherwise. */
  insecure: z.boolean().optional(),
  slots: z.number().int().min(1).max(4096),
  /** Budget for blocks and execution together, in bytes. */
  memoryBytes: z
    .number()
    .int()
    .min(1 << 20),
  /** V8 heap of one slot in MiB, blocks not counted; left out, a share of the machine's memory. */
  slotHeapMiB: z
    .number()
    .int()
    .min(32)
    .max(1 << 20)
    .optional(),
  /** How long it takes at most to leave when it is told to (SIGTERM): tasks may end, blocks go to others. 0: it ends at once. */
  decommissionMs: z
    .number()
    .int()
    .min(0)
    .max(24 * 3600 * 1000),
  /** This executor's own folder (made by it with 0700, removed by it at its end). */
  localDir: text,
  /** The application's folder, parent of `localDir`. */
  applicationDir: text,
});
export type ExecutorConfig = z.infer<typeof ExecutorConfigSchema>;

export const ToExecutorSchema = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("config"), config: ExecutorConfigSchema }),
  z.strictObject({ type: z.literal("stop"), reason: z.string().max(4096) }),
]);
export type ToExecutor = z.infer<typeof ToExecutorSchema>;

export const FromExecutorSchema = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("failed"), code: z.enum(codes), message: z.string().max(1 << 16) }),
]);
export type FromExecutor = z.infer<typeof FromExecutorSchema>;
