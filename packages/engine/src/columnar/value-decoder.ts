/** Values from their bytes (value-tags.ts). Bytes that make no sense throw BLOCK_CORRUPT; nothing is allocated beyond what they can fill. */
import { VolleyError } from "../wire/errors.js";
import { hiddenMember } from "./row-classes.js";
import type { ClassRegistry } from "./types.js";
import {
  corrupt,
  defineOwn,
  emptyArray,
  FRAME_ARRAY,
  FRAME_EXTRA,
  FRAME_MAP,
  FRAME_OBJECT,
  FRAME_SET,
  FRAME_SPARSE,
  FRAME_STAMPED,
  type Frame,
  type StampedFields,
} from "./value-frames.js";
import { ERROR_CLASSES, TAG, VIEW_BUFFER, VIEW_CLASSES } from "./value-tags.js";

const NO_BASE = {};
const SHORT_TEXT_MAX = 12;

interface NodeBuffer {
  latin1Slice(start: number, end: number): string;
  ucs2Slice(start: number, end: number): string;
}
const nodeBuffer = Buffer.prototype as unknown as NodeBuffer;

export class ValueDecoder {
  readonly #classes: ClassRegistry;
  #bytes: Uint8Array = new Uint8Array(0);
  #view: DataView = new DataView(new ArrayBuffer(0));
  #at = 0;
  #end = 0;
  #objects: object[] = [];
  readonly #stack: Frame[] = [];

  constructor(classes: ClassRegistry) {
    this.#classes = classes;
  }

  /** Chooses the bytes that `decode` reads from. */
  attach(bytes: Uint8Array): void {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** The value that fills [start, end) exactly. */
  decode(start: number, end: number): unknown {
    this.#at = start;
    this.#end = end;
    try {
      const value = this.#value();
      while (this.#stack.length > 0) this.#step(this.#stack[this.#stack.length - 1] as Frame);
      if (this.#at !== end) throw corrupt("bytes left over");
      return value;
    } catch (error) {
      if (VolleyError.is(error)) throw error;
      // No code of users runs here: whatever else throws does so because the bytes ask for something impossible.
      throw new VolleyError("BLOCK_CORRUPT", "a serialized value cannot be made again", { cause: error });
    } finally {
      this.#stack.length = 0;
      if (this.#objects.length > 0) this.#objects = [];
    }
  }

  #step(frame: Frame): void {
    if (frame.left === 0) {
      this.#stack.pop();
      return;
    }
    switch (frame.kind) {
      case FRAME_ARRAY:
        return this.#stepArray(frame);
      case FRAME_SET:
        frame.left--;
        Set.prototype.add.call(frame.target, this.#value());
        return;
      case FRAME_MAP:
        return this.#stepMap(frame);
      case FRAME_EXTRA:
        if (!frame.isHalf) return this.#startExtra(frame);
        frame.left--;
        return this.#define(frame.target, this.#name());
      case FRAME_STAMPED:
        if (!frame.isHalf) return this.#startStamped(frame);
        frame.left--;
        return this.#assign(frame.target as Record<string, unknown>, this.#name());
      case FRAME_SPARSE:
        frame.left--;
        (frame.target as unknown[])[this.#sparseIndex(frame.target as unknown[])] = this.#value();
        return;
      default:
        frame.left--;
        return this.#assign(frame.target as Record<string, unknown>, this.#name());
    }
  }

  #stepArray(frame: Frame): void {
    const target = frame.target as unknown[];
    // Elements in a run: only a container among them has to return to the loop.
    const depth = this.#stack.length;
    while (frame.left > 0 && this.#stack.length === depth) {
      frame.left--;
      const index = frame.at as number;
      frame.at = index + 1;
      if (this.#peek() === TAG.HOLE) {
        this.#at++;
        target.length = index + 1;
      } else {
        target[index] = this.#value();
      }
    }
  }

  #stepMap(frame: Frame): void {
    frame.left--;
    if (frame.isHalf) {
      frame.isHalf = false;
      Map.prototype.set.call(frame.target, frame.at, this.#value());
    } else {
      frame.isHalf = true;
      frame.at = this.#value();
    }
  }

  /** The base has been read and filled: its class and the count of its properties follow. */
  #startExtra(frame: Frame): void {
    frame.isHalf = true;
    if (frame.target === NO_BASE) throw corrupt("an extension of nothing");
    frame.left = this.#count(2);
  }

  /** The private fields have been read: they are written, and the count of properties follows. */
  #startStamped(frame: Frame): void {
    const { privates, values } = frame.at as StampedFields;
    privates.write(frame.target, values);
    frame.isHalf = true;
    frame.left = this.#count(2);
  }

  #sparseIndex(target: readonly unknown[]): number {
    const index = Number(this.#name());
    if (!(Number.isInteger(index) && index >= 0 && index < target.length)) throw corrupt("an index outside its array");
    return index;
  }

  #assign(target: Record<string, unknown>, name: string): void {
    const value = this.#value();
    if (name in target) defineOwn(target, name, value, true);
    else target[name] = value;
  }

  #define(target: object, name: string): void {
    const isHidden = target instanceof Error && (name === "cause" || name === "errors");
    defineOwn(target, name, this.#value(), !isHidden);
  }

  /** Reads one value; a container comes back empty, with a frame that will fill it. */
  #value(): unknown {
    const tag = this.#byte();
    switch (tag) {
      case TAG.UNDEFINED:
        return undefined;
      case TAG.NULL:
        return null;
      case TAG.TRUE:
        return true;
      case TAG.FALSE:
        return false;
      case TAG.INT: {
        const zigzag = this.#varint();
        return (zigzag >>> 1) ^ -(zigzag & 1);
      }
      case TAG.DOUBLE:
        return this.#double();
      case TAG.LATIN1:
        return this.#latin1(this.#varint());
      case TAG.UTF16:
        return this.#utf16(this.#varint());
      case TAG.BIGINT:
        return this.#bigint();
      case TAG.BACK:
        return this.#back();
      default:
        return this.#object(tag);
    }
  }

