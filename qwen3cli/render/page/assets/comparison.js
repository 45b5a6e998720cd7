(() => {
  const button = document.getElementById("differences");
  const shown = document.querySelectorAll(".answer");
  const marked = document.querySelectorAll(".marked");
  if (shown.length < 2) return;
  button.hidden = false;
  button.addEventListener("click", () => {
    const on = button.getAttribute("aria-pressed") !== "true";
    button.setAttribute("aria-pressed", String(on));
    shown.forEach((each) => { each.hidden = on; });
    marked.forEach((each) => { each.hidden = !on; });
  });
})();
