/** The slot's half of a synchronous call: ask the main thread, sleep until it has answered. */

import { type MessagePort, receiveMessageOnPort } from "node:worker_threads";
import { VolleyError } from "@volley/engine/wire/errors.js";
import { errorOf } from "./failure.js";
import { type Answer, CONTROL, type FromSlot, type SlotAnswers, type SlotRequest } from "./slot-messages.js";

export class SlotChannel {
  readonly #post: (message: FromSlot) => void;
  readonly #answers: MessagePort;
  readonly #control: Int32Array;
  // User code may replace these in this thread; what the slot lives on is taken before any of it runs.
  readonly #wait = Atomics.wait;
  readonly #load = Atomics.load;
  #call = 0;
  #run = 0;

  constructor(post: (message: FromSlot) => void, answers: MessagePort, control: Int32Array) {
    this.#post = post;
    this.#answers = answers;
    this.#control = control;
  }

  /** Sets the run whose cancellation `checkCancelled` looks for. */
  begin(run: number): void {
    this.#run = run;
  }

  get cancelled(): boolean {
    return this.#load(this.#control, CONTROL.cancelledRun) === this.#run;
  }

  checkCancelled(): void {
    if (this.cancelled) throw new VolleyError("CANCELLED", "the task was told to stop");
  }

  post(message: FromSlot): void {
    this.#post(message);
  }

  /** Throws the error that the main thread answered with. */
  ask<R extends SlotRequest>(request: R): SlotAnswers[R["op"]] {
    const call = ++this.#call;
    this.#post({ type: "call", call, request });
    for (;;) {
      const seen = this.#load(this.#control, CONTROL.answers);
      const received = receiveMessageOnPort(this.#answers);
      if (received === undefined) {
        this.#wait(this.#control, CONTROL.answers, seen);
        continue;
      }
      const answer = received.message as Answer;
      // An answer to an earlier call that was given up: its task is over.
      if (answer.call !== call) continue;
      if ("failure" in answer) throw errorOf(answer.failure);
      return answer.value as SlotAnswers[R["op"]];
    }
  }
}
