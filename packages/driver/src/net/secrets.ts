/**
 * Who may do what (architecture, D7): three secrets an application. They travel in the Authorization header and are compared as
 * SHA-256 digests in constant time, so that neither their length nor their beginning can be guessed from the time an answer takes.
 */
import { createHash, randomBytes, timingSafeEqual } from "node:crypto";

const SECRET_BYTES = 32;

/** `executor` runs code and reports; `submit` starts work; `view` looks on. */
export type Scope = "executor" | "submit" | "view";

export interface ApplicationSecrets {
  readonly executor: string;
  readonly submit: string;
  readonly view: string;
}

/** Fresh secrets; `executor` may be given when executors that somebody else started must know it. */
export function makeSecrets(executor?: string): ApplicationSecrets {
  const fresh = () => randomBytes(SECRET_BYTES).toString("base64url");
  return Object.freeze({ executor: executor ?? fresh(), submit: fresh(), view: fresh() });
}

const digest = (text: string): Buffer => createHash("sha256").update(text, "utf8").digest();

export class SecretCheck {
  readonly #digests: readonly (readonly [Scope, Buffer])[];
  /** The last header that was right: callers keep to one, and comparing its text costs less than a hash. Compared in constant time too. */
  #lastHeader: Buffer | undefined;
  #lastScope: Scope | undefined;

  constructor(secrets: ApplicationSecrets) {
    this.#digests = (Object.entries(secrets) as [Scope, string][]).map(([scope, secret]) => [scope, digest(secret)]);
  }

  /** Whose secret an Authorization header carries; undefined for none of them. All are compared, whichever matches. */
  scopeOf(authorization: string | undefined): Scope | undefined {
    if (authorization === undefined) return undefined;
    const header = Buffer.from(authorization, "utf8");
    if (
      this.#lastHeader !== undefined &&
      header.length === this.#lastHeader.length &&
      timingSafeEqual(header, this.#lastHeader)
    )
      return this.#lastScope;
    if (!authorization.startsWith("Bearer ")) return undefined;
    const given = digest(authorization.slice("Bearer ".length));
    let found: Scope | undefined;
    for (const [scope, expected] of this.#digests) {
      if (timingSafeEqual(given, expected)) found = scope;
    }
    if (found !== undefined) {
      this.#lastHeader = header;
      this.#lastScope = found;
    }
    return found;
  }
}
