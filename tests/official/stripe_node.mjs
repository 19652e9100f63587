// Stripe's official Node library behind JSON lines: one request per line on stdin, one answer per line on stdout.
// README.md describes the protocol, which stripe_python.py speaks too.

import Stripe from "stripe";

// Thin events are parsed by a client, which wants a key; it never talks to the network here.
const stripe = new Stripe("sk_test_not_a_real_key");

const operations = {
  sign({ payload, secret, timestamp }) {
    return { header: stripe.webhooks.generateTestHeaderString({ payload, secret, timestamp }) };
  },

  verify({ payload, header, secret, now }) {
    // The library takes milliseconds; `undefined` chooses its default tolerance and cryptography.
    const options = [undefined, undefined, now * 1000];
    try {
      const event = isThin(payload)
        ? stripe.parseEventNotification(payload, header, secret, ...options)
        : stripe.webhooks.constructEvent(payload, header, secret, ...options);
      return { ok: true, id: event.id, type: event.type };
    } catch (error) {
      return { ok: false, error: error.message };
    }
  },
};

/** An app knows the kind of an event by the endpoint. A payload that is not JSON is handled as a snapshot event. */
function isThin(payload) {
  try {
    return JSON.parse(payload).object === "v2.core.event";
  } catch {
    return false;
  }
}

/** Not node:readline, which from Node 24 on also ends a line at U+2028, and JSON holds that one raw. */
async function* linesOf(stream) {
  let rest = "";
  for await (const chunk of stream.setEncoding("utf8")) {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop();
    yield* lines;
  }
}

for await (const line of linesOf(process.stdin)) {
  const request = JSON.parse(line);
  if (!Object.hasOwn(operations, request.op)) {
    console.error(`unknown op: ${JSON.stringify(request.op)}`);
    process.exit(1);
  }
  console.log(JSON.stringify(operations[request.op](request)));
}
