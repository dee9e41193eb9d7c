/**
 * Entry of a sent report's page: its link can be copied or shared, and this device remembers it.
 */
import { remember } from "./device_store.js";

const button = document.getElementById("copy");
const shown = document.getElementById("link");
const number = document.querySelector(".number")?.textContent ?? "";

if (button && shown) {
  const address = new URL(location.pathname, location.href).href;
  shown.textContent = address;
  button.hidden = false;
  button.addEventListener("click", async () => {
    try {
      if (navigator.share) await navigator.share({ title: number, url: address });
      else await navigator.clipboard.writeText(address);
      button.textContent = button.dataset["done"] ?? "";
    } catch {
      getSelection()?.selectAllChildren(shown);
    }
  });
  remember({ link: location.pathname, number, at: Date.now() }).catch(() => undefined);
}
