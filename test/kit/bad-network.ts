/** Puts proxies between a driver and its executors, and between the executors: they know each other by the ports of the proxies only. */

import { Driver } from "@volley/driver/driver.js";
import type { ExecutorSource } from "@volley/driver/executor-source.js";
import { VolleyContext, type VolleyOptions } from "volley";
import { HttpProxy, type ProxyRules } from "./http-proxy.js";

export class BadNetwork {
  readonly #rules: ProxyRules;
  readonly #driver: HttpProxy;
  readonly #executors: HttpProxy[] = [];

  private constructor(rules: ProxyRules) {
    this.#rules = rules;
    this.#driver = new HttpProxy({
      ...rules,
      // An executor tells where it listens; the driver, and through it the other executors, learn of its proxy.
      rewrite: async ({ line }, body) => (line === "POST /v1/register" ? this.#registration(body) : body),
    });
  }

  /** A context whose processes speak through a network with these rules. They are made one after the other. */
  static async context(rules: ProxyRules, options: VolleyOptions): Promise<{ vc: VolleyContext; network: BadNetwork }> {
    const network = new BadNetwork(rules);
    await network.#driver.listen();
    const start = Driver.start;
    Driver.start = (config) => {
      const { source } = config;
      return start.call(Driver, { ...config, source: source === undefined ? source : network.#through(source) });
    };
    try {
      return { vc: await VolleyContext.create(options), network };
    } catch (error) {
      await network.close();
      throw error;
    } finally {
      Driver.start = start;
    }
  }

  async close(): Promise<void> {
    await Promise.all([this.#driver, ...this.#executors].map((proxy) => proxy.close()));
  }

  #through(source: ExecutorSource): ExecutorSource {
    return {
      start: (order, watch) => {
        this.#driver.upstreamPort = Number(new URL(order.driverUrl).port);
        source.start({ ...order, driverUrl: `http://127.0.0.1:${this.#driver.port}` }, watch);
      },
      end: (executorId) => source.end(executorId),
      stopAll: (reason) => source.stopAll(reason),
    };
  }

  async #registration(body: Buffer): Promise<Buffer> {
    const registration = JSON.parse(body.toString()) as { port: number };
    const known = this.#executors.find(({ upstreamPort }) => upstreamPort === registration.port);
    const proxy = known ?? (await new HttpProxy(this.#rules, registration.port).listen());
    if (known === undefined) this.#executors.push(proxy);
    return Buffer.from(JSON.stringify({ ...registration, port: proxy.port }));
  }
}
