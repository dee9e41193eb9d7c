/**
 * The person who is logged in, as the server wrote it into the page.
 */

/** @param {Document} page @returns {import("./feed/http.js").Who | null} who is logged in, as the server wrote it into the page */
export function whoIn(page) {
  return JSON.parse(page.querySelector("#who")?.textContent || "null");
}