  #object(tag: number): object {
    switch (tag) {
      case TAG.ARRAY:
        return this.#container(FRAME_ARRAY, [], this.#count(1));
      case TAG.OBJECT:
        return this.#container(FRAME_OBJECT, {}, this.#count(2));
      case TAG.BARE_OBJECT:
        return this.#container(FRAME_OBJECT, Object.create(null) as object, this.#count(2));
      case TAG.INSTANCE: {
        const instance = Object.create(this.#prototype(this.#varint())) as object;
        return this.#container(FRAME_OBJECT, instance, this.#count(2));
      }
      case TAG.STAMPED:
        return this.#stamped();
      case TAG.MAP:
        return this.#container(FRAME_MAP, new Map(), this.#count(2) * 2);
      case TAG.SET:
        return this.#container(FRAME_SET, new Set(), this.#count(1));
      case TAG.SPARSE_ARRAY: {
        const target = emptyArray(this.#varint());
        return this.#container(FRAME_SPARSE, target, this.#count(2));
      }
      case TAG.EXTRA:
        return this.#extended();
      default:
        return this.#register(this.#leaf(tag));
    }
  }

  #register(object: object): object {
    this.#objects.push(object);
    return object;
  }

  #container(kind: number, target: object, left: number): object {
    this.#objects.push(target);
    if (left > 0) this.#stack.push({ kind, target, left, at: 0, isHalf: false });
    return target;
  }

  #stamped(): object {
    const constructor = this.#classes.byId(this.#varint());
    const privates = this.#classes.privateFields?.(constructor);
    if (privates === undefined) throw hiddenMember(constructor);
    const target = this.#register(privates.make());
    const left = this.#count(1);
    const at: StampedFields = { privates, values: [] };
    this.#stack.push({ kind: FRAME_STAMPED, target, left: 1, at, isHalf: false });
    if (left > 0) this.#stack.push({ kind: FRAME_ARRAY, target: at.values, left, at: 0, isHalf: false });
    return target;
  }

  #extended(): object {
    const classNumber = this.#varint();
    const frame: Frame = { kind: FRAME_EXTRA, target: NO_BASE, left: 1, at: 0, isHalf: false };
    this.#stack.push(frame);
    const tag = this.#byte();
    if (tag <= TAG.BACK || tag === TAG.EXTRA) throw corrupt("an extension of no object");
    const base = this.#object(tag);
    if (classNumber > 0) Object.setPrototypeOf(base, this.#prototype(classNumber - 1));
    frame.target = base;
    return base;
  }

  /** Objects whose encoding holds no other objects. */
  #leaf(tag: number): object {
    switch (tag) {
      case TAG.DATE:
        return new Date(this.#double());
      case TAG.VIEW:
        return this.#arrayView();
      case TAG.ARRAY_BUFFER:
        return this.#copy(this.#varint()).buffer;
      case TAG.ERROR:
        return this.#error();
      case TAG.REGEXP:
        return this.#regExp();
      case TAG.BOXED:
        return Object(this.#primitive()) as object;
      case TAG.URL:
        return new URL(this.#name());
      default:
        throw corrupt(`tag ${tag}`);
    }
  }

  #primitive(): unknown {
    if (this.#peek() > TAG.BIGINT) throw corrupt("an object where a primitive belongs");
    return this.#value();
  }

  #arrayView(): object {
    const index = this.#byte();
    const length = this.#varint();
    const bytes = this.#copy(length);
    if (index === VIEW_BUFFER) return Buffer.from(bytes.buffer);
    const view = VIEW_CLASSES[index];
    if (view === undefined) throw corrupt(`view class ${index}`);
    return new view(bytes.buffer);
  }

  #error(): Error {
    const constructor = ERROR_CLASSES[this.#byte()];
    if (constructor === undefined) throw corrupt("an error class");
    const message = this.#primitive();
    const stack = this.#primitive();
    const made = new Error(); // a real one, for those who look at more than the prototype
    Object.setPrototypeOf(made, constructor.prototype as object);
    if (message !== undefined) defineOwn(made, "message", message, false);
    defineOwn(made, "stack", stack, false);
    return made;
  }

  #regExp(): RegExp {
    const source = this.#name();
    const flags = this.#name();
    const lastIndex = this.#varint();
    const made = new RegExp(source, flags);
    made.lastIndex = lastIndex;
    return made;
  }

  #prototype(classId: number): object {
    return this.#classes.byId(classId).prototype as object;
  }

  #back(): object {
    const object = this.#objects[this.#varint()];
    if (object === undefined) throw corrupt("a reference to nothing");
    return object;
  }

  #bigint(): bigint {
    const isNegative = this.#byte() === 1;
    const text = this.#latin1(this.#varint());
    if (!/^[0-9a-f]+$/.test(text)) throw corrupt("a bigint");
    const magnitude = BigInt(`0x${text}`);
    return isNegative ? -magnitude : magnitude;
  }

  #peek(): number {
    if (this.#at >= this.#end) throw corrupt("cut short");
    return this.#bytes[this.#at] as number;
  }

  #byte(): number {
    const byte = this.#peek();
    this.#at++;
    return byte;
  }

  #varint(): number {
    let byte = this.#byte();
    if (byte < 128) return byte;
    let value = byte & 127;
    for (let scale = 128; byte >= 128; scale *= 128) {
      byte = this.#byte();
      value += (byte & 127) * scale;
      if (scale > 2 ** 49) throw corrupt("a number too long");
    }
    return value;
  }

  /** A count of things that take at least `bytesEach` bytes each: what cannot be there is refused at once. */
  #count(bytesEach: number): number {
    const count = this.#varint();
    if (count * bytesEach > this.#end - this.#at) throw corrupt("more elements than bytes");
    return count;
  }

  #room(length: number): number {
    const start = this.#at;
    if (length > this.#end - start) throw corrupt("cut short");
    this.#at = start + length;
    return start;
  }

  #double(): number {
    return this.#view.getFloat64(this.#room(8), true);
  }

  #copy(length: number): Uint8Array<ArrayBuffer> {
    const start = this.#room(length);
    const copy = new Uint8Array(length);
    copy.set(this.#bytes.subarray(start, start + length));
    return copy;
  }

  #latin1(length: number): string {
    const start = this.#room(length);
    if (length > SHORT_TEXT_MAX) return nodeBuffer.latin1Slice.call(this.#bytes as never, start, start + length);
    let text = "";
    for (let i = start; i < start + length; i++) text += String.fromCharCode(this.#bytes[i] as number);
    return text;
  }

  #utf16(length: number): string {
    const start = this.#room(length * 2);
    return nodeBuffer.ucs2Slice.call(this.#bytes as never, start, start + length * 2);
  }

  #name(): string {
    const header = this.#varint();
    const length = Math.floor(header / 2);
    return header % 2 === 0 ? this.#latin1(length) : this.#utf16(length);
  }
}
