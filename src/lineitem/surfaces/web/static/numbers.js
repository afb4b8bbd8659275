// The one way to write numbers, as surfaces/numbers.py has it: whole numbers throughout, unknown is "–".

export const UNKNOWN = "–";
const UNITS = [[1_000_000_000_000n, "T"], [1_000_000_000n, "B"], [1_000_000n, "M"], [1_000n, "k"]];
const abs = (number) => (number < 0n ? -number : number);
const rounded = (size, unit) => (2n * size + unit) / (2n * unit);
const whole = (value) => typeof value === "bigint" ? value : BigInt(Math.round(value));
const none = (value) => value === null || value === undefined;

function grouped(number) {
  return number.toString().replace(/\B(?=(\d{3})+$)/g, ",");
}

function point(units, digits) {
  if (!digits) return grouped(units);
  const scale = 10n ** BigInt(digits);
  return `${grouped(units / scale)}.${(units % scale).toString().padStart(digits, "0")}`;
}

/** Every digit: 1,204. */
export function count(value) {
  if (none(value)) return UNKNOWN;
  const number = whole(value);
  return (number < 0n ? "-" : "") + grouped(abs(number));
}

/** Three or four digits and a unit: 1,204 · 30.1k · 2.4M. */
export function tokens(value) {
  if (none(value)) return UNKNOWN;
  const number = whole(value);
  const size = abs(number);
  const sign = number < 0n ? "-" : "";
  if (size < 10_000n) return sign + grouped(size);
  const [unit, letter] = UNITS.find(([each]) => size >= each - each / 20_000n);
  const tenths = rounded(size * 10n, unit);
  return `${sign}${grouped(tenths / 10n)}.${tenths % 10n}${letter}`;
}

/** How many digits a column needs whose largest amount this is. */
export function digitsFor(value) {
  const size = none(value) ? 0n : abs(whole(value));
  if (size >= 10_000_000_000n || !size) return 2;
  if (size >= 1_000_000_000n) return 3;
  return size >= 10_000_000n ? 4 : 6;
}

/** Dollars from nanodollars: $0.42 · $12.80 · <$0.01. */
export function money(value, digits = digitsFor(value)) {
  if (none(value)) return UNKNOWN;
  const number = whole(value);
  const size = abs(number);
  const sign = number < 0n ? "-" : "";
  const smallest = 10n ** BigInt(9 - digits);
  if (size > 0n && size < smallest) return `${number < 0n ? ">-" : "<"}$${point(1n, digits)}`;
  return `${sign}$${point(rounded(size, smallest), digits)}`;
}

/** A part of a whole: 0% only for nothing, 100% only for all of it. */
export function share(part, all) {
  if (none(part) || none(all) || !Number(all)) return UNKNOWN;
  let [one, other] = [whole(part), whole(all)];
  if (one === other) return "100%";
  if ((one < 0n) !== (other < 0n) && one !== 0n) return `-${share(-one, other)}`;
  [one, other] = [abs(one), abs(other)];
  if (one > 0n && one * 100n < other) return "<1%";
  const percent = rounded(one * 100n, other);
  return percent === 100n && one < other ? ">99%" : `${grouped(percent)}%`;
}

/** An amount that is not final or not exact. */
export function about(text) {
  return text.startsWith("<") || text.startsWith(">") ? text : `~${text}`;
}

/** A count of things: 1 session, 2 sessions. */
export function many(number, noun) {
  return `${count(number)} ${noun}${Number(number) === 1 ? "" : "s"}`;
}

/** The two largest units: 45s · 3m 20s · 2d 4h. */
export function duration(millis) {
  if (none(millis)) return UNKNOWN;
  if (millis < 0) return `-${duration(-millis)}`;
  if (millis > 0 && millis < 10_000 && millis % 1000) return `${(Math.max(1, Math.round(millis / 100)) / 10).toFixed(1)}s`;
  const seconds = Math.floor(millis / 1000);
  for (const [size, big, inner, small] of [[86_400, "d", 3_600, "h"], [3_600, "h", 60, "m"], [60, "m", 1, "s"]]) {
    if (seconds >= size) {
      const rest = Math.floor((seconds % size) / inner);
      return `${grouped(BigInt(Math.floor(seconds / size)))}${big}${rest ? ` ${rest}${small}` : ""}`;
    }
  }
  return `${seconds}s`;
}

export function ratio(value) {
  if (none(value)) return UNKNOWN;
  return value < 9.995 ? value.toFixed(2) : value < 99.95 ? value.toFixed(1) : count(Math.round(value));
}

const two = (number) => String(number).padStart(2, "0");

/** The local date of a moment of this machine: 2026-11-02. */
export function dayOf(when) {
  return `${when.getFullYear()}-${two(when.getMonth() + 1)}-${two(when.getDate())}`;
}

/** Local time of day: 10:04. */
export function clock(iso) {
  if (!iso) return UNKNOWN;
  const when = new Date(iso);
  return `${two(when.getHours())}:${two(when.getMinutes())}`;
}

/** Local date and time: 2026-11-02 10:04. */
export function moment(iso) {
  return iso ? `${dayOf(new Date(iso))} ${clock(iso)}` : UNKNOWN;
}

/** How long ago: 12s ago · 3h 5m ago. */
export function ago(iso, now = Date.now()) {
  return iso ? `${duration(Math.max(0, Math.floor((now - Date.parse(iso)) / 1000) * 1000))} ago` : UNKNOWN;
}
