// Checks in the browser that an entry is in the log: hashes it, climbs to the root (RFC 9162, section 2.1.3.2),
// and looks whether the checkpoint of that root is signed by the key beside it. Nothing is sent anywhere.

const place = document.querySelector("[data-verify]");

function bytes(base64) {
  return Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
}

function same(one, other) {
  return one.length === other.length && one.every((byte, at) => byte === other[at]);
}

async function hash(prefix, ...parts) {
  const whole = new Uint8Array(1 + parts.reduce((sum, part) => sum + part.length, 0));
  whole[0] = prefix;
  let at = 1;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return new Uint8Array(await crypto.subtle.digest("SHA-256", whole));
}

async function root(leaf, index, size, path) {
  let [here, last, found] = [index, size - 1n, await hash(0, leaf)];
  if (here > last) return null;
  for (const beside of path) {
    if (last === 0n) return null;
    if (here & 1n || here === last) {
      found = await hash(1, beside, found);
      while (!(here & 1n) && here !== 0n) [here, last] = [here >> 1n, last >> 1n];
    } else {
      found = await hash(1, found, beside);
    }
    [here, last] = [here >> 1n, last >> 1n];
  }
  return last === 0n ? found : null;
}

// A signed note: text, an empty line, lines "— name base64(key id, signature)"; the text names size and root.
async function signed(note, vkey) {
  const gap = note.lastIndexOf("\n\n");
  const text = note.slice(0, gap + 1);
  const [name, id, encoded] = [vkey.split("+")[0], vkey.split("+")[1], vkey.split("+").slice(2).join("+")];
  const key = await crypto.subtle.importKey("raw", bytes(encoded).slice(1), "Ed25519", false, ["verify"]);
  for (const line of note.slice(gap + 2).split("\n")) {
    const [dash, by, signature] = line.split(" ");
    if (dash !== "—" || by !== name || !signature) continue;
    const raw = bytes(signature);
    const hex = [...raw.slice(0, 4)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    if (hex !== id) continue;
    return crypto.subtle.verify("Ed25519", key, raw.slice(4), new TextEncoder().encode(text));
  }
  return false;
}

async function verify() {
  const said = place.dataset;
  const lines = said.checkpoint.split("\n");
  const path = said.path ? said.path.split(" ").map(bytes) : [];
  const leaf = new TextEncoder().encode(said.leaf);
  const found = await root(leaf, BigInt(said.index), BigInt(lines[1]), path);
  if (!found || !same(found, bytes(lines[2]))) return "fails";
  try {
    return (await signed(said.checkpoint, said.key)) ? "holds" : "fails";
  } catch {
    return "included"; // this browser knows no Ed25519
  }
}

if (place && globalThis.crypto?.subtle) {
  const button = place.querySelector("button");
  const answer = place.querySelector("[role=status]");
  place.hidden = false;
  button.addEventListener("click", async () => {
    let outcome = "fails";
    try {
      outcome = await verify();
    } finally {
      answer.textContent = place.dataset[outcome];
      answer.className = outcome === "fails" ? "verdict verdict-bad" : "verdict verdict-good";
    }
  });
}
