// Small words for building a page; text is always text, never markup.
export const $ = (id) => document.getElementById(id);

export function element(tag, { text = "", ...attributes } = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  if (text) made.textContent = text;
  made.append(...children);
  return made;
}

export function button(text, act, { look = "secondary", ...more } = {}) {
  const made = element("button", { type: "button", class: `button button--${look} button--small`, text, ...more });
  made.addEventListener("click", act);
  return made;
}

/** What a template left in `{{ … |json_script:"id" }}`. */
export const given = (id) => JSON.parse($(id).textContent);

/** JSON from the house; throws when it is away, or wants somebody to sign in. */
export async function from(url) {
  const answer = await fetch(url, { cache: "no-store", redirect: "manual" });
  if (!answer.ok) throw new Error("away");
  return answer.json();
}
