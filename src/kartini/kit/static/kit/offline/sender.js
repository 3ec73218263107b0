// Sends the queue: under one lock, with a fresh token, only the rows of whoever is signed in.
const EVERY = 15_000;
const A_BATCH = 50;
const MOST_BYTES = 900_000;
const MOST_SPOILT = 3;
const BUSY = [429, 502, 503, 504];

export class Stopped extends Error {}

/** `urls` has `token` and `send`; `tell(state)` hears `idle`, `sending`, `offline`, `signed-out`, `other-account`, `later`. */
export class Sender {
  constructor({ queue, urls, owner, tell }) {
    Object.assign(this, { queue, urls, owner, tell });
    this.key = null;
  }

  /** From now on: at once, when the network returns, when the page is looked at, and every 15 seconds. */
  start(key) {
    this.key = key;
    addEventListener("online", () => this.send());
    addEventListener("offline", () => this.tell("offline"));
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && this.send());
    setInterval(() => this.send(), EVERY);
    return this.send();
  }

  async send() {
    if (!this.key) return;
    if (!navigator.onLine) return this.tell("offline");
    await navigator.locks.request(`kartini-send:${this.queue.store.name}`, { ifAvailable: true }, async (lock) => {
      if (!lock) return;
      try {
        await this.#sendAll();
        this.tell("idle");
      } catch (reason) {
        this.tell(reason instanceof Stopped ? reason.message : "offline");
      }
    });
  }

  /** Halves a batch that the server cannot take, until the row that spoils it stands alone; the others go. */
  async #sendAll() {
    const left = new Set();
    const waiting = async () => (await this.queue.waiting()).filter((row) => !left.has(row.id) && !left.has(row.after));
    let size = A_BATCH;
    let rows = await waiting();
    const token = rows.length ? await this.#token() : "";
    for (; rows.length; rows = await waiting()) {
      this.tell("sending");
      const batch = this.#fitting(rows.slice(0, size));
      if (await this.#sendBatch(batch, token)) size = A_BATCH;
      else if (batch.length > 1) size = Math.ceil(batch.length / 2);
      else left.add(batch[0].id);
      if (left.size > MOST_SPOILT) break;
    }
    if (left.size) throw new Stopped("later");
  }

  /** As many rows as one request may hold: pictures make them large. */
  #fitting(rows) {
    let bytes = 0;
    return rows.filter((row, place) => (bytes += row.sealed.bytes.byteLength) <= MOST_BYTES || place === 0);
  }

  async #token() {
    const answer = await fetch(this.urls.token, { cache: "no-store", redirect: "manual" });
    this.#stopUnlessTaken(answer);
    if (!answer.ok) throw new Stopped("later");
    const { token, user } = await answer.json();
    if (String(user) !== this.owner) throw new Stopped("other-account");
    return token;
  }

  #stopUnlessTaken({ status, type }) {
    if (status === 401 || status === 403 || type === "opaqueredirect") throw new Stopped("signed-out");
    if (BUSY.includes(status)) throw new Stopped("later");
  }

  /** Sends these rows; false where the server could not take the batch as a whole. */
  async #sendBatch(rows, token) {
    const work = await Promise.all(rows.map((row) => this.queue.read(this.key, row)));
    const answer = await fetch(this.urls.send, {
      method: "POST",
      redirect: "manual",
      headers: { "Content-Type": "application/json", "X-CSRFToken": token },
      body: JSON.stringify({ sent_at: new Date().toISOString(), rows: work }),
    });
    this.#stopUnlessTaken(answer);
    if (!answer.ok) return false;
    const answers = new Map((await answer.json()).rows.map((one) => [one.id, one]));
    const answered = rows.filter((row) => answers.has(row.id));
    await this.queue.settle(answered, answers);
    if (answered.length < rows.length) throw new Stopped("later");
    return true;
  }
}
