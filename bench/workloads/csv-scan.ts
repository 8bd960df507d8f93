import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import type { Workload } from "../kit/workload.ts";
import { rounded } from "../kit/workload.ts";

interface Order {
  id: number;
  day: string;
  customer: string;
  country: string;
  quantity: number;
  price: number;
  note: string;
}

export function parseOrder(line: string): Order {
  const [id, day, customer, country, quantity, price, note] = line.split(",") as [
    string,
    string,
    string,
    string,
    string,
    string,
    string,
  ];
  return { id: Number(id), day, customer, country, quantity: Number(quantity), price: Number(price), note };
}

const SCANS = 5;

/** W11: a CSV file parsed into objects that are cached, and a sum over two of their fields. */
export const csvScan: Workload = {
  id: "w11",
  name: "csv-scan",
  title: "W11 CSV 100 MB parsed, cached",
  goal: { load: 0.9, scan: 0.3 },
  dataSets: ["orders"],
  async volley({ vc, file, time }) {
    const orders = vc
      .textFile(file("orders"))
      .map((line) => parseOrder(line))
      .cache();
    const rows = await time("load", () => orders.count());
    let total = 0;
    for (let i = 0; i < SCANS; i++) {
      total = await time("scan", () =>
        orders
          .filter((order) => order.country === "CH")
          .map((order) => order.quantity * order.price)
          .sum(),
      );
    }
    await orders.unpersist();
    return `${rows} ${rounded(total)}`;
  },
  async node({ file, time }) {
    const orders = await time("load", async () => {
      const parsed: Order[] = [];
      for await (const line of createInterface({ input: createReadStream(file("orders")) }))
        parsed.push(parseOrder(line));
      return parsed;
    });
    let total = 0;
    for (let i = 0; i < SCANS; i++) {
      total = await time("scan", () => {
        let sum = 0;
        for (const order of orders) if (order.country === "CH") sum += order.quantity * order.price;
        return sum;
      });
    }
    return `${orders.length} ${rounded(total)}`;
  },
};
