// What waits and what was refused (kit/offline/_outbox.html), and the state of sending in `#keadaan`.
import { $, button, element } from "./dom.js";

const MOST_SHOWN = 30;
const TONES = { idle: "ok", sending: "info", offline: "warn", "signed-out": "bad", "other-account": "bad", later: "warn", full: "bad" };

/** `describe(work)` gives a row's title; `choices(row, work)` the page's own buttons for a refused row. */
export class Outbox {
  constructor({ queue, words, describe, choices = () => [], again }) {
    Object.assign(this, { queue, words, describe, choices, again });
    this.key = null;
  }

  async tell(state) {
    $("keadaan").textContent = this.words[state];
    $("keadaan").dataset.tone = TONES[state];
    $("masuk-lagi").hidden = state !== "signed-out";
    await this.show();
  }

  /** Those that need a person come first. */
  async show() {
    const rows = await this.queue.rows();
    $("berapa").textContent = String(rows.length);
    $("antre").closest("section").hidden = !rows.length && $("masuk-lagi").hidden;
    if (!this.key) return;
    rows.sort((a, b) => (a.state === "waiting") - (b.state === "waiting"));
    const shown = await Promise.all(rows.slice(0, MOST_SHOWN).map((row) => this.#line(row)));
    if (rows.length > MOST_SHOWN) shown.push(element("li", { class: "meta", text: `${this.words.more} ${rows.length - MOST_SHOWN}` }));
    $("antrean").replaceChildren(...shown);
  }

  async #line(row) {
    const work = await this.queue.read(this.key, row);
    const said = row.state === "waiting" ? this.words.waiting : `${this.words.refused}: ${row.said}`;
    const line = element("li", {}, element("div", {}, element("b", { text: this.describe(work) }), element("span", { class: "meta", text: said })));
    if (row.state === "refused") line.firstChild.append(element("span", { class: "line" }, ...this.#decisions(row, work)));
    return line;
  }

  #decisions(row, work) {
    const again = button(this.words.again, async () => { await this.queue.again(row); await this.again(); });
    const drop = button(this.words.delete, async () => {
      if (confirm(this.words.drop)) { await this.queue.done(row.id); await this.show(); }
    }, { look: "quiet" });
    return [...this.choices(row, work), again, drop];
  }
}
