// What a reader of the page in a frame would find: its width, colours, tables, pictures, and how headings sort.

const luminance = (rgb) => {
  const [r, g, b] = rgb.map((v) => (v <= 10.31475 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
const contrastOf = (one, other) => {
  const [low, high] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
};
const colour = (text) => {
  const [r, g, b, a = 1] = text.match(/[\d.]+/g).map(Number);
  return { rgb: [r, g, b], a };
};
const over = (top, under) => top.rgb.map((v, i) => v * top.a + under[i] * (1 - top.a));

function backgroundOf(element, window) {
  const above = [];
  for (let at = element; at; at = at.parentElement) above.unshift(colour(window.getComputedStyle(at).backgroundColor));
  return above.reduce((under, top) => over(top, under), [255, 255, 255]);
}

function worstContrast(document, window) {
  let worst = { ratio: 21, text: "", count: 0 };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    const text = walker.currentNode.textContent.trim();
    if (!text || !element.checkVisibility() || element.closest("script, title, desc")) continue;
    const style = window.getComputedStyle(element);
    const under = backgroundOf(element, window);
    const ratio = contrastOf(over(colour(element.closest("svg") ? style.fill : style.color), under), under);
    worst.count += 1;
    if (ratio < worst.ratio) worst = { ...worst, ratio, text };
  }
  return worst;
}

function groupsOf(table) {
  return [...table.tBodies].map((body) =>
    [...body.rows].filter((row) => !row.classList.contains("group")).map((row) => row.cells[0].textContent));
}

function sorting(table) {
  const headings = [...table.tHead.rows[0].cells];
  return headings.map((heading) => {
    const pressed = [0, 1].map(() => {
      heading.querySelector("button").click();
      const aria = headings.map((one) => one.getAttribute("aria-sort"));
      return { aria: heading.getAttribute("aria-sort"), others: aria.filter((one) => one !== "none").length, groups: groupsOf(table) };
    });
    return { title: heading.textContent, pressed };
  });
}

function remote(element) {
  const given = ["src", "srcset", "href", "xlink:href", "data", "action", "poster"].map((name) => element.getAttribute(name));
  return element.tagName !== "A" && given.some((value) => value && !value.startsWith("#"));
}

function look(frame) {
  const [document, window] = [frame.contentDocument, frame.contentWindow];
  const all = (selector) => [...document.querySelectorAll(selector)];
  return {
    width: window.innerWidth,
    scroll: document.documentElement.scrollWidth,
    dark: window.matchMedia("(prefers-color-scheme: dark)").matches,
    background: window.getComputedStyle(document.documentElement).backgroundColor,
    contrast: worstContrast(document, window),
    loaded: window.performance.getEntriesByType("resource").map((entry) => entry.name),
    remote: all("*").filter(remote).map((element) => element.outerHTML.slice(0, 200)),
    links: all("a").map((a) => a.getAttribute("href")),
    dead: all("a").map((a) => a.getAttribute("href")).filter((href) => !document.getElementById(href.slice(1))),
    navigation: all("nav a").map((a) => a.getAttribute("href")),
    sections: all("main > section").map((section) => `#${section.id}`),
    tables: all("table").map((table) => ({
      caption: table.caption?.textContent.trim() ?? "",
      bare: [...table.querySelectorAll("th")].filter((th) => !th.scope).length,
      headings: table.querySelectorAll("th").length,
    })),
    pictures: all("svg").map((svg) =>
      svg.getAttribute("aria-label") || [svg.querySelector("title"), svg.querySelector("desc")].map((e) => e?.textContent.trim() ?? "").join(": ")),
    sorted: Object.fromEntries(all("table.sortable").map((table) => [table.id, sorting(table)])),
  };
}

window.onload = () => {
  const found = {};
  for (const frame of document.querySelectorAll("iframe")) {
    try {
      found[frame.name] = look(frame);
    } catch (error) {
      found[frame.name] = { error: String(error) };
    }
  }
  document.getElementById("found").textContent = JSON.stringify(found);
};
