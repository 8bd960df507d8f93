/** The user's own error on its way from an executor: its name, code, causes and plain fields. */

import { expect, it } from "vitest";
import { VolleyError } from "volley";
import { onEveryMaster } from "../kit/masters.ts";

class HttpError extends Error {
  readonly status: number;
  readonly retry = { after: 5 };
  readonly label = "x".repeat(5000);
  constructor(status: number) {
    super(`http ${status}`, { cause: Object.assign(new TypeError("no route"), { code: "EHOST", port: 80 }) });
    this.status = status;
  }
}

onEveryMaster("a user's error", (context) => {
  it("keeps its class's name and its fields that are plain; they are data, no prototype or getter comes along", async () => {
    const error: unknown = await context()
      .range(0, 4, 1, 2)
      .map((x) => {
        if (x < 3) return x;
        const error = Object.assign(new HttpError(503), { ok: false });
        throw Object.defineProperty(error, "__proto__", { value: "polluted", enumerable: true });
      })
      .collect()
      .catch((failure: unknown) => failure);
    if (!VolleyError.is(error, "USER_FUNCTION_FAILED")) throw error;
    expect(error.message).toContain("threw HttpError: http 503");
    const cause = error.cause as HttpError & { ok: boolean };
    expect(cause).toMatchObject({ name: "HttpError", message: "http 503", status: 503, ok: false });
    expect(cause.label).toHaveLength(200);
    expect(Object.keys(cause)).not.toContain("retry");
    expect(Object.getPrototypeOf(cause)).toBe(Error.prototype);
    expect(cause.cause).toMatchObject({ name: "TypeError", code: "EHOST", port: 80 });
  });
});
