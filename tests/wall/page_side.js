/** What the tests ask a wall's page about itself; runs in the page before its own scripts. */
window.WebSocket = class extends WebSocket {
  constructor(...given) {
    super(...given);
    this.addEventListener("message", ({ data }) => {
      const [, to = "-1"] = /"to":(\d+)/.exec(String(data)) ?? [];
      window.seen.told = Math.max(window.seen.told, Number(to));
      if (/"beat",.*?"now":"/.test(String(data))) window.seen.beats += 1;
    });
  }
};
window.seen = (() => {
  const ORBIT = 4;
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const visible = (node) => node.checkVisibility({ visibilityProperty: true, opacityProperty: true });
  const wordsOf = (selector) => all(selector).map((node) => node.textContent);
  const unit = () => document.querySelector(".map-ruler").getBoundingClientRect().width / 1000;
  const boxOf = (node) => {
    const { x, y, width, height } = node.getBoundingClientRect();
    return { x: x + width / 2, y: y + height / 2, width, height };
  };
  /** Text nodes that can be seen, with what is around them. */
  const texts = () => {
    const walker = document.createTreeWalker(document.querySelector(".wall"), NodeFilter.SHOW_TEXT);
    const found = [];
    while (walker.nextNode()) {
      const parent = walker.currentNode.parentElement;
      if (walker.currentNode.data.trim() !== "" && visible(parent)) found.push(parent);
    }
    return found;
  };
  return {
    told: -1, beats: 0, samples: [], flips: [], shifts: [], added: [], changes: new Map(), tasks: [],
    clock: () => document.querySelector(".clock-time").textContent,
    marks: () => wordsOf(".cluster-name, .cluster-count").join("|"),
    numbers: (selector) => wordsOf(selector).map((words) => Number(words.replaceAll(".", ""))),
    hatched: () => getComputedStyle(document.querySelector(".cluster > .symbol .shape")).fill.includes("url"),
    quiet: () => Object.fromEntries(all(':is(.row, .late-row)[data-id]:not([data-shown="false"])').map((row) => [row.dataset.id, row.querySelector(".symbol").dataset.quiet])),
    filled: () => {
      const shape = document.querySelector('.band .symbol[data-flash="true"] .shape');
      return getComputedStyle(shape).fill !== getComputedStyle(document.documentElement).backgroundColor;
    },
    sample: () => setInterval(() => window.seen.samples.push(window.seen.filled()), 20),
    watchFlips: () => {
      const tell = () => window.seen.flips.push([performance.timeOrigin + performance.now(), document.documentElement.dataset.flash]);
      new MutationObserver(tell).observe(document.documentElement, { attributeFilter: ["data-flash"] });
    },
    flashing: () => all('[data-flash="true"]').filter(visible).map((node) => ({
      ...boxOf(node.querySelector(".shape")), words: node.textContent.trim(), name: node.tagName,
    })),
    /** Symbols that are fainter than their colour, by themselves or by what they stand in. */
    faint: () => all(".symbol").filter(visible).flatMap((svg) => {
      const around = [...svg.querySelectorAll(".shape, .ring")];
      for (let node = svg; node; node = node.parentElement) around.push(node);
      const styles = around.map((node) => [node, getComputedStyle(node)]);
      return styles.filter(([, { opacity, filter, fillOpacity, strokeOpacity }]) => [opacity, fillOpacity, strokeOpacity].some((n) => Number(n) < 1) || filter !== "none").map(([node]) => node.outerHTML.slice(0, 60));
    }),
    /** Symbols whose ring says that somebody must act and that have no "!". */
    unmarked: () => all('.symbol[data-ring="strong"]').filter(visible).filter((svg) => getComputedStyle(svg.querySelector(".bang")).display === "none").map((svg) => svg.outerHTML.slice(0, 60)),
    /** Of each that flashes: its box, and the colours of its shape as it is now, without and within. */
    flashBoxes: () => all('[data-flash="true"]').filter(visible).map((node) => {
      const shape = node.querySelector(".shape");
      const { fill, stroke, strokeWidth } = getComputedStyle(shape);
      return { box: boxOf(shape), d: shape.getAttribute("d"), fill, stroke, width: parseFloat(strokeWidth) };
    }),
    /** Width in px of the outline of the first that flashes, and whether its "!" stands there. */
    outline: () => {
      const svg = document.querySelector('.band .symbol[data-flash="true"]');
      const perUnit = svg.getBoundingClientRect().width / svg.viewBox.baseVal.width;
      const width = parseFloat(getComputedStyle(svg.querySelector(".shape")).strokeWidth) * perUnit * 0.8;
      return [width, getComputedStyle(svg.querySelector(".bang")).display];
    },
    kept: async () => {
      const files = new Set((await (await caches.open("liveroom-wall")).keys()).map(({ url }) => new URL(url).pathname));
      const used = performance.getEntriesByType("resource").map(({ name }) => new URL(name)).filter(({ origin, pathname }) => origin === location.origin && pathname.startsWith("/static/"));
      const { openDB } = await import("/static/vendor/idb/build/index.js");
      const copy = await (await openDB("liveroom-wall", 1)).get("copy", "last");
      return files.has("/wall") && used.length > 4 && used.every(({ pathname }) => files.has(pathname)) && copy !== undefined;
    },
    /** Every visible text's capital height in px. */
    capitals: (ratio) => texts().map((node) => ({ words: node.textContent.trim(), name: node.className, cap: parseFloat(getComputedStyle(node).fontSize) * ratio })),
    /** Numbers that do not fit their box, and texts that leave the wall. */
    cut: () => texts().filter((node) => /^[\d.,]+$/.test(node.textContent.trim()) && node.scrollWidth > node.clientWidth + 1 && getComputedStyle(node).overflow !== "visible").map((node) => node.className),
    outside: () => {
      const wall = document.querySelector(".wall").getBoundingClientRect();
      return texts().filter((node) => {
        const box = node.getBoundingClientRect();
        return box.left < wall.left - 1 || box.right > wall.right + 1 || box.top < wall.top - 1 || box.bottom > wall.bottom + 1;
      }).map((node) => `${node.className}: ${node.textContent.trim()}`);
    },
    /** Texts whose ink crosses one of the lines, given in px across and down, wherever the orbit (CR-67) has moved them. */
    across: (columns, rows) => {
      const { m41, m42 } = new DOMMatrix(getComputedStyle(document.querySelector(".wall")).transform);
      const meets = (from, to, lines) => lines.some((line) => from - ORBIT < line && to + ORBIT > line);
      return texts().flatMap((node) => {
        const range = document.createRange();
        range.selectNodeContents(node);
        const em = parseFloat(getComputedStyle(node).fontSize);
        const end = getComputedStyle(node).overflowX === "hidden" ? node.getBoundingClientRect().right : Infinity;
        return [...range.getClientRects()].flatMap(({ left, right: reach, top, height }) => {
          const right = Math.min(reach, end);
          const base = top - m42 + (height * 1.025) / 1.3;
          const bottom = base + (/[gjpqy,;()]/.test(node.textContent) ? 0.2 : 0.02) * em;
          const crosses = meets(left - m41, right - m41, columns) || meets(base - 0.74 * em, bottom, rows);
          return crosses ? [`${node.className}: ${node.textContent.trim()}`] : [];
        });
      });
    },
    /** The longest run of pixels of one colour in a row of a canvas. */
    longestRun: (selector, [r, g, b]) => {
      const canvas = document.querySelector(selector);
      const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
      let [longest, run] = [0, 0];
      for (let i = 0; i < data.length; i += 4) {
        run = data[i] === r && data[i + 1] === g && data[i + 2] === b && (i / 4) % canvas.width !== 0 ? run + 1 : 0;
        longest = Math.max(longest, run);
      }
      return longest;
    },
    /** What still has a colour of live data on a scene, shown as if it were the one that is up; what says that the data is lost aside. */
    coloured: (scene) => {
      document.documentElement.dataset.scene = scene;
      for (const one of document.querySelectorAll(".scene")) one.dataset.up = String(one.matches(`.scene-${scene}`));
      const hex = (name) => [...document.styleSheets].flatMap(({ cssRules }) => [...cssRules]).find(({ selectorText }) => selectorText === ":root").style.getPropertyValue(name).trim();
      const rgb = (colour) => "rgb(" + [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16)).join(", ") + ")";
      const live = new Set(["--waiting", "--in-process", "--done", "--alarm", "--text", "--land-calling"].map((name) => rgb(hex(name))));
      const seen = (node) => node.checkVisibility({ visibilityProperty: true, opacityProperty: true });
      const nodes = [...document.querySelectorAll(".wall *")].filter((node) => seen(node) && !node.closest(".lost-band, .lost-advice, .as-of, .chip"));
      const found = nodes.flatMap((node) => {
        const look = getComputedStyle(node);
        const words = [...node.childNodes].some(({ nodeType, data }) => nodeType === 3 && data.trim());
        const drawn = node instanceof SVGGeometryElement ? [look.fill, look.stroke] : [look.backgroundColor, ...(parseFloat(look.borderTopWidth) ? [look.borderTopColor] : [])];
        return [...(words ? [look.color] : []), ...drawn].some((colour) => live.has(colour)) ? [node.className.baseVal ?? node.className] : [];
      });
      const vivid = [...document.querySelectorAll("canvas")].filter((canvas) => seen(canvas) && canvas.width).some((canvas) => {
        const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
        for (let i = 0; i < data.length; i += 4) if (data[i + 3] > 200 && Math.max(data[i], data[i + 1], data[i + 2]) - Math.min(data[i], data[i + 1], data[i + 2]) > 60) return true;
        return false;
      });
      return [nodes.length > 60, [...new Set(found)], vivid, seen(document.querySelector(".lost-what"))];
    },
    /** The ink of each visible text, [words, left, right, top, bottom, whether it stands on every scene, which], and the inside of a drill's frame. */
    inked: (always) => {
      const texts = [...document.querySelectorAll(".wall *")].filter((node) => node instanceof HTMLElement && !node.closest(".drill-frame, .map-marks")
        && [...node.childNodes].some(({ nodeType, data }) => nodeType === 3 && data.trim()) && node.checkVisibility({ visibilityProperty: true, opacityProperty: true }));
      const ink = texts.flatMap((node, i) => {
        const range = document.createRange();
        range.selectNodeContents(node);
        const size = parseFloat(getComputedStyle(node).fontSize);
        const box = node.getBoundingClientRect();
        const end = getComputedStyle(node).overflowX === "hidden" ? box.right : Infinity;
        return [...range.getClientRects()].filter(({ width }) => width > 1).map(({ left, right, top, height }) => {
          const base = top + (height * 1.025) / 1.3;
          const below = /[gjpqy,;()]/.test(node.textContent) ? 0.2 : 0.02;
          return [node.textContent, left, Math.min(right, end), base - 0.72 * size, base + below * size, node.closest(always) !== null, i];
        });
      });
      const frame = document.querySelector(".drill-frame");
      const [box, look] = [frame.getBoundingClientRect(), getComputedStyle(frame)];
      const width = (side) => parseFloat(look[`border${side}Width`]);
      return [ink, [box.left + width("Left"), box.right - width("Right"), box.top + width("Top"), box.bottom - width("Bottom")]];
    },
    controls: () => all("button, a[href], input, select, textarea, [role=button], [tabindex], [contenteditable]").filter(visible).map((node) => node.outerHTML.slice(0, 80)),
    moving: () => document.getAnimations().length,
    words: () => document.documentElement.outerHTML,
    unit,
    watchLayout: () => {
      new PerformanceObserver((list) => window.seen.shifts.push(...list.getEntries().map(({ value }) => value))).observe({ type: "layout-shift", buffered: true });
      new PerformanceObserver((list) => window.seen.tasks.push(...list.getEntries().map(({ duration }) => duration))).observe({ type: "longtask" });
      const grew = (records) => window.seen.added.push(...records.flatMap(({ addedNodes, removedNodes }) => [...addedNodes, ...removedNodes]).filter(({ nodeType }) => nodeType === 1).map(({ className }) => String(className)));
      new MutationObserver(grew).observe(document.querySelector(".wall"), { childList: true, subtree: true });
    },
    /** When each number of the wall was written, ms. */
    watchNumbers: () => {
      const note = (records) => {
        for (const { target } of records) {
          const node = target.nodeType === 1 ? target : target.parentElement;
          if (!node?.matches(".figure, .cluster-count, .board-shown, .done-count, .surge-count, .band-overdue")) continue;
          const name = `${node.className} ${all(`.${node.className.split(" ")[0]}`).indexOf(node)}`;
          window.seen.changes.set(name, [...(window.seen.changes.get(name) ?? []), performance.now()]);
        }
      };
      new MutationObserver(note).observe(document.querySelector(".wall"), { childList: true, characterData: true, subtree: true });
    },
    /** The least time between two writings of one number, ms, and how many were written. */
    pace: () => {
      const spans = [...window.seen.changes.values()].flatMap((times) => times.slice(1).map((at, i) => at - times[i]));
      return { least: Math.min(...spans), n: spans.length };
    },
    /** A picture's 24x24 fields: 1 where it differs from its corner by more than a shade of grey. */
    fields: async (base64) => {
      const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
      const canvas = new OffscreenCanvas(24, 24);
      const pen = canvas.getContext("2d");
      pen.drawImage(await createImageBitmap(new Blob([bytes], { type: "image/png" })), 0, 0, 24, 24);
      const { data } = pen.getImageData(0, 0, 24, 24);
      return Array.from({ length: 576 }, (_, i) => (Math.abs(data[4 * i] - data[0]) > 24 ? 1 : 0));
    },
    /** As the browser does it when its graphics process dies: the picture is gone, and a moment later may be drawn again. */
    loseCanvas: () => {
      for (const canvas of all(".incident-canvas")) {
        canvas.getContext("2d").reset();
        canvas.dispatchEvent(new Event("contextlost"));
        setTimeout(() => canvas.dispatchEvent(new Event("contextrestored")), 50);
      }
    },
    canvasKinds: () => all(".incident-canvas").map((canvas) => canvas.dataset.kind ?? "ordinary"),
    mapInk: () => {
      const data = all(".incident-canvas").map((canvas) => canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data);
      return data.reduce((sum, pixels) => sum + pixels.reduce((ink, value) => ink + (value > 0 ? 1 : 0), 0), 0);
    },
  };
})();
