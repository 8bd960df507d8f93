/**
 * V8's inspector as capture uses it: a session in the same thread that answers synchronously. It reads what the language hides from
 * code: a function's scopes and place, private fields, the target of a proxy.
 *
 * A session is used by one capture at a time and kept for the next (connecting costs more than a capture), idle and with no remote
 * objects. The debugger's domain is switched on only for what needs it (an arrow's `this`, sources that a loader made), and off again
 * before the capture ends. No global stays behind.
 */

import { Session } from "node:inspector";
import { Script } from "node:vm";
import { assert } from "@volley/engine/lib/assert.js";
import { VolleyError } from "@volley/engine/wire/errors.js";

export interface ScopeImage {
  /** V8's word for it: "Closure (makeCounter)", "Module", "Block", "Global". */
  readonly description: string;
  /** The variables; a copy, its values are the live ones. */
  readonly object: Readonly<Record<string, unknown>>;
}

export interface FunctionImage {
  readonly scopes: readonly ScopeImage[];
  /** 0-based, where V8 puts the function: at its parameters. Undefined for native code. */
  readonly location: { readonly scriptId: string; readonly line: number; readonly column: number } | undefined;
}

export interface ScriptNotice {
  readonly scriptId: string;
  readonly url: string;
  readonly sourceMapURL: string;
}

interface RemoteObject {
  readonly objectId?: string;
  readonly value?: unknown;
  readonly unserializableValue?: string;
}

interface PropertyNotice {
  readonly name: string;
  readonly value?: RemoteObject;
}

/** The name under which V8 finds the slot object; on globalThis only while a call needs it. */
const SLOT_NAME = "__volleyCaptureSlot";

/** Remote objects of one capture; the slot itself is kept. */
const GROUP = "volley-capture";

/** A capture within a capture (a class's definition) uses another session. */
const IDLE_MAX = 2;
const idle: Inspector[] = [];

/** Where V8's inspector evaluates: not this code's own global object where a test runner has put it into another context. */
let globalOfMain: object | undefined;

function mainGlobal(): object {
  globalOfMain ??= new Script("globalThis").runInThisContext() as object;
  return globalOfMain;
}

function connect(session: Session): void {
  try {
    session.connect();
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code !== "ERR_ACCESS_DENIED" && code !== "ERR_INSPECTOR_NOT_AVAILABLE") throw cause;
    throw new VolleyError(
      "CLOSURE_CAPTURE",
      `what functions capture is read through node:inspector, which this process may not use (${message}); run it without Node's permission model`,
      { cause },
    );
  }
}

interface Slot {
  subject: unknown;
  result: unknown;
}

export class Inspector {
  readonly #session = new Session();
  readonly #slot: Slot = { subject: undefined, result: undefined };
  #slotId: string | undefined;
  #debugging = false;
  /** Classes in whose constructors calls of `halfMade` end, as long as the debugger's domain is on. */
  readonly #halves = new Set<Function>();
  #onScript: ((script: ScriptNotice) => void) | undefined;

