// What lies on the phone is sealed under a PIN. Two keys: one for the queue, one for the names.
// Wrong PINs wipe the names (and their key), never the queue: unsent work stays, and opens again with the right
// PIN, or with the recovery key that the server gives only to the account that made the vault.
const ROUNDS = 600_000;
const MOST_WRONG = 5;
const text = { in: new TextEncoder(), out: new TextDecoder() };

export class WrongPin extends Error {
  constructor(left) {
    super("wrong pin");
    this.left = left;
  }
}

const random = (bytes) => crypto.getRandomValues(new Uint8Array(bytes));
const aes = (raw) => crypto.subtle.importKey("raw", raw, "AES-GCM", false, ["encrypt", "decrypt"]);

async function fromPin(pin, salt) {
  const secret = await crypto.subtle.importKey("raw", text.in.encode(pin), "PBKDF2", false, ["deriveKey"]);
  const how = { name: "PBKDF2", hash: "SHA-256", salt, iterations: ROUNDS };
  return crypto.subtle.deriveKey(how, secret, { name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
}

async function sealBytes(key, bytes) {
  const iv = random(12);
  return { iv, bytes: await crypto.subtle.encrypt({ name: "AES-GCM", iv }, key, bytes) };
}

const openBytes = (key, { iv, bytes }) => crypto.subtle.decrypt({ name: "AES-GCM", iv }, key, bytes);

export const seal = async (key, value) => sealBytes(key, text.in.encode(JSON.stringify(value)));
export const open = async (key, sealed) => JSON.parse(text.out.decode(await openBytes(key, sealed)));

/** The vault of one account on this phone. */
export class Vault {
  constructor(store, owner) {
    this.store = store;
    this.id = `vault:${owner}`;
    this.names = `names:${owner}`;
  }

  get row() {
    return this.store.get("vault", this.id);
  }

  /** Make it, or give it a new PIN after `recover`. `recovery` is 32 bytes from the server, never kept here. */
  async create(pin, recovery, queue = random(32)) {
    const salt = random(16);
    const names = random(32);
    const key = await fromPin(pin, salt);
    await this.store.put("vault", {
      id: this.id,
      salt,
      wrong: 0,
      queue: await sealBytes(key, queue),
      names: await sealBytes(key, names),
      recovery: await sealBytes(await aes(recovery), queue),
    });
    await this.store.drop("kept", this.names);
    return { queue: await aes(queue), names: await aes(names) };
  }

  /** The two keys. `names` is null after a wipe, until the names are fetched again with `renewNames`. */
  async unlock(pin) {
    const row = await this.row;
    const key = await fromPin(pin, row.salt);
    let queue;
    try {
      queue = await openBytes(key, row.queue);
    } catch {
      throw new WrongPin(await this.#count(row));
    }
    const names = row.names ? row.names : await sealBytes(key, random(32));
    await this.store.put("vault", { ...row, wrong: 0, names });
    return { queue: await aes(queue), names: await aes(await openBytes(key, names)) };
  }

  /** One more wrong PIN; at the limit the names and their key go. Returns how many tries are left. */
  async #count(row) {
    const wrong = row.wrong + 1;
    const wiped = wrong >= MOST_WRONG;
    await this.store.put("vault", { ...row, wrong, names: wiped ? null : row.names });
    if (wiped) await this.store.drop("kept", this.names);
    return Math.max(0, MOST_WRONG - wrong);
  }

  /** Forgotten PIN: with the recovery key the queue's key is opened and put under a new PIN. */
  async recover(recovery, pin) {
    const row = await this.row;
    const queue = new Uint8Array(await openBytes(await aes(recovery), row.recovery));
    return this.create(pin, recovery, queue);
  }

  async keepNames(keys, value) {
    await this.store.put("kept", { id: this.names, sealed: await seal(keys.names, value) });
  }

  async keptNames(keys) {
    const row = await this.store.get("kept", this.names);
    return row ? open(keys.names, row.sealed).catch(() => null) : null;
  }
}
