"use strict";
(() => {
  const root = document.documentElement;
  const button = document.getElementById("theme");
  const system = matchMedia("(prefers-color-scheme: dark)");
  const key = "qwen3-theme";
  // A page opened from a file may be denied its storage: then the choice lasts as long as the page.
  const stored = () => { try { return localStorage.getItem(key); } catch { return null; } };
  const store = (value) => { try { localStorage.setItem(key, value); } catch { /* lasts as long as the page */ } };
  const isDark = () => (root.dataset.theme || (system.matches ? "dark" : "light")) === "dark";
  const show = () => button.setAttribute("aria-pressed", String(isDark()));
  const chosen = stored();
  if (chosen === "dark" || chosen === "light") root.dataset.theme = chosen;
  button.addEventListener("click", () => {
    root.dataset.theme = isDark() ? "light" : "dark";
    store(root.dataset.theme);
    show();
  });
  system.addEventListener("change", show);
  show();
  // The title in the bar waits until the one in the text has gone.
  const heading = document.querySelector("h1");
  const title = document.querySelector(".bar-title");
  if (heading) {
    new IntersectionObserver(([seen]) => title.classList.toggle("waits", seen.isIntersecting)).observe(heading);
  }
  const print = document.getElementById("print");
  print.addEventListener("click", () => window.print());
  button.hidden = print.hidden = false;
})();
