// Asks the service, and listens to it. The only file that knows addresses.

import { DECISIONS } from "./words.js";

const SHORTEST_WAIT = 500;
const LONGEST_WAIT = 8000;
const ENTRIES = 400;

/** A JSON answer, or an Error with the service's own words. */
export async function ask(path, query = {}) {
  const address = new URL(`/api/v1/${path}`, location.origin);
  for (const [name, value] of Object.entries(query)) if (value != null) address.searchParams.set(name, value);
  const response = await fetch(address);
  if (response.ok) return response.json();
  const { detail } = await response.json().catch(() => ({ detail: response.statusText }));
  throw new Error(detail);
}

/** Everything the desk shows of an account. The account comes first: its seq is the cursor. */
export async function readAccount(name) {
  const path = `accounts/${encodeURIComponent(name)}`;
  const account = await ask(path);
  const [orders, fills, positions, signals, equity, journal, feed] = await Promise.all([
    ask(`${path}/orders`, { working: true, limit: 1000 }),
    ask(`${path}/fills`, { limit: 1000 }),
    ask(`${path}/positions`),
    ask(`${path}/signals`),
    ask(`${path}/equity`),
    ask(`${path}/journal`, { types: DECISIONS, limit: ENTRIES }),
    ask("feed"),
  ]);
  return { account, orders, fills, positions, signals, equity, journal, feed };
}

/**
 * Follow an account's events for ever, going on after the last seq seen.
 * `tell` hears every message, `say` the state of the line; returns a function that stops it.
 */
export function follow(name, cursor, tell, say) {
  let wait = SHORTEST_WAIT;
  let socket = null;
  let timer = 0;
  let stopped = false;

  function connect() {
    const address = new URL("/api/v1/stream", location.origin);
    address.protocol = location.protocol === "https:" ? "wss:" : "ws:";
    address.search = new URLSearchParams({ account: name, after: cursor() });
    socket = new WebSocket(address);
    socket.onopen = () => { wait = SHORTEST_WAIT; say("good", "Connected"); };
    socket.onmessage = (message) => hear(JSON.parse(message.data));
    socket.onclose = () => { if (!stopped) again(); };
  }

  /** The last word of a service that stops says when to come back, so that not all come at once. */
  function hear(message) {
    if (message.type === "reconnect") wait = Math.max(SHORTEST_WAIT, message.payload.after * 1000);
    else tell(message);
  }

  function again() {
    say("bad", `Reconnecting in ${Math.ceil(wait / 1000)} s`);
    timer = setTimeout(connect, wait * (0.75 + Math.random() / 2));
    wait = Math.min(wait * 2, LONGEST_WAIT);
  }

  connect();
  return () => { stopped = true; clearTimeout(timer); socket.close(); };
}
