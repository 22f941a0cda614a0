// Numbers, amounts and times in words. Amounts of tokens are decimal texts of up to 78 digits: BigInt, never a float.

const WHOLE = /^-?\d{1,100}$/;

/** "1,234,567" of a whole number or of a decimal text of one. What is neither is shown as it came. */
export function number(value) {
  if (value === null || value === undefined) return "–";
  const text = typeof value === "number" && Number.isSafeInteger(value) ? String(value) : String(value).trim();
  return WHOLE.test(text) ? text.replace(/\B(?=(\d{3})+$)/g, ",") : text;
}

/** "1 update", "5 updates", "1,200 updates". */
export function count(value, one, many = `${one}s`) {
  return `${number(value)} ${String(value) === "1" ? one : many}`;
}

/** Digits before and after the point of an amount in its smallest unit, cut (never rounded up) to `places`. */
export function tokens(amount, { decimals = 18, symbol = "" } = {}, places = 2) {
  if (amount === null || amount === undefined) return "–";
  const text = String(amount);
  if (!WHOLE.test(text)) return text;
  const value = BigInt(text);
  const sign = value < 0n ? "−" : "";
  const digits = (value < 0n ? -value : value).toString().padStart(decimals + 1, "0");
  const whole = digits.slice(0, digits.length - decimals);
  const rest = digits.slice(digits.length - decimals, digits.length - decimals + places);
  const dust = rest !== "" && /^0+$/.test(rest) && whole === "0" && value !== 0n;
  const shown = dust ? `< 0.${"0".repeat(places - 1)}1` : `${number(whole)}${rest === "" ? "" : `.${rest}`}`;
  return `${sign}${shown}${symbol ? ` ${symbol}` : ""}`;
}

/** The share of two amounts as a number from 0 to 1, for the length of a bar alone. */
export function share(part, whole) {
  const [a, b] = [part, whole].map((one) => (WHOLE.test(String(one)) ? BigInt(one) : 0n));
  if (b <= 0n || a <= 0n) return 0;
  return Math.min(Number((a * 1_000_000n) / b) / 1_000_000, 1);
}

/** The sum of decimal texts as one. */
export function total(amounts) {
  return amounts.reduce((sum, one) => sum + (WHOLE.test(String(one)) ? BigInt(one) : 0n), 0n).toString();
}

/** Basis points (1/10,000) as a percentage: 9421 → "94.21 %". */
export function basisPoints(value) {
  if (value === null || value === undefined) return "–";
  const whole = BigInt(Math.trunc(Number(value)));
  return `${whole / 100n}.${String(whole % 100n).padStart(2, "0")} %`;
}

/** A quality from 0 to 1 with so many places, of a number or a decimal text. */
export function quality(value, places = 4) {
  const read = fraction(value);
  return read === null ? "–" : read.toFixed(places);
}

/** A number of a number or a decimal text, or null: for drawing. */
export function fraction(value) {
  if (value === null || value === undefined || value === "") return null;
  const read = Number(value);
  return Number.isFinite(read) ? read : null;
}

/** The names of measures, as people read them. */
const MEASURES = {
  average_precision: "Average precision", roc_auc: "ROC-AUC", macro_average_precision: "Average precision, mean of classes",
  macro_f1: "F1, mean of classes", brier: "Brier score", accuracy: "Accuracy",
};

/** "average_precision" → "Average precision". */
export function measure(name) {
  const plain = String(name).replaceAll("_", " ");
  return MEASURES[name] ?? plain.charAt(0).toUpperCase() + plain.slice(1);
}

/** "2026-11-28 19:46:09 UTC" of Unix seconds. */
export function absolute(seconds) {
  const date = new Date(Number(seconds) * 1000);
  if (seconds === null || seconds === undefined || Number.isNaN(date.getTime())) return "–";
  return `${date.toISOString().slice(0, 19).replace("T", " ")} UTC`;
}

const SPANS = [["d", 86400], ["h", 3600], ["min", 60], ["s", 1]];

/** "2 min 5 s", "3 d 4 h": the two largest units of a span of seconds. */
export function duration(seconds) {
  if (seconds === null || seconds === undefined) return "–";
  let left = Math.max(Math.round(Number(seconds)), 0);
  const first = SPANS.findIndex(([, size]) => left >= size);
  if (first < 0) return "0 s";
  const parts = [];
  for (const [unit, size] of SPANS.slice(first, first + 2)) {
    const whole = Math.floor(left / size);
    left -= whole * size;
    if (whole > 0) parts.push(`${whole} ${unit}`);
  }
  return parts.join(" ");
}

/** "3 min ago", "in 40 s", "now". */
export function relative(seconds, now = Date.now() / 1000) {
  if (seconds === null || seconds === undefined) return "–";
  const span = now - Number(seconds);
  if (Math.abs(span) < 2) return "now";
  return span > 0 ? `${duration(span)} ago` : `in ${duration(-span)}`;
}

/** "0x1234…abcd": a digest, CID or address for the eye. */
export function short(text, most = 14) {
  const given = String(text ?? "");
  return given.length > most + 1 ? `${given.slice(0, most - 6)}…${given.slice(-5)}` : given;
}

/** "a, b and c". */
export function listed(words, last = "and") {
  return words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} ${last} ${words.at(-1)}`;
}