  private constructor() {
    connect(this.#session);
    this.#session.on("Debugger.scriptParsed", ({ params }) => {
      this.#onScript?.({ scriptId: params.scriptId, url: params.url, sourceMapURL: params.sourceMapURL ?? "" });
    });
  }

  /** `onScript` is told of every script of the process when the debugger's domain is switched on. */
  static open(onScript: (script: ScriptNotice) => void): Inspector {
    const inspector = idle.pop() ?? new Inspector();
    inspector.#onScript = onScript;
    return inspector;
  }

  /** Gives the session back, without remote objects and with the debugger's domain off. */
  close(): void {
    if (this.#debugging) this.#post("Debugger.disable");
    this.#debugging = false;
    this.#halves.clear();
    this.#onScript = undefined;
    this.#post("Runtime.releaseObjectGroup", { objectGroup: GROUP });
    if (idle.length < IDLE_MAX) idle.push(this);
    else this.#session.disconnect();
  }

  #post<T>(method: string, params: object = {}): T {
    let failure: Error | undefined;
    let answer: unknown;
    let isAnswered = false;
    // What is thrown inside the callback would be swallowed: it is carried out of it.
    const post = this.#session.post as (
      method: string,
      params: object,
      done: (error: Error | null, result: unknown) => void,
    ) => void;
    post.call(this.#session, method, params, (error, result) => {
      failure = error ?? undefined;
      answer = result;
      isAnswered = true;
    });
    if (failure !== undefined) throw new Error(`${method}: ${failure.message}`);
    assert(isAnswered, `${method} is answered at once`);
    return answer as T;
  }

  #withGlobalSlot<T>(run: () => T): T {
    Object.defineProperty(mainGlobal(), SLOT_NAME, { value: this.#slot, configurable: true, enumerable: false });
    try {
      return run();
    } finally {
      Reflect.deleteProperty(mainGlobal(), SLOT_NAME);
    }
  }

  #idOf(value: unknown): string {
    this.#slotId ??= this.#withGlobalSlot(() => {
      const { result } = this.#post<{ result: RemoteObject }>("Runtime.evaluate", { expression: SLOT_NAME });
      return result.objectId as string;
    });
    this.#slot.subject = value;
    const { result } = this.#post<{ result: RemoteObject }>("Runtime.callFunctionOn", {
      objectId: this.#slotId,
      functionDeclaration: "function(){return this.subject}",
      objectGroup: GROUP,
    });
    this.#slot.subject = undefined;
    assert(result.objectId !== undefined, "an object has an id");
    return result.objectId;
  }

  /** The live values behind remote objects. */
  #live(objects: readonly RemoteObject[]): unknown[] {
    this.#post("Runtime.callFunctionOn", {
      objectId: this.#slotId,
      functionDeclaration: "function(...all){this.result=all}",
      objectGroup: GROUP,
      arguments: objects.map(({ objectId, value, unserializableValue }) =>
        objectId !== undefined ? { objectId } : unserializableValue !== undefined ? { unserializableValue } : { value },
      ),
    });
    const { result } = this.#slot;
    this.#slot.result = undefined;
    return result as unknown[];
  }

  #properties(value: object): {
    internal: readonly PropertyNotice[];
    privates: readonly PropertyNotice[];
    own: readonly PropertyNotice[];
  } {
    const answer = this.#post<{
      result?: PropertyNotice[];
      internalProperties?: PropertyNotice[];
      privateProperties?: PropertyNotice[];
    }>("Runtime.getProperties", { objectId: this.#idOf(value), ownProperties: true, nonIndexedPropertiesOnly: true });
    return {
      internal: answer.internalProperties ?? [],
      privates: answer.privateProperties ?? [],
      own: answer.result ?? [],
    };
  }

  functionImage(fn: Function): FunctionImage {
    const { internal } = this.#properties(fn);
    const scopes = internal.find(({ name }) => name === "[[Scopes]]")?.value;
    const place = internal.find(({ name }) => name === "[[FunctionLocation]]")?.value?.value as
      | { scriptId: string; lineNumber: number; columnNumber: number }
      | undefined;
    return {
      scopes: scopes?.objectId === undefined ? [] : Array.from(this.#live([scopes])[0] as ArrayLike<ScopeImage>),
      location:
        place === undefined
          ? undefined
          : { scriptId: place.scriptId, line: place.lineNumber, column: place.columnNumber },
    };
  }

  /** The live value of an internal slot: `[[Target]]`, `[[Entries]]`, `[[TargetFunction]]`, ... */
  internal(value: object, ...names: readonly string[]): (unknown | undefined)[] {
    const { internal } = this.#properties(value);
    return this.#live(
      names.map((name) => internal.find((property) => property.name === name)?.value ?? { value: null }),
    );
  }

  /** Private fields (not methods and accessors), in the order in which they were made. */
  privateFields(value: object): { readonly name: string; readonly value: unknown }[] {
    const fields = this.#properties(value).privates.filter((property) => property.value !== undefined);
    if (fields.length === 0) return [];
    const values = this.#live(fields.map((field) => field.value as RemoteObject));
    return fields.map(({ name }, index) => ({ name, value: values[index] }));
  }

  /**
   * Writes a private field that an object has; `name` is one that `privateFields` gave. V8 lets only what is typed into a console do that. False: this V8
   * does not.
   */
  setPrivateField(object: object, name: string, value: unknown): boolean {
    this.#slot.subject = object;
    this.#slot.result = value;
    // The effect comes at once, the answer, which holds nothing, with a promise.
    const expression = `${SLOT_NAME}.subject.${name}=${SLOT_NAME}.result;undefined`;
    this.#withGlobalSlot(() => this.#session.post("Runtime.evaluate", { expression, replMode: true, silent: true }));
    this.#slot.subject = undefined;
    this.#slot.result = undefined;
    return this.privateFields(object).some((field) => field.name === name && Object.is(field.value, value));
  }

  /** Names of properties that are no elements, of an array that is too long to list. */
  namedProperties(value: object): string[] {
    return this.#properties(value).own.map(({ name }) => name);
  }

  /**
   * Names of scripts, from what V8 counts anyway: tens of times faster than the debugger's domain, which hashes every source first. A
   * script may be missing.
   */
  scriptNames(): { readonly scriptId: string; readonly url: string }[] {
    this.#post("Profiler.enable");
    const { result } = this.#post<{ result: { scriptId: string; url: string }[] }>("Profiler.getBestEffortCoverage");
    this.#post("Profiler.disable");
    return result;
  }

  #debug(): void {
    if (this.#debugging) return;
    this.#debugging = true;
    this.#post("Debugger.enable");
  }

  /** Makes V8 tell `onScript` of all scripts (again). */
  listScripts(): void {
    if (this.#debugging) this.#post("Debugger.disable");
    this.#debugging = false;
    this.#halves.clear();
    this.#debug();
  }

  scriptSource(scriptId: string): string {
    this.#debug();
    return this.#post<{ scriptSource: string }>("Debugger.getScriptSource", { scriptId }).scriptSource;
  }

  /**
   * Evaluates an expression in the frame of a call of `fn` that ends before any of its code has run: its arguments' default values
   * included. Undefined for functions whose call does not enter their code (classes, and generators unless `rest` goes on to it).
   */
  inFrame(fn: Function, expression: string, rest = ""): unknown[] | undefined {
    this.#debug();
    const objectId = this.#idOf(fn);
    return this.#withGlobalSlot(() => {
      const { breakpointId } = this.#post<{ breakpointId: string }>("Debugger.setBreakpointOnFunctionCall", {
        objectId,
      });
      const onPaused = ({ params }: { params: { callFrames: { callFrameId: string }[] } }): void => {
        try {
          const { callFrameId } = params.callFrames[0] as { callFrameId: string };
          this.#post("Debugger.evaluateOnCallFrame", {
            callFrameId,
            expression: `${SLOT_NAME}.result=[${expression}]`,
            silent: true,
            objectGroup: GROUP,
          });
        } finally {
          this.#post("Debugger.resume", { terminateOnResume: true });
        }
      };
      this.#session.on("Debugger.paused", onPaused);
      this.#slot.subject = fn;
      try {
        this.#evaluateUntilTerminated(`(0,${SLOT_NAME}.subject)()${rest}`);
      } finally {
        this.#session.off("Debugger.paused", onPaused);
        this.#post("Debugger.removeBreakpoint", { breakpointId });
        this.#slot.subject = undefined;
      }
      const { result } = this.#slot;
      this.#slot.result = undefined;
      return result as unknown[] | undefined;
    });
  }

  /**
   * The object of a constructor's call that ends before the constructor's first statement, or before the one that stands as far behind its
   * parameters as `until` is long: its fields are there then. Undefined where V8 did not get there. The call is ended from a breakpoint's
   * condition, since a pause describes all frames of the stack first.
   */
  halfMade(constructor: Function, args: readonly unknown[], until: string | undefined): object | undefined {
    this.#debug();
    return this.#withGlobalSlot(() => {
      if (!this.#halves.has(constructor)) this.#breakAt(constructor, until);
      this.#halves.add(constructor);
      let half: object | undefined;
      this.#slot.subject = {
        call: () => Reflect.construct(constructor, args) as object,
        end: (instance: object) => {
          half = instance;
          this.#session.post("Runtime.terminateExecution");
          return false;
        },
      };
      try {
        this.#evaluateUntilTerminated(`${SLOT_NAME}.subject.call();undefined`);
      } finally {
        this.#slot.subject = undefined;
      }
      return half;
    });
  }

  #breakAt(constructor: Function, until: string | undefined): void {
    const condition = `${SLOT_NAME}.subject.end(this)`;
    if (until === undefined) {
      this.#post("Debugger.setBreakpointOnFunctionCall", { objectId: this.#idOf(constructor), condition });
      return;
    }
    const { location } = this.functionImage(constructor);
    assert(location !== undefined, "a class of the user's has a place");
    const lines = until.split(/\r\n|[\n\r\u2028\u2029]/);
    const columnNumber = (lines.length === 1 ? location.column : 0) + (lines.at(-1) as string).length;
    const lineNumber = location.line + lines.length - 1;
    this.#post("Debugger.setBreakpoint", {
      location: { scriptId: location.scriptId, lineNumber, columnNumber },
      condition,
    });
  }

  #evaluateUntilTerminated(expression: string): void {
    try {
      this.#post("Runtime.evaluate", { expression, silent: true, objectGroup: GROUP });
    } catch (error) {
      if (!(error instanceof Error) || !error.message.includes("terminated")) throw error;
    }
  }
}

/** An inspector for a few questions: it is given back when they are answered. */
export function withInspector<T>(use: (inspector: Inspector) => T): T {
  const inspector = Inspector.open(() => {});
  try {
    return use(inspector);
  } finally {
    inspector.close();
  }
}
