// A phone whose XMPP is @xmpp/client's. It is told what to do on its standard input, a line of JSON each, and says on its
// standard output what came of it, likewise: {"result": …}, or {"error": {"type": …, "condition": …}}.

import { webcrypto } from "node:crypto";
import { createInterface } from "node:readline";

import { client, xml } from "@xmpp/client";

// Debian 12 has Node.js 18, where this is not everybody's yet.
globalThis.crypto ??= webcrypto;

const COMMANDS = "http://jabber.org/protocol/commands";
const DATA = "jabber:x:data";
const PATIENCE = 180000;

const { domain, port, username, password } = JSON.parse(process.argv[2]);
const xmpp = client({
  service: `xmpp://127.0.0.1:${port}`,
  domain,
  username,
  password,
  resource: "node",
  // By itself it gives up after two seconds, which a busy machine may well take.
  timeout: PATIENCE,
  userAgent: xml("user-agent", { id: "d4565fa7-4d72-4749-b3d3-740edbf87770" }),
});
// It says what went wrong itself, where anybody waits for it.
xmpp.on("error", (error) => console.error(String(error)));
// An error may be here before @xmpp/iq knows that its request has left, and only then does it look for the answer.
process.on("unhandledRejection", (error) => console.error(String(error)));

const form = (type, fields) =>
  xml(
    "x",
    { xmlns: DATA, type },
    ...Object.entries(fields).map(([name, value]) => xml("field", { var: name }, xml("value", {}, value))),
  );

const values = (x) =>
  Object.fromEntries(
    x.getChildren("field").map((field) => [field.attrs.var, field.getChildren("value").map((value) => value.text())]),
  );

// The server has everything that was sent before.
const here = () => xmpp.iqCaller.request(xml("iq", { type: "get" }, xml("ping", { xmlns: "urn:xmpp:ping" })), PATIENCE);

const can = {
  async command({ to, node, fields }) {
    const asked = xml("command", { xmlns: COMMANDS, node, action: "execute" }, fields ? form("submit", fields) : null);
    const answer = await xmpp.iqCaller.set(asked, to, PATIENCE);
    const x = answer.getChild("x", DATA);
    return { status: answer.attrs.status, values: x ? values(x) : {}, rows: x ? x.getChildren("item").map(values) : [] };
  },

  async enable({ jid, node, secret }) {
    const options = { FORM_TYPE: "http://jabber.org/protocol/pubsub#publish-options", secret };
    const enable = xml("enable", { xmlns: "urn:xmpp:push:0", jid, node }, secret ? form("submit", options) : null);
    await xmpp.iqCaller.request(xml("iq", { type: "set" }, enable), PATIENCE);
  },

  async features({ of }) {
    const query = await xmpp.iqCaller.get(xml("query", { xmlns: "http://jabber.org/protocol/disco#info" }), of, PATIENCE);
    return query.getChildren("feature").map((feature) => feature.attrs.var);
  },

  async start() {
    const jid = await xmpp.start();
    await xmpp.send(xml("presence"));
    await here();
    return jid.toString();
  },

  async stop() {
    await xmpp.send(xml("presence", { type: "unavailable" }));
    await here();
    await xmpp.stop();
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const { what, ...said } = JSON.parse(line);
  try {
    console.log(JSON.stringify({ result: (await can[what](said)) ?? null }));
  } catch (error) {
    console.log(JSON.stringify({ error: { type: error.type ?? "", condition: error.condition ?? String(error) } }));
  }
}
process.exit();
