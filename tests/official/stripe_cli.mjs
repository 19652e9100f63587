// Delivers webhook events through the official `stripe listen`, with this script in the place of Stripe's servers.
//
//   node stripe_cli.mjs --forward-to http://127.0.0.1:PORT/PATH --secret whsec_... < payloads.json
//
// stdin:  a JSON array of strings, each the exact body of one event; all snapshot events or all thin ones, because
//         the CLI refuses to forward both kinds to one URL. They are sent at once, as Stripe does, in no fixed order.
// stdout: one JSON line per event, as the answers come back through the CLI, which cuts a body at 5,000 bytes:
//         {"id":"evt_1","type":"invoice.paid","status":200,"body":"..."}
// exit:   0 once every event is answered; otherwise 1, with the reason and the CLI's log on stderr, after 60 s at most.

import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import Stripe from "stripe";
import { WebSocketServer } from "ws";

const DEADLINE_MS = 60_000;

async function main() {
  const { values } = parseArgs({ options: { "forward-to": { type: "string" }, secret: { type: "string" } } });
  const { "forward-to": forwardTo, secret } = values;
  if (!forwardTo || !secret) throw new Error("usage: stripe_cli.mjs --forward-to URL --secret whsec_... < payloads.json");

  const stopped = new Promise((_, reject) => {
    setTimeout(() => reject(new Error(`not every event was answered within ${DEADLINE_MS / 1000} s`)), DEADLINE_MS);
    for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => reject(new Error(`stopped by ${signal}`)));
  });
  const input = await Promise.race([text(process.stdin), stopped]);
  const deliveries = JSON.parse(input).map((payload, index) => {
    const { id, type, object } = JSON.parse(payload);
    return { key: `delivery_${index}`, payload, id, type, thin: object === "v2.core.event" };
  });
  const thin = deliveries.some((delivery) => delivery.thin);
  if (deliveries.length === 0) throw new Error("no payloads on stdin");
  if (thin && !deliveries.every((delivery) => delivery.thin)) throw new Error("snapshot and thin events in one run");

  const home = mkdtempSync(join(tmpdir(), "stripe-cli-"));
  let cli, exited;
  let log = "";
  try {
    const answered = new Promise((resolve, reject) => {
      const api = startApi(deliveries, thin, secret, { resolve, reject });
      api.listen(0, "127.0.0.1", () => {
        const types = [...new Set(deliveries.map((delivery) => delivery.type))];
        cli = startCli(home, `http://127.0.0.1:${api.address().port}`, forwardTo, types);
        exited = new Promise((ended) => cli.once("exit", ended));
        exited.then((status) => reject(new Error(`the CLI ended by itself with status ${status}`)));
        cli.once("error", reject);
        cli.stderr.on("data", (chunk) => (log += chunk));
        cli.stdout.on("data", (chunk) => {
          log += chunk;
          // The CLI reports an unreachable endpoint only on the terminal, never to the API.
          if (/\[ERROR\] Failed to/.test(chunk)) reject(new Error("the CLI could not deliver an event"));
        });
      });
    });
    await Promise.race([answered, stopped]);
  } catch (error) {
    // The CLI logs each message whole, and an event can be large.
    throw new Error(`${error.message}\n--- log of the Stripe CLI ---\n${log.replace(/^(.{400}).*/gm, "$1...")}`);
  } finally {
    if (cli?.pid) {
      cli.kill("SIGKILL");
      await exited;
    }
    rmSync(home, { recursive: true });
  }
}

/** The two parts of Stripe's API that `stripe listen` needs: a session, and the websocket that carries the events. */
function startApi(deliveries, thin, secret, { resolve, reject }) {
  const api = createServer((request, response) => {
    request.resume();
    const known = request.method === "POST" && request.url === "/v1/stripecli/sessions";
    if (!known) reject(new Error(`the CLI asked for ${request.method} ${request.url}`));
    const session = {
      websocket_id: "cliws_test",
      websocket_url: `ws://127.0.0.1:${api.address().port}/subscribe`,
      websocket_authorized_feature: thin ? "v2_events" : "webhooks",
      secret,
      // Seconds until the CLI replaces its connection: later than the end of this run.
      reconnect_delay: 2 * (DEADLINE_MS / 1000),
    };
    response.writeHead(known ? 200 : 404, { "content-type": "application/json" });
    response.end(JSON.stringify(known ? session : { error: { message: "Unrecognized request URL" } }));
  });

  const unanswered = new Map(deliveries.map((delivery) => [delivery.key, delivery]));
  new WebSocketServer({ server: api }).once("connection", (socket) => {
    socket.on("message", (data) => {
      const message = JSON.parse(data);
      // The other kind, `event_ack`, only says that the event has reached the CLI.
      if (message.type !== "webhook_response") return;
      const { id, type } = unanswered.get(message.webhook_id);
      unanswered.delete(message.webhook_id);
      console.log(JSON.stringify({ id, type, status: message.status, body: message.body }));
      if (unanswered.size === 0) resolve();
    });
    for (const { key, payload } of deliveries) {
      const http_headers = deliveryHeaders(payload, secret);
      const message = thin
        ? { type: "v2_event", destination_id: key, payload, http_headers }
        : {
            type: "webhook_event",
            webhook_id: key,
            webhook_conversation_id: `wc_${key}`,
            // The account's default version: any other is only forwarded under `stripe listen --latest`.
            endpoint: { api_version: null },
            event_payload: payload,
            http_headers,
          };
      socket.send(JSON.stringify(message));
    }
  });
  return api;
}

/** What Stripe sends along with an event, signed now. */
function deliveryHeaders(payload, secret) {
  const signature = Stripe.webhooks.generateTestHeaderString({ payload, secret });
  return {
    "User-Agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
    Accept: "*/*; q=0.5, application/xml",
    "Cache-Control": "no-cache",
    "Content-Type": "application/json; charset=utf-8",
    // Test mode adds a `v0` that belongs to no secret; a receiver has to ignore it.
    "Stripe-Signature": `${signature},v0=${randomBytes(32).toString("hex")}`,
  };
}

function startCli(home, apiBase, forwardTo, types) {
  const options = {
    "--api-base": apiBase, // a hidden option, which takes http://127.0.0.1:PORT beside Stripe's own hosts
    "--api-key": "sk_test_not_a_real_key",
    "--device-name": "test", // instead of this machine's name
    "--color": "off",
    // Chatty, so that the log explains a failure; and so that the CLI, which pings every two seconds and dies of
    // SIGPIPE once no process reads its log, never outlives a script that was killed.
    "--log-level": "debug",
    "--events": types.join(","),
    "--forward-to": forwardTo,
  };
  return spawn(cliBinary(), ["listen", "--skip-update", ...Object.entries(options).flat()], {
    // Nothing of the caller's environment: no real API key, no proxy, no profile.
    env: {
      HOME: home,
      XDG_CONFIG_HOME: home,
      STRIPE_CLI_TELEMETRY_OPTOUT: "1",
      STRIPE_NO_AUTO_UPDATE: "1",
      STRIPE_CLI_NO_PLUGIN_AUTO_INSTALL: "1",
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
}

/** The executable from npm itself; the wrapper in `@stripe/cli` would leave the CLI running when it is killed. */
function cliBinary() {
  const folder = `node_modules/@stripe/cli-${process.platform}-${process.arch}`;
  return fileURLToPath(new URL(`${folder}/bin/stripe`, import.meta.url));
}

main().then(
  () => process.exit(0),
  (error) => {
    console.error(error.message);
    process.exit(1);
  },
);
