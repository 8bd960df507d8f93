/** The application's executor secret, as it is asked of callers: compared as SHA-256 digests in constant time (architecture, D7). */

import { createHash, timingSafeEqual } from "node:crypto";

export class SecretCheck {
  readonly #expected: Buffer;

  constructor(secret: string) {
    this.#expected = digest(`Bearer ${secret}`);
  }

  /** Does this Authorization header carry the secret? */
  matches(authorization: string | undefined): boolean {
    return timingSafeEqual(digest(authorization ?? ""), this.#expected);
  }
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
