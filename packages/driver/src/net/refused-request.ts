import type { ErrorCode } from "@volley/engine/wire/errors.js";

/** A request that is answered with a status other than 200: thrown by what serves a route. */
export class RefusedRequest extends Error {
  readonly status: 400 | 404 | 409 | 410 | 413 | 416 | 422;
  readonly code: ErrorCode;

  constructor(status: RefusedRequest["status"], code: ErrorCode, message: string) {
    super(message);
    this.name = "RefusedRequest";
    this.status = status;
    this.code = code;
  }
}
