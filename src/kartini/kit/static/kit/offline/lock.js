// The lock before a page (kit/offline/_lock.html): a PIN is chosen, opens the vault, or is renewed with a signal.
import { $, from } from "./dom.js";
import { WrongPin } from "./vault.js";

const HIDDEN_TOO_LONG = 15 * 60_000;

/** `opened(keys)` is called once the vault is open. `key` is the address of the recovery key. */
export class Lock {
  constructor({ vault, words, key, opened }) {
    Object.assign(this, { vault, words, key, opened });
    $("kunci").addEventListener("submit", (event) => { event.preventDefault(); this.#enter(); });
    $("lupa").addEventListener("click", () => this.show("renew"));
  }

  async start() {
    await this.show((await this.vault.row) ? "open" : "make");
  }

  show(mode, fault = "") {
    $("kunci-judul").textContent = this.words[`${mode}-title`];
    $("kunci-petunjuk").textContent = this.words[mode === "open" ? "open-hint" : "make-hint"];
    $("kunci").dataset.mode = mode;
    $("lupa").hidden = mode !== "open";
    $("pin-galat").textContent = fault;
    $("pin").value = "";
    $("kunci").hidden = false;
    $("pin").focus();
  }

  async #enter() {
    const { mode } = $("kunci").dataset;
    if (this.busy) return;
    this.#work(true);
    try {
      const keys = await this.#keys(mode, $("pin").value);
      $("kunci").hidden = true;
      this.#lockWhenLeft();
      await this.opened(keys);
    } catch (fault) {
      this.show(mode, this.#said(fault));
    } finally {
      this.#work(false);
    }
  }

  /** Making the key from a PIN takes a second on an old phone, on purpose. */
  #work(busy) {
    this.busy = busy;
    $("kunci").setAttribute("aria-busy", String(busy));
  }

  async #keys(mode, pin) {
    if (mode === "open") return this.vault.unlock(pin);
    if (!/^[0-9]{4,12}$/.test(pin)) throw new Error(this.words.short);
    const recovery = await this.#recovery();
    return mode === "make" ? this.vault.create(pin, recovery) : this.vault.recover(recovery, pin);
  }

  async #recovery() {
    try {
      return Uint8Array.from(atob((await from(this.key)).key), (letter) => letter.charCodeAt(0));
    } catch {
      throw new Error(this.words["need-net"]);
    }
  }

  #said(fault) {
    if (!(fault instanceof WrongPin)) return fault.message;
    return fault.left > 0 ? `${this.words.wrong} ${fault.left}` : this.words.wiped;
  }

  /** A phone that lay hidden for long asks again. */
  #lockWhenLeft() {
    let since = Infinity;
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "hidden") since = Date.now();
      else if (Date.now() - since > HIDDEN_TOO_LONG) location.reload();
    });
  }
}
