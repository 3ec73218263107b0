// Reads one JSON document from standard input, says in JSON what the judge named as argument thinks of it.
import { readFileSync } from "node:fs";
import { Parser } from "@asyncapi/parser";
import { Webhook } from "standardwebhooks";

const asked = JSON.parse(readFileSync(0, "utf8"));
const judges = {
  async asyncapi() {
    const { document, diagnostics } = await new Parser().parse(JSON.stringify(asked));
    const faults = diagnostics.filter((one) => one.severity === 0).map((one) => one.message);
    return { faults, messages: document ? document.messages().all().map((one) => one.name()) : [] };
  },
  verify: () => new Webhook(asked.secret).verify(asked.body, asked.headers),
  sign: () => new Webhook(asked.secret).sign(asked.id, new Date(asked.at * 1000), asked.body),
};
try {
  console.log(JSON.stringify(await judges[process.argv[2]]()));
} catch (fault) {
  console.log(JSON.stringify({ refused: String(fault.message ?? fault) }));
}
