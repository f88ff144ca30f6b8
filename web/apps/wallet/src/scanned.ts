// What a code that was read means: an order or a shop of ours, by address or by EMVCo's tags; nothing else is followed.

export type Scanned = { kind: "order" | "shop"; token: string };

const PATH = /^\/(cashier|s)\/([A-Za-z0-9_-]{8,64})\/?$/;
/** Merchant account templates (EMVCo merchant-presented mode, 4.7.11). */
const TEMPLATES: [number, number] = [2, 51];

/** Read a code. *host* is the wallet's own: codes of the same deployment name it without its first label. */
export function readScanned(text: string, host: string): Scanned | null {
  const trimmed = text.trim();
  return ofAddress(trimmed, host) ?? ofTags(trimmed, host);
}

function ofAddress(text: string, host: string): Scanned | null {
  if (!URL.canParse(text)) return null;
  const { protocol, host: named, pathname } = new URL(text);
  const home = host.replace(/^wallet\./, "");
  if (!/^https?:$/.test(protocol) || (named !== home && named !== host)) return null;
  const found = PATH.exec(pathname);
  return found ? { kind: found[1] === "s" ? "shop" : "order", token: found[2] ?? "" } : null;
}

function ofTags(text: string, host: string): Scanned | null {
  if (!text.startsWith("000201") || crc(text.slice(0, -4)) !== text.slice(-4).toUpperCase()) return null;
  for (const [tag, value] of tags(text) ?? []) {
    if (tag < TEMPLATES[0] || tag > TEMPLATES[1]) continue;
    for (const [, inner] of tags(value) ?? []) {
      const found = ofAddress(inner, host) ?? ofAddress(`https://${inner}`, host);
      if (found) return found;
    }
  }
  return null;
}

/** Tag, length, value; null when the lengths do not fit. */
function tags(text: string): [number, string][] | null {
  const found: [number, string][] = [];
  for (let at = 0; at < text.length;) {
    const head = /^(\d\d)(\d\d)/.exec(text.slice(at, at + 4));
    const size = Number(head?.[2]);
    if (!head || at + 4 + size > text.length) return null;
    found.push([Number(head[1]), text.slice(at + 4, at + 4 + size)]);
    at += 4 + size;
  }
  return found;
}

/** CRC-16/CCITT-FALSE over the text up to and with its own tag and length. */
function crc(text: string): string {
  let sum = 0xffff;
  for (const byte of new TextEncoder().encode(text)) {
    sum ^= byte << 8;
    for (let bit = 0; bit < 8; bit++) sum = sum & 0x8000 ? ((sum << 1) ^ 0x1021) & 0xffff : (sum << 1) & 0xffff;
  }
  return sum.toString(16).toUpperCase().padStart(4, "0");
}
