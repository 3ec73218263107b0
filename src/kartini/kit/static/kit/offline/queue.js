// Work that waits for the network. Each row bears an id made here; the server takes an id once.
import { open, seal } from "./vault.js";

export class Queue {
  constructor(store, owner) {
    this.store = store;
    this.owner = owner;
  }

  /** Keep one piece of work. Only the id, the moment, whose it is and what it follows can be read without the PIN.
   * `after` is the id of a row that must have arrived before this one may go. */
  async add(key, work, after = "") {
    const row = { id: crypto.randomUUID(), at: Date.now(), owner: this.owner, after, state: "waiting", said: "" };
    await this.store.put("queue", { ...row, sealed: await seal(key, { ...work, id: row.id }) });
    return row.id;
  }

  /** This account's rows, the oldest first; what is refused waits for a person. */
  async rows() {
    const rows = await this.store.all("queue");
    return rows.filter((row) => row.owner === this.owner).sort((a, b) => a.at - b.at);
  }

  /** What may go: not what follows a row that waits for a person. */
  async waiting() {
    const rows = await this.rows();
    const held = new Set(rows.filter((row) => row.state === "refused").map((row) => row.id));
    return rows.filter((row) => row.state === "waiting" && !held.has(row.after));
  }

  read(key, row) {
    return open(key, row.sealed);
  }

  done(id) {
    return this.store.drop("queue", id);
  }

  /** What the server answered to each row, by id: what is saved goes; what is refused stays, with the server's
   * words, until a person decides; what follows a refused row of the same batch waits. `why` is a word for the page. */
  settle(rows, answers) {
    const refused = rows.filter((row) => answers.get(row.id).state === "refused");
    const put = refused.map((row) => ({ ...row, state: "refused", said: answers.get(row.id).said, why: answers.get(row.id).why ?? "" }));
    const drop = rows.filter((row) => answers.get(row.id).state === "saved").map((row) => row.id);
    return this.store.change("queue", { put, drop });
  }

  /** Mended by a person: the same id, so that what had arrived all the same is not taken twice. */
  async mend(key, id, work) {
    const row = await this.store.get("queue", id);
    await this.store.put("queue", { ...row, state: "waiting", said: "", sealed: await seal(key, { ...work, id }) });
  }

  async again(row) {
    await this.store.put("queue", { ...row, state: "waiting", said: "" });
  }
}
