// Numbers, times and events in words. Pure: the same facts give the same text.

const MINUS = "−";
const formats = new Map();

/** A decimal string with thousands separators and between `least` and `most` decimals. */
export function decimal(text, least, most = least) {
  const key = `${least}/${most}`;
  if (!formats.has(key)) {
    const options = { minimumFractionDigits: least, maximumFractionDigits: Math.max(least, most) };
    formats.set(key, new Intl.NumberFormat("en-US", options));
  }
  return formats.get(key).format(Number(text)).replace(/^-/, MINUS).replace(/^−(?=[0.,]+$)/, "");
}

/** Money of a currency, to the cent, or whole where there are no cents. */
export function money(text, currency) {
  return decimal(text, ["JPY", "KRW"].includes(currency) ? 0 : 2);
}

/** A change with its sign. */
export function signed(text) {
  return /^[0.,%]+$/.test(text) || text.startsWith(MINUS) ? text : `+${text}`;
}

export function percent(fraction, digits = 2) {
  return `${decimal(fraction * 100, digits)}%`;
}

/** A price: at least the tick's decimals, two more where a fill lies between ticks. */
export function price(text, instrument) {
  const least = instrument?.price_decimals ?? 2;
  return decimal(text, least, least + 2);
}

export function quantity(text, instrument) {
  return decimal(text, instrument?.quantity_decimals ?? 0, 8);
}

/** A volume in few digits: `82.1K`. */
export const compact = (text) => new Intl.NumberFormat("en-US", { notation: "compact", maximumFractionDigits: 1 }).format(Number(text));

/** `2024-01-05 13:00`, UTC. */
export function moment(ts) {
  return ts ? new Date(ts / 1e6).toISOString().slice(0, 16).replace("T", " ") : "";
}

/** For tables: `2024-01-05` where bars are days, else `Jan 05 13:00`. */
export function shortMoment(ts, daily) {
  const iso = moment(ts);
  if (daily || !iso) return iso.slice(0, 10);
  const month = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ")[Number(iso.slice(5, 7)) - 1];
  return `${month} ${iso.slice(8)}`;
}

/** How fast a replay runs: market time in a second of ours. */
export function pace(speed) {
  if (!speed) return "Replay at full speed";
  const [unit, seconds] = [["day", 86400], ["hour", 3600], ["minute", 60]].find(([, length]) => speed >= length) ?? ["second", 1];
  const count = speed / seconds;
  return `Replay, ${decimal(count, 0, 1)} ${unit}${count === 1 ? "" : "s"} a second`;
}

export const symbolOf = (id) => id.slice(0, id.lastIndexOf("."));
export const venueOf = (id) => id.slice(id.lastIndexOf("."));

const ORDER_TYPES = { MARKET: "at market", LIMIT: "limit", STOP: "stop" };

/** One line of the journal. */
export function entryWords(entry, instruments, currency) {
  const tell = WORDS[entry.type];
  return tell ? tell(entry.payload, instruments.get(entry.payload.instrument), currency) : entry.type;
}

const WORDS = {
  accepted: (p, i) => `Placed: ${order(p, i)}.`,
  refused: (p, i) => `Refused: ${order(p, i)}. ${sentence(p.why)}`,
  filled,
  canceled: (p, i) => `Canceled: order ${p.order_id} in ${symbolOf(p.instrument)}, ${quantity(p.leaves, i)} left. ${sentence(p.why)}`,
  expired: (p, i) => `Expired: order ${p.order_id} in ${symbolOf(p.instrument)}, ${quantity(p.leaves, i)} left. ${sentence(p.why)}`,
  order_adjusted: (p, i) => `Order ${p.order_id} in ${symbolOf(p.instrument)} adjusted for a split: ${quantity(p.leaves, i)} left${p.price ? ` at ${price(p.price, i)}` : ""}.`,
  dividend_paid: (p, i, c) => `Dividend on ${quantity(p.position, i)} ${symbolOf(p.instrument)}: ${signed(money(p.cash, c))}.`,
  split_applied: (p, i) => `Split of ${symbolOf(p.instrument)}, ${p.new} for ${p.old}: ${quantity(p.position_before, i)} became ${quantity(p.position_after, i)}.`,
  halt: () => "Trading halted: an amount left the range the ledger can keep. Nothing is opened until a person has looked.",
  cancel_refused: (p) => `Cancel refused: order ${p.order_id}. ${sentence(p.why)}`,
  epoch: () => "From here on other code or another model decides.",
  command: () => "A person gave a command.",
  snapshot: () => "The state was saved.",
};

/** What the market did to everybody is not a decision: it is shown elsewhere. */
export const DECISIONS = Object.keys(WORDS);
export const isDecision = (entry) => entry.type in WORDS;

function order(p, instrument) {
  const how = p.type === "MARKET" ? ORDER_TYPES.MARKET : `${ORDER_TYPES[p.type]} ${price(p.price, instrument)}`;
  const until = p.time_in_force === "DAY" ? ", for the day" : "";
  return `${p.side.toLowerCase()} ${quantity(p.quantity, instrument)} ${symbolOf(p.instrument)} ${how}${until}`;
}

function filled(p, instrument, currency) {
  const verb = p.side === "BUY" ? "Bought" : "Sold";
  const profit = Number(p.realized) ? `, realized ${signed(money(p.realized, currency))}` : "";
  const left = Number(p.leaves) ? `; ${quantity(p.leaves, instrument)} left` : "";
  return `${verb} ${quantity(p.quantity, instrument)} ${symbolOf(p.instrument)} at ${price(p.price, instrument)}, fee ${money(p.fee, currency)}${profit}${left}.`;
}

const sentence = (why) => (why ? `${why[0].toUpperCase()}${why.slice(1)}.` : "");
