// Sends the queue: under one lock, with a fresh token, only the rows of whoever is signed in.
const EVERY = 15_000;
const A_BATCH = 50;

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
    await navigator.locks.request("kartini-send", { ifAvailable: true }, async (lock) => {
      if (!lock) return;
      try {
        await this.#sendAll();
        this.tell("idle");
      } catch (reason) {
        this.tell(reason instanceof Stopped ? reason.message : "offline");
      }
    });
  }

  async #sendAll() {
    let rows = await this.queue.waiting();
    if (!rows.length) return;
    const token = await this.#token();
    for (; rows.length; rows = await this.queue.waiting()) {
      this.tell("sending");
      await this.#sendBatch(rows.slice(0, A_BATCH), token);
    }
  }

  async #token() {
    const answer = await fetch(this.urls.token, { cache: "no-store", redirect: "manual" });
    if (!answer.ok) throw new Stopped("signed-out");
    const { token, user } = await answer.json();
    if (String(user) !== this.owner) throw new Stopped("other-account");
    return token;
  }

  async #sendBatch(rows, token) {
    const work = await Promise.all(rows.map((row) => this.queue.read(this.key, row)));
    const answer = await fetch(this.urls.send, {
      method: "POST",
      redirect: "manual",
      headers: { "Content-Type": "application/json", "X-CSRFToken": token },
      body: JSON.stringify({ sent_at: new Date().toISOString(), rows: work }),
    });
    if (answer.status === 403 || answer.type === "opaqueredirect") throw new Stopped("signed-out");
    if (!answer.ok) throw new Stopped("later");
    const said = new Map((await answer.json()).rows.map((one) => [one.id, one]));
    for (const row of rows) {
      const one = said.get(row.id);
      if (!one) throw new Stopped("later");
      await (one.state === "saved" ? this.queue.done(row.id) : this.queue.refuse(row, one.said));
    }
  }
}
