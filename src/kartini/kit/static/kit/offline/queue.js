// Work that waits for the network. Each row bears an id made here; the server takes an id once.
import { open, seal } from "./vault.js";

export class Queue {
  constructor(store, owner) {
    this.store = store;
    this.owner = owner;
  }

  /** Keep one piece of work. Only the id, the moment and whose it is can be read without the PIN. */
  async add(key, work) {
    const row = { id: crypto.randomUUID(), at: Date.now(), owner: this.owner, state: "waiting", said: "" };
    await this.store.put("queue", { ...row, sealed: await seal(key, { ...work, id: row.id }) });
    return row.id;
  }

  /** This account's rows, the oldest first; what is refused waits for a person. */
  async rows() {
    const rows = await this.store.all("queue");
    return rows.filter((row) => row.owner === this.owner).sort((a, b) => a.at - b.at);
  }

  async waiting() {
    return (await this.rows()).filter((row) => row.state === "waiting");
  }

  read(key, row) {
    return open(key, row.sealed);
  }

  done(id) {
    return this.store.drop("queue", id);
  }

  /** What the server answered to each row, by id: what is saved goes; what is refused stays, with the server's
   * words, until a person decides. `why` is a word for the page. */
  settle(rows, answers) {
    const refused = rows.filter((row) => answers.get(row.id).state !== "saved");
    const put = refused.map((row) => ({ ...row, state: "refused", said: answers.get(row.id).said, why: answers.get(row.id).why ?? "" }));
    const drop = rows.filter((row) => !refused.includes(row)).map((row) => row.id);
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
