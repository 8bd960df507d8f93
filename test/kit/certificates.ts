/**
 * Certificates for tests: an authority of their own and what it signs, as PEM. Node can sign and read X.509 but not write it, so the little DER
 * that a certificate needs is written here (RFC 5280; ECDSA over P-256 with SHA-256).
 */

import { createPrivateKey, generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto";
import { isIP } from "node:net";

export interface Pem {
  readonly key: string;
  readonly cert: string;
}

export interface IssueOptions {
  /** DNS names and IPv4 addresses that it is good for. */
  readonly names: readonly string[];
  readonly notBefore?: Date;
  readonly notAfter?: Date;
}

const DAY_MS = 24 * 3600 * 1000;

const TAG = { boolean: 0x01, integer: 0x02, bits: 0x03, octets: 0x04, oid: 0x06, utf8: 0x0c, time: 0x18 } as const;
const SEQUENCE = 0x30;
const SET = 0x31;

function der(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(parts);
  const { length } = body;
  const head = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Uint8Array.of(tag, ...head), body]);
}

/** Object identifiers used here, encoded. */
const OID = {
  commonName: [0x55, 0x04, 0x03],
  ecdsaWithSha256: [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02],
  basicConstraints: [0x55, 0x1d, 0x13],
  subjectAltName: [0x55, 0x1d, 0x11],
} as const;
const oid = (bytes: readonly number[]) => der(TAG.oid, Uint8Array.from(bytes));
const algorithm = () => der(SEQUENCE, oid(OID.ecdsaWithSha256));
const nameOf = (text: string) =>
  der(SEQUENCE, der(SET, der(SEQUENCE, oid(OID.commonName), der(TAG.utf8, Buffer.from(text)))));
const bits = (bytes: Uint8Array) => der(TAG.bits, Uint8Array.of(0), bytes);
/** GeneralizedTime: 20260131235959Z. */
const time = (date: Date) => der(TAG.time, Buffer.from(`${date.toISOString().replace(/[-:T]|\.\d+/g, "")}`));

function extension(id: readonly number[], critical: boolean, value: Buffer): Buffer {
  return der(SEQUENCE, oid(id), ...(critical ? [der(TAG.boolean, Uint8Array.of(0xff))] : []), der(TAG.octets, value));
}

function altNames(names: readonly string[]): Buffer {
  const entries = names.map((name) =>
    isIP(name) === 4 ? der(0x87, Uint8Array.from(name.split("."), Number)) : der(0x82, Buffer.from(name)),
  );
  return extension(OID.subjectAltName, false, der(SEQUENCE, ...entries));
}

function certificate(
  fields: {
    readonly subject: string;
    readonly issuer: string;
    readonly publicKey: KeyObject;
    readonly notBefore: Date;
    readonly notAfter: Date;
    readonly extensions: readonly Buffer[];
  },
  signer: KeyObject,
): string {
  const serial = randomBytes(8);
  // Positive, and without a leading zero.
  serial[0] = ((serial[0] as number) & 0x3f) | 0x40;
  const body = der(
    SEQUENCE,
    der(0xa0, der(TAG.integer, Uint8Array.of(2))),
    der(TAG.integer, serial),
    algorithm(),
    nameOf(fields.issuer),
    der(SEQUENCE, time(fields.notBefore), time(fields.notAfter)),
    nameOf(fields.subject),
    fields.publicKey.export({ type: "spki", format: "der" }),
    der(0xa3, der(SEQUENCE, ...fields.extensions)),
  );
  const whole = der(SEQUENCE, body, algorithm(), bits(sign("sha256", body, signer)));
  const lines = whole.toString("base64").match(/.{1,64}/g) as string[];
  return `-----BEGIN CERTIFICATE-----\n${lines.join("\n")}\n-----END CERTIFICATE-----\n`;
}

const newKeys = () => generateKeyPairSync("ec", { namedCurve: "P-256" });
const pemOf = (key: KeyObject) => key.export({ type: "pkcs8", format: "pem" }) as string;

/** An authority that the tests trust or do not. */
export class Authority {
  readonly cert: string;
  readonly #name: string;
  readonly #key: KeyObject;

  constructor(name: string) {
    const { publicKey, privateKey } = newKeys();
    this.#name = name;
    this.#key = createPrivateKey(pemOf(privateKey));
    const isAuthority = extension(OID.basicConstraints, true, der(SEQUENCE, der(TAG.boolean, Uint8Array.of(0xff))));
    const span = { notBefore: new Date(Date.now() - DAY_MS), notAfter: new Date(Date.now() + DAY_MS) };
    this.cert = certificate({ subject: name, issuer: name, publicKey, ...span, extensions: [isAuthority] }, this.#key);
  }

  /** A key and a certificate, good for these names. */
  issue({ names, notBefore, notAfter }: IssueOptions): Pem {
    const { publicKey, privateKey } = newKeys();
    const span = {
      notBefore: notBefore ?? new Date(Date.now() - DAY_MS),
      notAfter: notAfter ?? new Date(Date.now() + DAY_MS),
    };
    const extensions = [altNames(names)];
    const cert = certificate({ subject: "volley", issuer: this.#name, publicKey, ...span, extensions }, this.#key);
    return { key: pemOf(privateKey), cert };
  }
}
