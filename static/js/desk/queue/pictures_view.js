/**
 * The pictures of a complaint: shown when they are the room's own files, else as links that tell nobody where one comes from.
 */
import { element, mark } from "../../views/text.js";

/** @typedef {{id: string, kind?: string, url?: string}} Picture */

/** @param {string} url @returns {URL | null} null for what is no web address */
function addressOf(url) {
  try {
    const address = new URL(url, location.href);
    return address.protocol === "https:" || address.origin === location.origin ? address : null;
  } catch {
    return null;
  }
}

/** @param {HTMLElement} list @param {import("./row_words.js").QueueRoom} room @returns {(pictures: readonly Picture[]) => void} */
export function mountPictures(list, { queue }) {
  let shown = "[]";
  return (pictures) => {
    const now = JSON.stringify(pictures);
    if (now === shown) return;
    shown = now;
    list.replaceChildren(...pictures.flatMap(({ url }, i) => {
      const address = addressOf(url ?? "");
      return address ? [picture(address, queue("picture_n", { n: i + 1 }))] : [];
    }));
  };
}

/** @param {URL} address @param {string} words */
function picture(address, words) {
  const own = address.origin === location.origin;
  const image = element("img", "picture");
  for (const [name, value] of Object.entries({ src: address.href, alt: words, loading: "lazy" })) if (own) mark(image, name, value);
  const link = element("a", own ? "picture-link" : "link", own ? image : `${words}: ${address.host}`);
  for (const [name, value] of Object.entries({ href: address.href, target: "_blank", rel: "noopener noreferrer" })) mark(link, name, value);
  return element("li", "", link);
}
