(() => {
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];

  // The contents: closed where they stand above the text, and the part that is read is marked.
  const contents = document.querySelector(".contents details");
  const isWide = matchMedia("(min-width: 68rem)");
  const fold = () => { if (contents) contents.open = isWide.matches; };
  isWide.addEventListener("change", fold);
  fold();
  const links = new Map(all(".contents a").map((link) => [link.hash.slice(1), link]));
  const reading = new IntersectionObserver((entries) => {
    for (const entry of entries) {
      if (!entry.isIntersecting) continue;
      for (const link of links.values()) link.removeAttribute("aria-current");
      links.get(entry.target.id)?.setAttribute("aria-current", "true");
    }
  }, { rootMargin: "-20% 0px -70% 0px" });
  all("main > section[id]").forEach((section) => reading.observe(section));

  // Charts move once, when they come into view.
  const arriving = new IntersectionObserver((entries) => {
    for (const entry of entries) {
      if (!entry.isIntersecting) continue;
      entry.target.classList.add("seen");
      arriving.unobserve(entry.target);
    }
  }, { threshold: 0.3 });
  all(".figure").forEach((figure) => arriving.observe(figure));

  // The timeline: a step is one event, with the buttons and the arrow keys.
  for (const timeline of all(".timeline")) {
    const strip = timeline.querySelector("ol");
    const events = all("li", strip);
    const steps = timeline.querySelector(".steps");
    const [back, on] = all("button", steps);
    const sign = getComputedStyle(strip).direction === "rtl" ? -1 : 1;
    const offset = (event) => sign * (sign > 0 ? event.offsetLeft - strip.offsetLeft
      : event.offsetLeft + event.offsetWidth - strip.offsetLeft - strip.offsetWidth);
    const at = () => {
      const distances = events.map((event) => Math.abs(offset(event) - Math.abs(strip.scrollLeft)));
      return distances.indexOf(Math.min(...distances));
    };
    const show = () => {
      const place = Math.abs(strip.scrollLeft);
      const end = strip.scrollWidth - strip.clientWidth - 2;
      back.disabled = place < 2;
      on.disabled = place >= end;
      steps.hidden = end <= 0;
      events.forEach((event, index) => event.classList.toggle("here", index === at()));
    };
    const step = (by) => {
      const target = events[Math.max(0, Math.min(events.length - 1, at() + by))];
      strip.scrollTo({ left: sign * offset(target) });
    };
    steps.addEventListener("click", (click) => {
      const by = click.target.closest("button")?.dataset.step;
      if (by) step(Number(by));
    });
    strip.addEventListener("keydown", (press) => {
      const by = { ArrowRight: sign, ArrowLeft: -sign }[press.key];
      if (by === undefined) return;
      press.preventDefault();
      step(by);
    });
    strip.addEventListener("scroll", show, { passive: true });
    addEventListener("resize", show);
    show();
  }

  // Pictures: those in the file open large; one outside is fetched only when it is asked for.
  const viewer = document.getElementById("viewer");
  const viewed = document.getElementById("viewed");
  const enlarge = (picture) => {
    const large = picture.cloneNode();
    large.removeAttribute("role");
    large.removeAttribute("tabindex");
    viewed.replaceChildren(large);
    viewer.showModal();
  };
  const canEnlarge = (picture) => {
    picture.tabIndex = 0;
    picture.setAttribute("role", "button");
    picture.addEventListener("click", () => enlarge(picture));
    picture.addEventListener("keydown", (press) => {
      if (press.key === "Enter" || press.key === " ") { press.preventDefault(); enlarge(picture); }
    });
  };
  all(".pictures img").forEach(canEnlarge);
  viewer.addEventListener("click", (click) => { if (click.target === viewer) viewer.close(); });
  for (const link of all("a[data-picture]")) {
    link.addEventListener("click", (click) => {
      click.preventDefault();
      const picture = new Image();
      picture.referrerPolicy = "no-referrer";
      picture.alt = link.dataset.picture;
      picture.src = link.href;
      picture.addEventListener("error", () => picture.replaceWith(link));
      link.replaceWith(picture);
      canEnlarge(picture);
    });
  }
})();
