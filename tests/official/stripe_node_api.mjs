// Stripe's official Node library as a client of a server of the test: makes the calls that stdin lists, one after the other,
// and prints the result of each as a line of JSON. README.md describes the protocol.

import { text } from "node:stream/consumers";
import Stripe from "stripe";

const { port, key, calls } = JSON.parse(await text(process.stdin));
const stripe = new Stripe(key, {
  host: "127.0.0.1",
  port,
  protocol: "http",
  maxNetworkRetries: 0,
  telemetry: false,
});

/** The method of a resource, such as "v2.core.events.retrieve". */
function method(name) {
  const names = name.split(".");
  const last = names.pop();
  const resource = names.reduce((owner, each) => owner[each], stripe);
  return resource[last].bind(resource);
}

const operations = {
  call: ({ name, args }) => method(name)(...args),
  // All pages of a list.
  list: ({ name, args }) => method(name)(...args).autoPagingToArray({ limit: 10_000 }),
  related({ payload, header, secret, now }) {
    return notification({ payload, header, secret, now }).fetchRelatedObject();
  },
  event({ payload, header, secret, now }) {
    return notification({ payload, header, secret, now }).fetchEvent();
  },
};

function notification({ payload, header, secret, now }) {
  return stripe.parseEventNotification(payload, header, secret, undefined, undefined, now * 1000);
}

for (const call of calls) {
  let result;
  try {
    result = { ok: true, value: await operations[call.op](call) };
  } catch (error) {
    if (!(error instanceof Stripe.errors.StripeError)) throw error;
    const { type, statusCode, code, requestId } = error;
    result = { ok: false, type, status: statusCode, code, request_id: requestId };
  }
  console.log(JSON.stringify(result));
}
